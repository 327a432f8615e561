"""From a model's name to a decision how to run it: find the file, look at it, plan, make room. `start` does the rest.

What goes wrong here costs no process and says what is wrong: `ModelUnusable`, `NoMemory`, `ConfigFault`.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

from msgspec.structs import replace

from ..config import Config, ModelSettings
from ..errors import ConfigFault, ModelUnusable, NoMemory
from .control import Ask
from .lease import Live
from .llamacpp import Run, cancellable_batch
from .room import Room
from .start import Starter

MAGIC = b"GGUF"


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
    def embeds(self) -> bool:
        """Whether it is for embeddings and not for chatting."""
        ...


class Library(Protocol):
    """Knows the model files."""

    def find(self, name: str) -> Model | None:
        """The model of that name."""
        ...


class Planned(Protocol):
    """How to run a model."""

    @property
    def context(self) -> int:
        """Tokens, all slots together."""
        ...

    @property
    def threads(self) -> int:
        """CPU threads."""
        ...

    @property
    def batch(self) -> int:
        """Prompt tokens per batch."""
        ...

    @property
    def gpu_layers(self) -> int:
        """Layers on the GPU."""
        ...

    @property
    def memory(self) -> int:
        """Bytes it will take."""
        ...

    @property
    def pooling(self) -> str:
        """How it makes embeddings; empty: it chats."""
        ...


Planner = Callable[[Any, ModelSettings, int, int], Planned]
"""(facts, settings, bytes free, threads) -> plan."""
Take = Callable[[Callable[[int], Planned]], Awaitable[Planned]]
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
        return self._settings().models.get(name, ModelSettings())

    def wish(self, name: str) -> tuple[object, ...]:
        """What an engine of `name` would be started with; when it changes, the running one is out of date."""
        settings = replace(self.settings_of(name), idle_unload="", pin=False, background=False)
        return settings, self._settings().engine.command

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
            run, memory = await self._reserve(name, take)
            return await self._starter.start(name, run, memory, lambda pid: self._room.settle(name, pid))
        except BaseException:
            self._room.release(name)
            raise

    async def _reserve(self, name: str, take: Take) -> tuple[Run, int]:
        model = self._library.find(name)
        if model is None:
            raise ModelUnusable(
                f"There is no local model '{name}' any more.",
                remedy=f"Fetch it again: landbridge models pull {name}",
                origin=f"engine:{name}",
            )
        check_file(name, model.path, model.size)
        settings = self.settings_of(name)
        threads = cores()

        def fit(free: int) -> Planned:
            made = self._plan(model.facts, settings, free, threads)
            if made.memory > free:
                raise no_memory(name, made.memory, free)
            return made

        planned = await take(fit)
        run = Run(
            path=model.path.absolute(),
            context=planned.context,
            threads=planned.threads,
            batch=planned.batch
            if planned.gpu_layers or planned.pooling
            else cancellable_batch(planned.batch, model.size, planned.threads),
            gpu_layers=planned.gpu_layers,
            template=read_template(settings.template) if settings.template else model.template or "",
            settings=settings,
            pooling=planned.pooling,
        )
        return run, planned.memory


def cores() -> int:
    """CPU cores of this machine."""
    import psutil  # only here: a router that runs no engine does not need it

    return max(1, psutil.cpu_count(logical=False) or os.cpu_count() or 1)


def check_file(name: str, path: Path, size: int) -> None:
    """Raise `ModelUnusable` for a file that no engine can load, before one is started for it."""
    try:
        actual = path.stat().st_size
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


def no_memory(name: str, needed: int, free: int) -> NoMemory:
    """With both numbers, in MB."""
    return NoMemory(
        f"Model '{name}' needs {needed // 10**6} MB of memory, {free // 10**6} MB are free for it.",
        remedy="Close something, wait until other models are idle, choose a smaller `context` or a smaller model.",
        origin=f"engine:{name}",
        retry_after=30.0,
    )
