"""All engines: one owner each, what they share (memory, connections), and the leases callers take."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from ..config import Config
from ..errors import StartFailed, UnknownModel
from .allotment import Allotment
from .backing import Limits
from .control import Ask
from .desk import Ticket
from .engine import Engine
from .eviction import Tenant
from .foreign import ForeignStarter
from .info import EngineInfo
from .launch import Launcher, Library, Planner
from .lease import Lease, Live
from .process import remove_stale
from .room import Room
from .states import State
from .tenancy import info_of, tenant_of

log = logging.getLogger("landbridge.engines")


class Keeper:
    """Starts engines when they are wanted, stops them when they are not; never evicts a busy or loading one (P91)."""

    def __init__(
        self, library: Library, settings: Callable[[], Config], run_dir: Path, planner: Planner, ask: Ask
    ) -> None:
        self._library, self._settings, self._run_dir = library, settings, run_dir
        self._room = Room(lambda: settings().engine.memory_limit)
        self._allotment = Allotment(self._room, self)
        self._launcher = Launcher(library, settings, run_dir, ask, self._room, planner)
        self._servers = ForeignStarter(lambda: settings().engine, ask, self._room, self._allotment)
        self._pins: dict[str, bool] = {}
        """What was said while running; it wins over the settings."""
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
    async def lease(
        self, name: str, *, light: bool = False, background: bool = False, tokens: int = 0, who: str = ""
    ) -> AsyncIterator[Lease]:
        """A ready engine for model `name`, held until the block ends; waits for its start and its turn.

        `light` takes no slot: for counting, while others generate. `background` pushes out no model that was used
        lately, and lets others go first. `tokens` (about) has the prompt of the conversation `who`.

        Raises `UnknownModel`, `RateLimited` (at once, when too many wait), any `EngineFault`, `ConfigFault`.
        """
        engine = self._engine(name)
        background = background or self._launcher.settings_of(name).background
        ticket = Ticket(light, background=background, seconds=engine.foretell(tokens, who))
        try:
            yield await engine.acquire(ticket)
        finally:
            engine.give_back(ticket)

    async def unload(self, name: str, *, now: bool = False) -> bool:
        """Stop a model's engine when those who use it are done, or `now`. False where none runs."""
        engine = self._engines.get(name)
        return engine is not None and await engine.retire(now=now)

    def pin(self, name: str, pinned: bool) -> None:
        """Let a model stay in memory once it is loaded, or no longer. Raises `UnknownModel`."""
        engine = self._engine(name)
        self._pins[name] = pinned
        engine.look_again()

    def look_again(self) -> None:
        """The settings have changed: what needs no restart takes effect, also for those who idle or wait."""
        for engine in self._engines.values():
            engine.look_again()

    def hurry(self) -> None:
        """A `close` under way, or yet to come, waits for no engine that is ready: each is killed."""
        for engine in self._engines.values():
            if engine.live is not None:
                engine.live.process.kill()

    def window(self, name: str) -> int | None:
        """Tokens per request of `name`, while its engine runs."""
        engine = self._engines.get(name)
        return engine.live.found.window if engine is not None and engine.live is not None else None

    def place(self, name: str) -> tuple[int, float]:
        """Which place in the queue of `name` one more request would have, and for how many seconds, about."""
        engine = self._engines.get(name)
        if engine is None:
            return 0, 0.0
        return engine.desk.place(engine.live.found.slots if engine.live is not None else 1)

    def embeds(self, name: str) -> bool:
        """Whether `name` is for embeddings and not for chatting. Raises `ModelUnusable` for a damaged file."""
        engine = self._engines.get(name)
        running = engine.live if engine is not None else None
        if running is not None and self._launcher.settings_of(name).embeddings is None:
            return running.found.embeds
        return self._launcher.embeds(name)

    def snapshot(self) -> list[EngineInfo]:
        """Every engine that was wanted since the start, by name."""
        return [self._info(engine) for _, engine in sorted(self._engines.items())]

    def info(self, name: str) -> EngineInfo:
        """How model `name` stands. Raises `UnknownModel`."""
        return self._info(self._engine(name))

    # -- what engines need ---------------------------------------------------------------------------------------------

    async def launch(self, name: str) -> Live:
        """A ready process for `name`, with room made for it."""
        settings = self._launcher.settings_of(name)
        if settings.command is not None:
            return await self._servers.launch(name, settings)
        return await self._launcher.launch(name, partial(self._allotment.take, name))

    def leaving(self, name: str) -> None:
        """The process of `name` is told to end."""
        self._room.leaving(name)

    def released(self, name: str) -> None:
        """The process of `name` is gone, and so is its memory."""
        self._room.release(name)

    def moved(self) -> None:
        """Those who wait for memory may get some now."""
        self._allotment.settle()

    def planned(self, name: str) -> int:
        """Bytes `name` was promised."""
        return self._room.promised(name)

    def pinned(self, name: str) -> bool:
        """Whether `name` stays in memory once it is loaded."""
        return self._pins.get(name, self._launcher.settings_of(name).pin)

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

    # -- what those who wait for memory need ---------------------------------------------------------------------------

    def tenants(self) -> list[Tenant]:
        """Every engine that has memory."""
        return [
            tenant_of(engine, memory, pinned=self.pinned(engine.name))
            for engine in self._engines.values()
            if (memory := self._room.promised(engine.name))
        ]

    def wanted(self, name: str) -> bool:
        """Whether somebody waits for `name`."""
        return self._engines[name].desk.waiting > 0

    def background(self, name: str) -> bool:
        """Whether all who wait for `name` do so in the background."""
        return self._engines[name].desk.background

    def make_way(self, names: set[str]) -> None:
        """These shall step aside, and all others stay."""
        for engine in self._engines.values():
            if engine.name not in names:
                engine.stay()
            elif engine.state is State.READY:
                engine.step_aside()

    # -- inside --------------------------------------------------------------------------------------------------------

    def _info(self, engine: Engine) -> EngineInfo:
        name = engine.name
        waits = name in self._allotment.wanting
        return info_of(engine, self.planned(name), pinned=self.pinned(name), waits_for_memory=waits)

    def _engine(self, name: str) -> Engine:
        if self._closing:
            raise StartFailed("landbridge is stopping.", remedy="Start it again.")
        self.limits(name)  # settings that cannot be understood are told to the caller
        owner = self._owners.get(name)
        if owner is None or owner.done():
            if self._launcher.settings_of(name).command is None and self._library.find(name) is None:
                raise UnknownModel(
                    f"There is no local model '{name}'.", remedy=f"Fetch it: landbridge models pull {name}"
                )
            engine = self._engines[name] = Engine(name, self)
            self._owners[name] = asyncio.get_running_loop().create_task(engine.run(), name=f"engine {name}")
        return self._engines[name]
