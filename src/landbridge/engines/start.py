"""From a decided run to a ready engine: one process, asked until it is ready, and no trace of one that never is.

What goes wrong is said with the engine's own reason: `StartFailed`, or `EngineMissing` and `ConfigFault` where starting
again cannot help.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from ..config import EngineSettings
from ..errors import ConfigFault, EngineFault, EngineMissing, GatewayError, StartFailed
from .control import Ask, Control, Found
from .fingerprint import build_of, fingerprint
from .lease import STOP_GRACE, Live
from .llamacpp import Run, write_argv, write_params
from .process import Job, Process
from .prompt_files import PromptFiles
from .slots import Slots
from .worker import EXIT_MISSING, EXIT_SETTINGS

SOONEST, LATEST = 0.02, 0.25
"""Seconds between two questions whether it is ready."""
FAREWELL = 1.0
"""Seconds in which an engine that does not answer a question may turn out to have died."""
SLACK = 4 * 1024**3
"""Address space beyond what the model needs: libraries, threads' stacks, the allocator's arenas."""


class Starter:
    """Starts engines, and holds nothing of them."""

    def __init__(self, settings: Callable[[], EngineSettings], run_dir: Path, ask: Ask) -> None:
        self._settings, self._run_dir, self._ask = settings, run_dir, ask
        self._prompts = PromptFiles(run_dir.parent / "prompts", lambda: settings().prompt_cache)

    async def start(self, name: str, run: Run, memory: int, started: Callable[[int], None]) -> Live:
        """A ready engine; `started` is told its process id at once. Cancelled or failed, it leaves nothing behind."""
        if not run.pooling and await asyncio.to_thread(self._prompts.open):
            run = replace(run, prompts=self._prompts.folder)
        try:
            with self._job(name, run, key := secrets.token_urlsafe(24), memory) as job:
                process = await Process.spawn(job)
                started(process.pid)
                try:
                    return await self._until_ready(name, run, process, key)
                except BaseException:
                    await process.stop(STOP_GRACE)
                    raise
        except OSError as error:
            raise StartFailed(
                f"The engine of '{name}' could not be started: {error.strerror}.",
                remedy="The system may be out of processes, memory or disk space.",
                origin=f"engine:{name}",
            ) from error

    async def _until_ready(self, name: str, run: Run, process: Process, key: str) -> Live:
        seconds = self._settings().start_timeout
        try:
            async with asyncio.timeout(seconds):
                control = Control(self._ask, await process.url(), key, f"engine:{name}")
                pause = SOONEST
                while process.ended is None and not await control.healthy():
                    await asyncio.sleep(pause)
                    pause = min(LATEST, pause * 1.5)
                if process.ended is None:
                    found = await control.find(run)
                    return Live(name, process, control, found, await self._slots(name, run, process, control, found))
        except TimeoutError:
            raise StartFailed(
                f"The engine of '{name}' was not ready after {seconds:g} s.",
                remedy="Give it longer with `engine.start_timeout`, or use a smaller model.",
                origin=f"engine:{name}",
            ) from None
        except EngineFault as fault:
            if not await process.ends_within(FAREWELL):
                raise StartFailed(
                    f"The engine of '{name}' did not become ready. {fault.message}",
                    remedy="Check `engine.command`: it must be a llama-server.",
                    origin=f"engine:{name}",
                ) from fault
        raise _not_started(name, process)

    async def _slots(self, name: str, run: Run, process: Process, control: Control, found: Found) -> Slots:
        """Its lanes, and the prompts that were saved by engines like it."""
        files = self._prompts if run.prompts is not None else None
        engine = ""
        if files is not None:
            build = found.build + build_of(self._settings().command)
            engine = await asyncio.to_thread(fingerprint, run, build, found.slots)
        return Slots(
            control,
            found.slots,
            window=found.window,
            files=files,
            engine=engine,
            model=name,
            alive=lambda: process.ended is None,
            cuts=not (run.swa_full or run.checkpoints),
        )

    @contextmanager
    def _job(self, name: str, run: Run, key: str, memory: int) -> Iterator[Job]:
        """What the worker is told. Files that a foreign engine reads at its start exist only while it starts."""
        command = self._settings().command
        if not command:
            limit = 2 * (memory + run.path.stat().st_size) + SLACK
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


def write_private(path: Path, text: str) -> None:
    """A new file nobody but us can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


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
