"""The alternatives to a plan: what they would take, and whether they fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from landbridge.config import ModelSettings
from landbridge.engines.choices import Choice, choices
from landbridge.engines.companions import Companions
from landbridge.engines.fit import NOTHING_AROUND
from landbridge.engines.hardware import Gpu, Machine
from landbridge.engines.order import Order
from landbridge.engines.plan import plan
from landbridge.errors import NoMemory
from tests.engines.shapes import PUBLISHED, facts

GIB = 1024**3


def laid_out(name: str, free: int, machine: Machine, **settings: Any) -> tuple[Choice, ...]:
    order = Order("m", Path("/m"), facts(name), "", ModelSettings(**settings), True, machine, Companions(),
                  NOTHING_AROUND, plan)  # fmt: skip
    try:
        return choices(order, free, order.fit(free))
    except NoMemory:
        return choices(order, free, None)


@example(name="Command R7B", memory=1, card=6)  # checkpoints do not fit beside the card, whole windows on it do
@given(name=st.sampled_from(sorted(PUBLISHED)), memory=st.integers(1, 64), card=st.integers(0, 24))
def test_what_fits_fits_and_the_plan_is_among_them(name: str, memory: int, card: int) -> None:
    machine = Machine(cores=8, gpus=(Gpu("g", card * GIB, card * GIB),) if card else ())
    found = laid_out(name, memory * GIB, machine)
    for each in found:
        assert each.fits == (each.memory <= memory * GIB) or each.vram > machine.vram
        assert each.vram <= machine.vram
    chosen = [each for each in found if each.chosen]
    assert len(chosen) <= 1
    assert len({(each.context, each.cache, each.slots) for each in found}) == len(found)


def test_a_table() -> None:
    found = laid_out("Llama 3.1 8B", 14 * GIB, Machine(cores=8))
    rows = {(each.context, each.cache, each.slots): (each.fits, each.chosen) for each in found}
    assert rows == {
        (8192, "f16", 1): (True, False),
        (16_384, "f16", 1): (True, False),
        (32_768, "f16", 1): (True, False),
        (43_008, "f16", 1): (True, True),
        (65_536, "f16", 1): (True, False),
        (131_072, "f16", 1): (False, False),
        (8192, "q8_0", 1): (True, False),
        (16_384, "q8_0", 1): (True, False),
        (32_768, "q8_0", 1): (True, False),
        (43_008, "q8_0", 1): (True, False),
        (65_536, "q8_0", 1): (True, False),
        (131_072, "q8_0", 1): (True, False),
        (43_008, "f16", 2): (False, False),
        (43_008, "f16", 4): (False, False),
    }
    memory = {(each.context, each.cache): each.memory for each in found if each.slots == 1}
    assert memory[32_768, "q8_0"] < memory[32_768, "f16"] < memory[65_536, "f16"]


def test_of_what_does_not_fit_at_all_it_is_said_what_it_would_take() -> None:
    found = laid_out("Llama 3.3 70B", 8 * GIB, Machine(cores=8))
    assert not any(each.fits or each.chosen for each in found)
    assert min(each.memory for each in found) > facts("Llama 3.3 70B").file_size


@pytest.mark.parametrize("layers", [81, 20])
def test_more_layers_than_a_card_holds_are_no_alternative(layers: int) -> None:
    small = Machine(cores=8, gpus=(Gpu("g", 4 * GIB, 4 * GIB),))
    assert laid_out("Llama 3.3 70B", 8 * GIB, small, gpu_layers=layers) == ()


def test_texts_to_embed_have_one_slot() -> None:
    assert {each.slots for each in laid_out("bge-m3", 8 * GIB, Machine(cores=8))} == {1}
