"""All engines: one owner each, what they share (memory, connections), and the leases callers take."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from ..config import Config
from ..errors import StartFailed, UnknownModel
from .backing import Limits
from .control import Ask
from .desk import Ticket
from .engine import Engine
from .launch import Launcher, Library, Planner
from .lease import EngineInfo, Lease, Live
from .process import remove_stale
from .room import Room

log = logging.getLogger("landbridge.engines")


class Keeper:
    """Starts engines when they are wanted, stops them when they are not; never evicts a busy or loading one (P91)."""

    def __init__(
        self, library: Library, settings: Callable[[], Config], run_dir: Path, planner: Planner, ask: Ask
    ) -> None:
        self._library, self._settings, self._run_dir = library, settings, run_dir
        self._room = Room(lambda: settings().engine.memory_limit)
        self._launcher = Launcher(library, settings, run_dir, ask, self._room, planner)
        self._engines: dict[str, Engine] = {}
        self._owners: dict[str, asyncio.Task[None]] = {}
        self._closing = False

    async def start(self) -> None:
        """Make ready to start engines; none is started yet."""
        self._run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        remove_stale(self._run_dir)

    async def close(self) -> None:
        """Stop all engines. Afterwards no process, task or file of theirs is left."""
        self._closing = True
        for engine in self._engines.values():
            engine.close()
        for name, outcome in zip(
            self._owners, await asyncio.gather(*self._owners.values(), return_exceptions=True), strict=True
        ):
            if isinstance(outcome, Exception):
                log.error("the owner of engine %s failed", name, exc_info=outcome)
        self._engines.clear()
        self._owners.clear()

    @asynccontextmanager
    async def lease(self, name: str, *, light: bool = False) -> AsyncIterator[Lease]:
        """A ready engine for model `name`, held until the block ends; waits for its start and its turn.

        `light` takes no slot: for counting, while others generate. Raises `UnknownModel`, `RateLimited` (at once, when
        too many wait), any `EngineFault`, `ConfigFault`.
        """
        engine = self._engine(name)
        ticket = Ticket(light)
        try:
            yield await engine.acquire(ticket)
        finally:
            engine.give_back(ticket)

    async def unload(self, name: str) -> bool:
        """Stop a model's engine when those who use it are done. False where none runs."""
        engine = self._engines.get(name)
        return engine is not None and await engine.retire(drain=True)

    def window(self, name: str) -> int | None:
        """Tokens per request of `name`, while its engine runs."""
        engine = self._engines.get(name)
        return engine.window if engine is not None else None

    def embeds(self, name: str) -> bool:
        """Whether `name` is for embeddings and not for chatting. Raises `ModelUnusable` for a damaged file."""
        engine = self._engines.get(name)
        running = engine.embeds if engine is not None else None
        if running is not None and self._launcher.settings_of(name).embeddings is None:
            return running
        return self._launcher.embeds(name)

    def snapshot(self) -> list[EngineInfo]:
        """Every engine that was wanted since the start, by name."""
        return [engine.info() for _, engine in sorted(self._engines.items())]

    # -- what engines need ---------------------------------------------------------------------------------------------

    async def launch(self, name: str) -> Live:
        """A ready process for `name`, with room made for it."""
        return await self._launcher.launch(name, self._idle_bytes, self._make_room)

    def released(self, name: str) -> None:
        """The process of `name` is gone, and so is its memory."""
        self._room.release(name)

    def wish(self, name: str) -> object:
        """What `name` would be started with now."""
        return self._launcher.wish(name)

    def cause(self, name: str) -> object:
        """What a failure of `name` depends on."""
        return self._launcher.cause(name)

    def limits(self, name: str) -> Limits:
        """The settings of `name` that take effect at once. Raises `ConfigFault`."""
        config = self._settings()
        model = self._launcher.settings_of(name)
        return Limits(model.idle_unload, config.engine.max_queue, config.engine.max_restarts)

    # -- inside --------------------------------------------------------------------------------------------------------

    def _engine(self, name: str) -> Engine:
        if self._closing:
            raise StartFailed("landbridge is stopping.", remedy="Start it again.")
        self.limits(name)  # settings that cannot be understood are told to the caller
        owner = self._owners.get(name)
        if owner is None or owner.done():
            if self._library.find(name) is None:
                raise UnknownModel(
                    f"There is no local model '{name}'.", remedy=f"Fetch it: landbridge models pull {name}"
                )
            engine = self._engines[name] = Engine(name, self)
            self._owners[name] = asyncio.get_running_loop().create_task(engine.run(), name=f"engine {name}")
        return self._engines[name]

    def _idle(self) -> list[Engine]:
        """Idle engines, oldest use first."""
        return sorted((engine for engine in self._engines.values() if engine.idle), key=lambda engine: engine.used)

    def _idle_bytes(self) -> int:
        return sum(self._room.promised(engine.name) for engine in self._idle())

    async def _make_room(self, needed: int) -> None:
        for engine in self._idle():
            if self._room.free() >= needed:
                return
            await engine.retire()
