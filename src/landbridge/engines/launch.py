"""From a model's name to a ready engine: find the file, look at it, plan, make room, start, ask until it is ready.

What goes wrong before a process exists leaves none behind and says so (`ModelUnusable`, `NoMemory`, `EngineMissing`,
`ConfigFault`); what goes wrong after is `StartFailed` with the engine's own reason.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import psutil
from msgspec.structs import replace

from ..config import Config, ModelSettings
from ..errors import ConfigFault, EngineMissing, GatewayError, ModelUnusable, NoMemory, StartFailed
from .lease import STOP_GRACE, Live
from .llamacpp import PROMPT_CACHE_MIB, Control, Run, cancellable_batch, write_argv, write_params
from .process import Job, Process
from .room import Room
from .worker import EXIT_MISSING, EXIT_SETTINGS

MAGIC = b"GGUF"
SOONEST, LATEST = 0.02, 0.25
"""Seconds between two questions whether it is ready."""
SLACK = 4 * 1024**3
"""Address space beyond what the model needs: libraries, threads' stacks, the allocator's arenas."""

MakeRoom = Callable[[int], Awaitable[None]]
"""Stops idle engines, oldest use first, until that many bytes are free, as far as it can."""


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


Planner = Callable[[Any, ModelSettings, int, int], Planned]
"""(facts, settings, bytes free, threads) -> plan."""


class Launcher:
    """Starts engines. Holds nothing of them; `room` is what they share."""

    def __init__(
        self,
        library: Library,
        settings: Callable[[], Config],
        run_dir: Path,
        session: aiohttp.ClientSession,
        room: Room,
        plan: Planner,
    ) -> None:
        self._library, self._settings, self._run_dir = library, settings, run_dir
        self._session, self._room, self._plan = session, room, plan

    def settings_of(self, name: str) -> ModelSettings:
        """The settings of one model as they are now."""
        return self._settings().models.get(name, ModelSettings())

    def wish(self, name: str) -> tuple[object, ...]:
        """What an engine of `name` would be started with; when it changes, the running one is out of date."""
        return replace(self.settings_of(name), idle_unload=""), self._settings().engine.command

    def cause(self, name: str) -> tuple[object, ...]:
        """Everything a failure can depend on: settings and the file. When it changes, trying again makes sense."""
        model = self._library.find(name)
        if model is None:
            return self.wish(name)
        try:
            status = model.path.stat()
        except OSError:
            return self.wish(name)
        return *self.wish(name), model.path, status.st_size, status.st_mtime_ns

    async def launch(self, name: str, idle_bytes: Callable[[], int], make_room: MakeRoom) -> Live:
        """A ready engine for `name`. Cancelled or failed, it leaves nothing behind."""
        run, memory = await self._reserve(name, idle_bytes, make_room)
        try:
            return await self._start(name, run, memory)
        except BaseException:
            self._room.release(name)
            raise

    async def _reserve(self, name: str, idle_bytes: Callable[[], int], make_room: MakeRoom) -> tuple[Run, int]:
        model = self._library.find(name)
        if model is None:
            raise ModelUnusable(
                f"There is no local model '{name}' any more.",
                remedy=f"Fetch it again: landbridge models pull {name}",
                origin=f"engine:{name}",
            )
        check_file(name, model.path, model.size)
        settings = self.settings_of(name)
        threads = max(1, psutil.cpu_count(logical=False) or os.cpu_count() or 1)
        async with self._room.lock:
            planned = self._plan(model.facts, settings, self._room.free() + idle_bytes(), threads)
            await make_room(planned.memory)
            free = self._room.free()
            if planned.memory > free:
                planned = self._plan(model.facts, settings, free, threads)
            if planned.memory > free:
                raise no_memory(name, planned.memory, free)
            self._room.reserve(name, planned.memory)
        run = Run(
            path=model.path.absolute(),
            context=planned.context,
            threads=planned.threads,
            batch=planned.batch
            if planned.gpu_layers
            else cancellable_batch(planned.batch, model.size, planned.threads),
            gpu_layers=planned.gpu_layers,
            template=read_template(settings.template) if settings.template else model.template or "",
            settings=settings,
        )
        return run, planned.memory

    async def _start(self, name: str, run: Run, memory: int) -> Live:
        engine = self._settings().engine
        key = secrets.token_urlsafe(24)
        with self._job(name, run, key, memory) as job:
            try:
                process = await Process.spawn(job)
            except OSError as error:
                raise StartFailed(
                    f"The engine of '{name}' could not be started: {error.strerror}.",
                    remedy="The system may be out of processes or memory.",
                    origin=f"engine:{name}",
                ) from error
            self._room.settle(name, process.pid)
            try:
                async with asyncio.timeout(engine.start_timeout):
                    return await self._until_ready(name, run, process, key)
            except TimeoutError:
                await process.stop(STOP_GRACE)
                raise StartFailed(
                    f"The engine of '{name}' was not ready after {engine.start_timeout:g} s.",
                    remedy="Give it longer with `engine.start_timeout`, or use a smaller model.",
                    origin=f"engine:{name}",
                ) from None
            except BaseException:
                await process.stop(STOP_GRACE)
                raise

    async def _until_ready(self, name: str, run: Run, process: Process, key: str) -> Live:
        control = Control(self._session, await process.url(), key, f"engine:{name}")
        pause = SOONEST
        while process.ended is None and not await control.healthy():
            await asyncio.sleep(pause)
            pause = min(LATEST, pause * 1.5)
        if process.ended is not None:
            raise _not_started(name, process)
        return Live(name, process, control, await control.find(run))

    @contextmanager
    def _job(self, name: str, run: Run, key: str, memory: int) -> Iterator[Job]:
        """What the worker is told. Files that a foreign engine reads at its start exist only while it starts."""
        command = self._settings().engine.command
        if not command:
            limit = 2 * (memory + run.path.stat().st_size) + PROMPT_CACHE_MIB * 1024**2 + SLACK
            params = write_params(run, key)
            yield Job(parent=os.getpid(), params=params, address_space=limit if run.gpu_layers == 0 else None)
            return
        if shutil.which(command[0]) is None:
            raise EngineMissing(
                f"There is no program '{command[0]}' to run models with.",
                remedy="Correct `engine.command` in the settings, or remove it to use the built-in engine.",
                origin=f"engine:{name}",
            )
        stem = self._run_dir / f"engine-{os.getpid()}-{secrets.token_hex(6)}"
        key_file, template_file = stem.with_suffix(".key"), stem.with_suffix(".jinja")
        try:
            write_private(key_file, key)
            if run.template:
                write_private(template_file, run.template)
            argv = write_argv(command, run, key_file, template_file if run.template else None)
            yield Job(parent=os.getpid(), command=argv)
        finally:
            key_file.unlink(missing_ok=True)
            template_file.unlink(missing_ok=True)


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


def write_private(path: Path, text: str) -> None:
    """A new file nobody but us can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def no_memory(name: str, needed: int, free: int) -> NoMemory:
    """With both numbers, in MB."""
    return NoMemory(
        f"Model '{name}' needs {needed // 10**6} MB of memory, {free // 10**6} MB are free for it.",
        remedy="Close something, wait until other models are idle, choose a smaller `context` or a smaller model.",
        origin=f"engine:{name}",
        retry_after=30.0,
    )


def _not_started(name: str, process: Process) -> GatewayError:
    """Why a process that ended while it loaded did so."""
    assert process.ended is not None, "it has ended"
    reason = process.log.first_error() or process.log.last_words()
    origin = f"engine:{name}"
    if process.ended.code == EXIT_MISSING:
        return EngineMissing(
            f"No engine can be run: {reason}.",
            remedy="Install landbridge again, or set `engine.command`.",
            origin=origin,
        )
    if process.ended.code == EXIT_SETTINGS:
        return ConfigFault(f"Model '{name}': {reason}.", remedy="Correct the model's `extra` settings.", origin=origin)
    return StartFailed(
        f"The engine of '{name}' did not start ({process.ended}): {reason or 'it gave no reason'}",
        remedy="If the reason is memory, choose a smaller `context`; if it is the file, fetch the model again.",
        origin=origin,
    )
