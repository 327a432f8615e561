"""The dashboard's listener. The pages are made by a process of their own, started by the first visit.

This holds the socket and waits for a connection, without taking it; the child takes over from there, and this process
waits for it to end. So a router without visitors stays small, and whatever pages do, they never delay an exchange. The
child ends by itself when nobody has had a page open for a while, and when this process ends.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from socket import socket

import msgspec
from msgspec import Struct

from ..config import Listener
from ..errors import ConfigFault
from .health import PartHealth
from .listeners import bind

log = logging.getLogger("landbridge.dashboard")

MODULE = "landbridge.dashboard"
SHORT_LIFE = 5.0
"""Seconds: a child that ends sooner has failed, and the next one waits as long."""
STOP_SECONDS = 3.0


class Told(Struct):
    """What the child is told on its standard input, as one line of JSON; its end is the router's end."""

    listener: int
    """The socket's file descriptor."""
    host: str
    port: int
    control: str
    """Path of the control socket."""


class Pages:
    """Of one router. `apply` makes the listener what it should be."""

    def __init__(self) -> None:
        self._wanted: Listener | None = None
        self._socket: socket | None = None
        self._task: asyncio.Task[None] | None = None
        self._control = ""
        self.fault = ""
        """Why there is no dashboard; empty while all is well."""

    @property
    def address(self) -> tuple[str, int] | None:
        """Where it listens."""
        if self._socket is None:
            return None
        host, port = self._socket.getsockname()[:2]
        return str(host), int(port)

    async def apply(self, wanted: Listener, control: str) -> None:
        """Open, close or move it. Never raises: without a dashboard the router works all the same."""
        if wanted == self._wanted and not (wanted.enabled and self._socket is None):
            return
        await self.close()
        self._wanted, self._control, self.fault = wanted, control, ""
        if not wanted.enabled:
            return
        try:
            self._socket = bind(wanted.host, wanted.port, "dashboard")
        except ConfigFault as fault:
            self.fault = fault.text
            log.warning("no dashboard: %s", fault.text)
            return
        self._task = asyncio.get_running_loop().create_task(self._keep(self._socket), name="dashboard")

    async def close(self) -> None:
        """Close it, and end its process."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._wanted = None

    def health(self) -> PartHealth:
        """How it is."""
        if self._wanted is not None and not self._wanted.enabled:
            return PartHealth("off")
        address = self.address
        if address is None or self.fault:
            remedy = "Choose another listeners.dashboard.port, or set listeners.dashboard.enabled to false."
            return PartHealth("resting", self.fault or "it is not open", remedy)
        return PartHealth("ok", f"{address[0]}:{address[1]}")

    async def _keep(self, listener: socket) -> None:
        """Start a child for each first visit."""
        loop = asyncio.get_running_loop()
        while True:
            await _visited(listener)
            began = loop.time()
            code = await self._run(listener)
            if code == 0:
                self.fault = ""
            elif loop.time() - began < SHORT_LIFE:
                self.fault = f"its process ended with {code}; the router's log says why"
                await asyncio.sleep(SHORT_LIFE)

    async def _run(self, listener: socket) -> int:
        host, port = listener.getsockname()[:2]
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", MODULE, stdin=PIPE, stdout=DEVNULL, stderr=PIPE, pass_fds=(listener.fileno(),),
            start_new_session=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        assert child.stdin is not None and child.stderr is not None, "they are pipes"
        told = Told(listener.fileno(), str(host), int(port), self._control)
        try:
            child.stdin.write(msgspec.json.encode(told) + b"\n")
            async for line in child.stderr:
                log.warning("%s", line.decode(errors="replace").rstrip())
            return await child.wait()
        finally:
            await _end(child)


async def _visited(listener: socket) -> None:
    """Wait until somebody has connected; the connection is left for others to take."""
    loop = asyncio.get_running_loop()
    come = asyncio.Event()
    loop.add_reader(listener.fileno(), come.set)
    try:
        await come.wait()
    finally:
        loop.remove_reader(listener.fileno())


async def _end(child: Process) -> None:
    if child.returncode is not None:
        return
    assert child.stdin is not None, "it is a pipe"
    child.stdin.close()  # which it takes as its end
    # No `asyncio.timeout`: in a task that is cancelled already, as this one mostly is, Python before 3.11.3 takes its
    # end for that cancellation, and the child would stay.
    ending = asyncio.ensure_future(child.wait())
    await asyncio.wait((ending,), timeout=STOP_SECONDS)
    if not ending.done():
        child.kill()
    await ending
