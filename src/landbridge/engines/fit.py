"""Whether a way to run a model fits, what stays free beside it, and the longest context that fits. Pure."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from .facts import Facts
from .hardware import Machine
from .needs import Parts, Setup, parts
from .offload import Placement, place

STEP = 256
"""Contexts are multiples of this."""
SMALL_APPLE, SMALL_SHARE, LARGE_SHARE = 36 * 1024**3, 2 / 3, 3 / 4
"""Where memory is shared, the system lets the graphics card have two thirds of it, above 36 GB three quarters."""


class Around(Struct, frozen=True):
    """What runs beside the model, and is run by its engine."""

    draft: Facts | None = None
    """A small model that guesses ahead."""
    files: int = 0
    """Bytes of projector and adapters."""


NOTHING_AROUND = Around()


class Fit:
    """A model and the memory there is for it."""

    def __init__(self, facts: Facts, memory: int, machine: Machine, around: Around, layers: int | None) -> None:
        self.facts, self.machine, self.around = facts, machine, around
        self.memory = min(memory, shared_memory(machine)) if machine.unified and machine.memory else memory
        self.layers = layers
        """Layers on the graphics card, where the settings say so."""

    def parts(self, setup: Setup) -> Parts:
        """Where the bytes go."""
        files, draft = self.around.files, self.around.draft
        if draft is not None:
            files += parts(draft, Setup(setup.context, setup.slots, setup.ubatch)).total
        return parts(self.facts, setup, files)

    def place(self, setup: Setup) -> Placement:
        """In which memory they are."""
        return place(self.facts, self.parts(setup), self.machine, self.layers)

    def __call__(self, setup: Setup) -> bool:
        """Whether there is memory for it."""
        placed = self.place(setup)
        return placed.memory <= self.memory and placed.vram <= self.machine.vram

    def whole(self, setup: Setup) -> bool:
        """Whether it fits and all of it is on the graphics card."""
        return self(setup) and self.place(setup).layers > self.facts.layers

    def spare(self, setup: Setup) -> int:
        """Bytes that stay free where its caches are: on the card, if all layers are there."""
        placed = self.place(setup)
        if self.machine.gpus and placed.layers > self.facts.layers:
            return self.machine.vram - placed.vram
        return self.memory - placed.memory

    def left(self, setup: Setup) -> int:
        """Bytes of the machine's memory that stay free."""
        return max(0, self.memory - self.place(setup).memory)

    def cost(self, more: Setup, less: Setup) -> int:
        """Bytes that one way takes more than another."""
        return self.parts(more).total - self.parts(less).total

    def largest(self, blank: Setup, longest: int, holds: Callable[[Setup], bool]) -> int:
        """The longest context for which something holds that holds for all shorter ones."""
        if holds(replace(blank, context=longest)):
            return longest
        low, high = 0, longest // STEP + 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if holds(replace(blank, context=middle * STEP)) else (low, middle)
        return low * STEP


def shared_memory(machine: Machine) -> int:
    """Bytes that models may take where processor and graphics card share the memory."""
    return int(machine.memory * (SMALL_SHARE if machine.memory <= SMALL_APPLE else LARGE_SHARE))
