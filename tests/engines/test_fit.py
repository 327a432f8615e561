"""What fits, what stays free beside it, and the longest context that fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from landbridge.engines.fit import NOTHING_AROUND, STEP, Around, Fit, shared_memory
from landbridge.engines.hardware import Gpu, Machine
from landbridge.engines.needs import Setup
from tests.engines.shapes import PUBLISHED, facts

GIB = 1024**3
LLAMA = facts("Llama 3.1 8B")
CARD = Machine(gpus=(Gpu("g", 24 * GIB, 24 * GIB),))


@given(name=st.sampled_from(sorted(PUBLISHED)), memory=st.integers(0, 64 * GIB), longest=st.integers(1, 1 << 18))
def test_the_longest_context_fits_and_a_step_more_does_not(name: str, memory: int, longest: int) -> None:
    fit, blank = Fit(facts(name), memory, Machine(), NOTHING_AROUND, None), Setup(0)
    found = fit.largest(blank, longest, fit)
    assert found <= longest
    assert found == 0 or fit(replace(blank, context=found))
    assert found == longest or not fit(replace(blank, context=found + STEP)) or found + STEP > longest


def test_what_stays_free_is_free_where_the_caches_are() -> None:
    setup = Setup(8192)
    here, there = (Fit(LLAMA, 32 * GIB, machine, NOTHING_AROUND, None) for machine in (Machine(), CARD))
    assert here.spare(setup) == here.left(setup) == 32 * GIB - here.parts(setup).total
    assert there.spare(setup) == 24 * GIB - there.place(setup).vram
    assert there.left(setup) > 31 * GIB
    assert there.whole(setup)
    assert not here.whole(setup)


def test_costs_are_differences() -> None:
    fit = Fit(LLAMA, 32 * GIB, Machine(), NOTHING_AROUND, None)
    more = fit.cost(Setup(8192, slots=2), Setup(8192))
    assert more == 8192 * LLAMA.kv_bytes_per_token + 8 * LLAMA.vocabulary


def test_what_runs_beside_it_counts() -> None:
    draft = facts("Llama 3.2 1B")
    alone, both = (
        Fit(LLAMA, GIB, Machine(), around, None).parts(Setup(4096)) for around in (NOTHING_AROUND, Around(draft, 77))
    )
    assert both.companions - alone.companions > draft.file_size + 4096 * draft.kv_bytes_per_token


@pytest.mark.parametrize(("memory", "share"), [(16, 16 * 2 / 3), (36, 24), (64, 48)])
def test_apple_silicon_lends_only_a_part(memory: int, share: float) -> None:
    machine = Machine(unified=True, memory=memory * GIB)
    assert shared_memory(machine) == int(share * GIB)
    assert Fit(LLAMA, 60 * GIB, machine, NOTHING_AROUND, None).memory == int(share * GIB)
    assert Fit(LLAMA, GIB, machine, NOTHING_AROUND, None).memory == GIB
