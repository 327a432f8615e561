"""Which layers go to the graphics card: as many as fit there, each with its part of the cache. Pure.

Memory of its own is what counts here; where processor and graphics card share one memory (Apple silicon) all layers go.
"""

from __future__ import annotations

from msgspec import Struct

from .facts import Facts
from .hardware import Machine
from .needs import BASE, MIB, Parts, repacking

CARD = 400 * MIB
"""Bytes that a driver and its libraries take on each card, and that stay free for the screen."""


class Placement(Struct, frozen=True):
    """Where a model's bytes are."""

    layers: int
    """On the card, the output among them: one more than the model has is all of it."""
    memory: int
    """Bytes of the machine's memory."""
    vram: int = 0
    """Bytes of the cards' own memory."""


def place(facts: Facts, parts: Parts, machine: Machine, wanted: int | None) -> Placement:
    """Where everything goes, with `wanted` layers on the card; None: as many as fit."""
    whole = facts.layers + 1
    if machine.unified:
        return Placement(whole if wanted is None else min(wanted, whole), parts.total)
    if not machine.gpus or wanted == 0:
        # Layers on a card that we do not see are counted as if they were not: rather too much than too little.
        return Placement(wanted or 0, parts.total)
    overhead = (CARD + parts.buffers - BASE) * len(machine.gpus)
    layers, outer = _weights(facts)
    each = -(-(layers + parts.cache) // max(1, facts.layers))
    room = machine.vram - overhead - each * (len(machine.gpus) - 1)  # no layer is split between two cards
    if wanted is None:
        count = min(facts.layers, max(0, room // each))
        count += 1 if count == facts.layers and room - count * each >= outer else 0
    else:
        count = min(wanted, whole)
    if count == 0:
        return Placement(0, parts.total)
    moved = min(count, facts.layers) * each + (outer if count > facts.layers else 0)
    unpacked = repacking(facts) * min(count, facts.layers) // max(1, facts.layers)  # cards take weights as they are
    left = max(0, parts.total - parts.buffers - moved - unpacked)
    return Placement(count, BASE + left, overhead + moved)


def _weights(facts: Facts) -> tuple[int, int]:
    """Bytes of the layers, and of the rest."""
    layers = facts.layer_bytes or facts.file_size * facts.layers // (facts.layers + 1)
    return layers, max(0, facts.file_size - layers)
