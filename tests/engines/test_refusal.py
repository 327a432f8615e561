"""A refusal has both numbers, never the same one twice, and a remedy that works."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.engines.fit import NOTHING_AROUND, Fit
from landbridge.engines.hardware import Gpu, Machine
from landbridge.engines.needs import Setup
from landbridge.engines.refusal import no_memory, too_short
from tests.engines.shapes import facts

GIB = 1024**3
LLAMA = facts("Llama 3.1 8B")
PLAIN = Machine()


def fit(gibibytes: float, machine: Machine = PLAIN, layers: int | None = None) -> Fit:
    return Fit(LLAMA, int(gibibytes * GIB), machine, NOTHING_AROUND, layers)


@pytest.mark.parametrize(
    ("setup", "memory", "fits", "remedy"),
    [
        (Setup(32_768), 7.0, 11_264, "Set its context to 11264 or less, or free memory."),
        (Setup(2048, slots=4), 5.6, 0, "Set its slots to 1, or free memory."),
        (Setup(8192), 5.8, 0, 'Set its cache_type_k and cache_type_v to "q8_0", or free memory.'),
        (Setup(8192), 3.0, 0, "Free memory, choose a smaller model, or raise engine.memory_limit."),
    ],
)
def test_the_remedy_is_the_smallest_change_that_helps(setup: Setup, memory: float, fits: int, remedy: str) -> None:
    assert no_memory(fit(memory), setup, fits).remedy == remedy


def test_the_card_is_named_where_it_is_the_one_that_is_full() -> None:
    small = Machine(gpus=(Gpu("g", 4 * GIB, 4 * GIB),))
    fault = no_memory(fit(32, small, 33), Setup(2048), 0)
    assert re.search(r"needs 5\.\d GiB of graphics memory .* but 4\.0 GiB are free", fault.message)
    assert fault.remedy == 'Set its gpu_layers to "auto", or free memory.'


@given(memory=st.floats(0, 20), context=st.integers(1, 1 << 17), slots=st.integers(1, 4))
def test_never_the_same_number_twice(memory: float, context: int, slots: int) -> None:
    checked, setup = fit(memory), Setup(context, slots=slots)
    if checked(setup):
        return
    said = no_memory(checked, setup, 0).message
    needed, free = (float(number) for number in re.findall(r"(\d+\.\d) GiB", said))
    assert needed > free


def test_a_short_context_is_told_with_what_an_agent_needs() -> None:
    said = too_short(8192, 24_576)
    assert "up to 24576 tokens" in said
    assert "a context of 8192 holds" in said
