"""Layers go to the card as long as it holds them, and what is there is not here."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.engines.hardware import Gpu, Machine
from landbridge.engines.needs import Setup, parts
from landbridge.engines.offload import CARD, place
from tests.engines.shapes import PUBLISHED, facts

GIB = 1024**3
LLAMA = facts("Llama 3.1 8B")
TOTAL = parts(LLAMA, Setup(8192))


def card(*gibibytes: float) -> Machine:
    return Machine(cores=4, gpus=tuple(Gpu("g", int(size * GIB), int(size * GIB)) for size in gibibytes))


@pytest.mark.parametrize(
    ("machine", "wanted", "layers"),
    [
        (card(24), None, 33),
        (card(6), None, 32),
        (card(4), None, 20),
        (card(3, 3), None, 28),  # less than one of 6: two drivers, and no layer is split
        (card(0.4), None, 0),
        (card(24), 0, 0),
        (card(24), 10, 10),
        (card(24), 99, 33),
        (Machine(), None, 0),
        (Machine(), 5, 5),
        (Machine(unified=True), None, 33),
        (Machine(unified=True), 4, 4),
    ],
)
def test_layers(machine: Machine, wanted: int | None, layers: int) -> None:
    assert place(LLAMA, TOTAL, machine, wanted).layers == layers


def test_where_memory_is_shared_or_no_card_is_seen_all_counts_here() -> None:
    for machine in (Machine(), Machine(unified=True)):
        placed = place(LLAMA, TOTAL, machine, None)
        assert (placed.memory, placed.vram) == (TOTAL.total, 0)


@given(
    name=st.sampled_from(sorted(PUBLISHED)),
    sizes=st.lists(st.integers(0, 48), min_size=1, max_size=3),
    context=st.integers(256, 1 << 17),
)
def test_nothing_is_lost_and_no_card_overflows(name: str, sizes: list[int], context: int) -> None:
    known, machine = facts(name), card(*sizes)
    total = parts(known, Setup(context))
    placed = place(known, total, machine, None)
    assert placed.vram <= machine.vram
    assert 0 <= placed.layers <= known.layers + 1
    assert placed.memory <= total.total
    if placed.layers:
        assert placed.memory + placed.vram >= total.cache + total.companions + known.file_size
        assert placed.vram >= CARD * len(sizes)
