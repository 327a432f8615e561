"""How much of the machine is used: processor, memory, graphics cards.

Called on an event loop it never waits: cards are asked in a thread, and what it gives is what they said last.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from msgspec import Struct

from ..config import EngineSettings
from .hardware import Gpu
from .machine import accelerated, cores, memory, nvidia
from .room import available


class Load(Struct, frozen=True, kw_only=True):
    """What there is, and what is used of it."""

    cores: int
    cpu: float
    """Per cent of all cores, since the last look."""
    memory: int
    """Bytes there are, or that the container may use."""
    free: int
    """Bytes of them that are free, or would be at once."""
    limit: int | None
    """Bytes that all engines together may take, where the settings say so."""
    gpus: tuple[Gpu, ...]
    used_by_engine: bool
    """Whether the engine can use the cards."""


class Gauge:
    """Looks when it is called."""

    def __init__(self, engine: Callable[[], EngineSettings]) -> None:
        self._engine = engine
        self._gpus: tuple[Gpu, ...] = ()
        self._usable = False
        self._cores = 0
        self._asking: threading.Thread | None = None

    def __call__(self) -> Load:
        """What is used now; of cards, what they said last."""
        if self._asking is None or not self._asking.is_alive():
            self._asking = threading.Thread(target=self._ask, name="graphics cards", daemon=True)
            self._asking.start()
        return self._load()

    def look(self) -> Load:
        """The same, when the cards have answered."""
        self._ask()
        return self._load()

    def _ask(self) -> None:
        self._gpus = tuple(nvidia())
        self._usable = bool(self._gpus) and (self._engine().command is not None or accelerated())

    def _load(self) -> Load:
        import psutil  # only here: a router that runs no engine does not need it

        self._cores = self._cores or cores()
        return Load(
            cores=self._cores,
            cpu=psutil.cpu_percent(),
            memory=memory(),
            free=available(),
            limit=self._engine().memory_limit,
            gpus=self._gpus,
            used_by_engine=self._usable,
        )
