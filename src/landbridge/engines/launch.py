"""From a model's name to a decision how to run it: find the file, look at it, plan, make room. `start` does the rest.

What goes wrong here costs no process and says what is wrong: `ModelUnusable`, `NoMemory`, `ConfigFault`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

from msgspec.structs import replace

from ..config import Config, ModelSettings
from ..errors import ConfigFault, ModelUnusable, StartFailed
from .companions import find_companions
from .control import Ask
from .hardware import Machine
from .lease import Live
from .machine import look
from .order import Order, out_of_memory
from .pieces import pieces_of
from .plan import Plan
from .room import Room
from .start import Starter

MAGIC = b"GGUF"
SETTLE_PAUSE, SETTLE_MOST = 0.08, 60
"""Seconds between two looks at graphics memory, and how many looks at most (P93)."""

log = logging.getLogger("landbridge.engines")


class Model(Protocol):
    """A model file and what it says of itself."""

    @property
    def path(self) -> Path:
        """Where it is."""
        ...

    @property
    def size(self) -> int:
        """Bytes it should have."""
        ...

    @property
    def facts(self) -> Any:
        """What the planner plans from."""
        ...

    @property
    def template(self) -> str | None:
        """Text of the chat template to use instead of the file's own."""
        ...

    @property
    def projector(self) -> Path | None:
        """The file with which it sees pictures, if it came with one."""
        ...

    @property
    def embeds(self) -> bool:
        """Whether it is for embeddings and not for chatting."""
        ...


class Library(Protocol):
    """Knows the model files."""

    def find(self, name: str) -> Model | None:
        """The model of that name."""
        ...


Planner = Callable[..., Plan]
"""(facts, settings, bytes free, machine, and what runs beside it if anything does) -> plan."""
Planned = Plan
Take = Callable[[Callable[[int], Plan]], Awaitable[Plan]]
"""Given how a model would be run with so many bytes, waits until there is room, and reserves it."""


class Launcher:
    """Starts engines. Holds nothing of them; `room` is what they share."""

    def __init__(
        self,
        library: Library,
        settings: Callable[[], Config],
        run_dir: Path,
        ask: Ask,
        room: Room,
        plan: Planner,
    ) -> None:
        self._library, self._settings, self._room, self._plan = library, settings, room, plan
        self._starter = Starter(lambda: settings().engine, run_dir, ask)

    def settings_of(self, name: str) -> ModelSettings:
        """The settings of one model as they are now."""
        return self._settings().model(name)

    def wish(self, name: str) -> tuple[object, ...]:
        """What an engine of `name` would be started with; when it changes, the running one is out of date."""
        return replace(
            self.settings_of(name), idle_unload="", pin=False, background=False
        ), self._settings().engine.command

    def embeds(self, name: str) -> bool:
        """Whether `name` is for embeddings and not for chatting. Raises `ModelUnusable`."""
        said = self.settings_of(name).embeddings
        if said is not None:
            return said
        model = self._library.find(name)
        return model is not None and model.embeds

    def cause(self, name: str) -> tuple[object, ...]:
        """Everything a failure can depend on: settings and the file. When it changes, trying again makes sense."""
        try:
            model = self._library.find(name)
            status = model.path.stat() if model is not None else None
        except (ModelUnusable, OSError):
            return self.wish(name)
        if model is None or status is None:
            return self.wish(name)
        return *self.wish(name), model.path, status.st_size, status.st_mtime_ns

    async def launch(self, name: str, take: Take) -> Live:
        """A ready engine for `name`. Cancelled or failed, it leaves nothing behind."""
        try:
            order = await self._order(name)
            planned = await take(order.fit)
            try:
                return await self._start(name, order, planned)
            except StartFailed as fault:
                if not out_of_memory(fault) or (smaller := order.smaller(planned)) is None:
                    raise
                log.warning(
                    "%s did not load with %d tokens in %d slots, for want of memory; trying %d in %d",
                    name, planned.context, planned.slots, smaller.context, smaller.slots,
                )  # fmt: skip
                self._room.reserve(name, smaller.memory)
                return await self._start(name, order, smaller)
        except BaseException:
            self._room.release(name)
            raise

    async def _start(self, name: str, order: Order, planned: Plan) -> Live:
        return await self._starter.start(
            name, order.run(planned), planned.memory, lambda pid: self._room.settle(name, pid)
        )

    async def _order(self, name: str) -> Order:
        """Everything to plan from; what is wrong with it costs no memory."""
        found = await asyncio.to_thread(self._found, name)
        return replace(found, machine=await settled(bool(self._settings().engine.command)))

    def _found(self, name: str) -> Order:
        """What files and settings say. Reads files: the header of a draft model alone takes a tenth of a second."""
        model = self._library.find(name)
        if model is None:
            raise ModelUnusable(
                f"There is no local model '{name}' any more.",
                remedy=f"Fetch it again: landbridge models pull {name}",
                origin=f"engine:{name}",
            )
        check_file(name, model.path, model.size)
        settings = self.settings_of(name)
        companions, around = find_companions(name, settings, model.facts, self._path_of, model.projector)
        return Order(
            name=name,
            path=model.path.absolute(),
            facts=model.facts,
            template=read_template(settings.template) if settings.template else model.template or "",
            settings=settings,
            saves_prompts=self._settings().engine.prompt_cache > 0,
            machine=Machine(),
            companions=companions,
            around=around,
            plan=self._plan,
        )

    def _path_of(self, name: str) -> Path | None:
        model = self._library.find(name)
        return model.path if model is not None else None


async def settled(command: bool, looking: Callable[[bool], Machine] = look) -> Machine:
    """The machine, once its graphics memory is really free: a driver gives back late what an engine had that has just
    ended, and a model planned before that would not be given the card (P93).
    """
    machine = await asyncio.to_thread(looking, command)
    for _ in range(SETTLE_MOST if machine.gpus else 0):
        await asyncio.sleep(SETTLE_PAUSE)
        later = await asyncio.to_thread(looking, command)
        if later.vram <= machine.vram:
            return later
        machine = later
    return machine


def check_file(name: str, path: Path, size: int) -> None:
    """Raise `ModelUnusable` for a file that no engine can load, before one is started for it."""
    try:
        actual = sum(piece.stat().st_size for piece in pieces_of(path))
        with path.open("rb") as file:
            magic = file.read(len(MAGIC))
    except OSError as error:
        raise _unusable(name, f"cannot be read ({error.strerror})") from error
    if actual == 0:
        raise _unusable(name, "is empty")
    if magic != MAGIC:
        raise _unusable(name, "is not a GGUF model")
    if actual != size:
        raise _unusable(name, f"is not whole: {actual} bytes of {size}")


def _unusable(name: str, why: str) -> ModelUnusable:
    return ModelUnusable(
        f"The file of model '{name}' {why}.",
        remedy=f"Fetch it again: landbridge models rm {name}, then landbridge models pull {name}",
        origin=f"engine:{name}",
    )


def read_template(name: str) -> str:
    """The chat template the settings name."""
    try:
        return Path(name).expanduser().read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigFault(
            f"The chat template {name} cannot be read.", remedy="Correct `template` in the model's settings."
        ) from error
