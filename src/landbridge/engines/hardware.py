"""What a machine has, as far as running models is concerned. Pure; `machine.py` looks."""

from __future__ import annotations

from msgspec import Struct


class Gpu(Struct, frozen=True):
    """A graphics card with memory of its own."""

    name: str
    memory: int
    """Bytes it has."""
    free: int
    """Bytes nobody uses at the moment."""


class Machine(Struct, frozen=True):
    """Cores and graphics cards. How much memory is free is asked anew for each plan, and is not in here."""

    cores: int = 1
    """Physical ones."""
    fast_cores: int = 0
    """Those of them that are fast ones, on processors with two kinds; 0: all are alike."""
    gpus: tuple[Gpu, ...] = ()
    unified: bool = False
    """Whether the processor's memory is the graphics card's as well (Apple silicon)."""
    memory: int = 0
    """Bytes of memory it has, or the container may use; 0: not known."""

    @property
    def threads(self) -> int:
        """Threads for an engine: a core is left for everything else, and slow cores hold fast ones up."""
        spare = max(1, self.cores - 1)
        return min(spare, self.fast_cores) if self.fast_cores else spare

    @property
    def vram(self) -> int:
        """Free bytes of all graphics cards."""
        return sum(gpu.free for gpu in self.gpus)
