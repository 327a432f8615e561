"""The router's side of a child: started in a process group of its own, heard out, told to end, and never left behind.

The child's stdin stays open for as long as we live; its output goes into a bounded `Log`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from .logs import Log

OUTPUT_GRACE = 2.0
"""Seconds output may still arrive after the child's end. Its end is that of all who could write, and comes after their
memory is free; only a grandchild that escaped may hold the pipe for ever."""
KILL_GRACE = 10.0
"""Seconds after SIGKILL until we stop waiting: a process that hangs in the kernel must not hang us."""
SECRET_WORDS = ("KEY", "TOKEN", "SECRET", "PASSWORD")


class Job(Struct, frozen=True, omit_defaults=True):
    """What the worker is told: either `params` for llama.cpp or the `command` of a foreign engine."""

    parent: int
    """Process id of the router."""
    params: Mapping[str, object] | None = None
    command: tuple[str, ...] | None = None
    address_space: int | None = None
    """Limit in bytes."""


class Ending(Struct, frozen=True):
    """How a process ended."""

    code: int
    """Exit code; negative: the signal's number."""

    def __str__(self) -> str:
        if self.code >= 0:
            return f"exit code {self.code}"
        with suppress(ValueError):
            return f"signal {signal.Signals(-self.code).name}"
        return f"signal {-self.code}"


class Process:
    """A running worker. Made by `spawn`; `stop` must be called in the end, whatever happened."""

    def __init__(self, child: asyncio.subprocess.Process) -> None:
        self.pid = child.pid
        self.log = Log()
        self.ended: Ending | None = None
        self._child = child
        self._output_end = asyncio.Event()
        self._heard = asyncio.Event()
        self._stdin: asyncio.WriteTransport | None = None
        self._output: asyncio.ReadTransport | None = None
        self._reaping = asyncio.get_running_loop().create_task(self._reap(), name=f"engine {child.pid}")

    @classmethod
    async def spawn(cls, job: Job) -> Process:
        """Start a worker with `job`. Raises `OSError` where the system cannot start one."""
        (job_end, our_end), (log, log_end) = os.pipe(), os.pipe()
        try:
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", f"{__package__}.worker"),
                stdin=job_end,
                stdout=log_end,
                stderr=log_end,
                env=_environment(os.environ),
                start_new_session=True,
            )
        except BaseException:
            os.close(our_end)
            os.close(log)
            raise
        finally:
            os.close(job_end)
            os.close(log_end)
        process = cls(child)
        try:
            await process._connect(our_end, log, msgspec.json.encode(job) + b"\n")
        except BaseException:
            await process.stop(0.0)
            raise
        return process

    async def _connect(self, stdin: int, output: int, job: bytes) -> None:
        loop = asyncio.get_running_loop()
        self._output, _ = await loop.connect_read_pipe(lambda: _Ear(self), os.fdopen(output, "rb", 0))
        self._stdin, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(stdin, "wb", 0))
        self._stdin.write(job)

    def heard(self, data: bytes | None) -> None:
        """Output of the child; None at its end."""
        if data is None:
            self.log.close()
            self._output_end.set()
        else:
            self.log.feed(data)
        self._heard.set()

    async def url(self) -> str:
        """Where the engine listens, once it has said so; empty if it ended before."""
        while not self.log.url and self.ended is None:
            self._heard.clear()
            await self._heard.wait()
        return self.log.url if self.ended is None else ""

    async def wait(self) -> Ending:
        """Its end, and that of everything it started. Any number may wait."""
        return await asyncio.shield(self._reaping)

    async def ends_within(self, seconds: float) -> bool:
        """Whether it ends by itself in that time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.wait()
        return self.ended is not None

    async def stop(self, grace: float) -> None:
        """End it: SIGTERM, after `grace` seconds SIGKILL, both to the whole group. Returns when it is gone."""
        try:
            if self.ended is None and grace > 0:
                self._signal(signal.SIGTERM)
                await self.ends_within(grace)
        finally:
            self.kill()
            try:
                await self.ends_within(KILL_GRACE)
            finally:
                self._close()

    def kill(self) -> None:
        """SIGKILL to the whole group; `wait` tells when it is gone."""
        self._signal(signal.SIGKILL)

    async def _reap(self) -> Ending:
        code = await self._child.wait()
        self.kill()  # what it started and left behind
        with suppress(TimeoutError):
            async with asyncio.timeout(OUTPUT_GRACE):
                await self._output_end.wait()
        self.ended = Ending(code)
        self._heard.set()
        self._close()
        return self.ended

    def _signal(self, number: signal.Signals) -> None:
        if self.ended is None:
            with suppress(ProcessLookupError, PermissionError):  # gone already; macOS says the latter of a zombie
                os.killpg(self.pid, number)

    def _close(self) -> None:
        for transport in (self._stdin, self._output):
            if transport is not None:
                transport.close()


class _Ear(asyncio.Protocol):
    def __init__(self, process: Process) -> None:
        self._process = process

    def data_received(self, data: bytes) -> None:
        self._process.heard(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._process.heard(None)


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Our environment without what may be a provider's key: an engine needs none."""
    return {name: value for name, value in ours.items() if not any(word in name.upper() for word in SECRET_WORDS)}


def remove_stale(run_dir: Path) -> None:
    """Delete key and template files that a router left behind which no longer lives."""
    for path in run_dir.glob("engine-*-*"):
        owner = path.name.split("-")[1]
        if not owner.isdigit() or not _lives(int(owner)):
            path.unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
