"""Ports that open, move and close while the program runs.

One uvicorn `Server` per listener, in this process and on this loop. Sockets are bound here, before uvicorn starts, so
that a port in use is one clear sentence and port 0 works. Signals stay ours.

A client that dribbles its request head holds a connection and nothing else (no task exists before the head is whole);
a dribbled body ends after `asgi.BODY_SILENCE`; an unused connection is closed after `KEEP_ALIVE`.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
from collections.abc import Generator, Mapping
from typing import Any

import uvicorn
from msgspec import Struct

from ..errors import ConfigFault

KEEP_ALIVE = 75
"""Seconds an unused client connection is kept."""
BACKLOG = 2048

logging.getLogger("uvicorn").setLevel(logging.CRITICAL)  # what it has to say is said by health, journal and errors


class Spec(Struct, frozen=True):
    """What a listener should be."""

    enabled: bool
    host: str
    port: int
    app: Any
    """An ASGI application."""


class _Server(uvicorn.Server):
    """Leaves signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


class _Open:
    """A listener that is open."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.socket = bind(spec.host, spec.port)
        self.address: tuple[str, int] = self.socket.getsockname()[:2]
        config = uvicorn.Config(
            spec.app,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE,
            backlog=BACKLOG,
        )
        self.server = _Server(config)
        self.task = asyncio.get_running_loop().create_task(
            self.server.serve(sockets=[self.socket]), name=f"listener {self.address}"
        )

    async def ready(self) -> None:
        """Wait until it accepts."""
        while not self.server.started and not self.task.done():  # noqa: ASYNC110  uvicorn has a flag and no event
            await asyncio.sleep(0.001)
        if self.task.done():
            self.task.result()

    async def close(self, grace: float) -> None:
        """Stop accepting; what runs gets `grace` seconds, then it is cancelled and waited for."""
        self.server.config.timeout_graceful_shutdown = max(1, round(grace)) if grace > 0 else 0
        self.server.should_exit = True
        await self.task
        await asyncio.gather(*self.server.server_state.tasks, return_exceptions=True)


class Listeners:
    """All listeners by name. `apply` makes them what they should be."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}

    async def apply(self, specs: Mapping[str, Spec]) -> None:
        """Open, close and move until reality matches. Raises `ConfigFault` for an address that cannot be had.

        A listener that moves is opened at its new place before the old one closes; if that fails, the old one stays.
        """
        faults: list[ConfigFault] = []
        for name, spec in specs.items():
            current = self._open.get(name)
            if current is not None and current.spec == spec:
                continue
            replacement: _Open | None = None
            if spec.enabled:
                try:
                    replacement = _Open(spec)
                except ConfigFault as fault:
                    faults.append(fault)
                    continue
                await replacement.ready()
            self._swap(name, replacement)
            if current is not None:
                await current.close(grace=0)
        if faults:
            raise faults[0]

    def addresses(self) -> dict[str, tuple[str, int]]:
        """Where the open ones listen."""
        return {name: listener.address for name, listener in self._open.items()}

    async def close(self, grace: float) -> None:
        """Close all; what runs gets `grace` seconds to finish."""
        listeners, self._open = list(self._open.values()), {}
        await asyncio.gather(*(listener.close(grace) for listener in listeners))

    def _swap(self, name: str, replacement: _Open | None) -> None:
        if replacement is None:
            self._open.pop(name, None)
        else:
            self._open[name] = replacement


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises `ConfigFault` that says what is wrong with the address."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, OverflowError) as error:
        raise ConfigFault(f"'{host}' is not an address to listen on.", remedy="Use 127.0.0.1.") from error
    family, kind, proto, _, address = found[0]
    listener = socket.socket(family, kind, proto)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise _cannot_bind(host, port, error) from error
    return listener


def _cannot_bind(host: str, port: int, error: OSError) -> ConfigFault:
    if error.errno == errno.EADDRINUSE:
        return ConfigFault(
            f"Port {port} on {host} is in use by another program.",
            remedy="Stop it (another landbridge?) or choose another port (--port, or listeners in the settings).",
        )
    if error.errno == errno.EACCES:
        return ConfigFault(f"Port {port} needs more rights than landbridge has.", remedy="Use a port above 1023.")
    if error.errno == errno.EADDRNOTAVAIL:
        return ConfigFault(f"This machine has no address {host}.", remedy="Use 127.0.0.1, or an address it has.")
    return ConfigFault(f"Cannot listen on {host}:{port}: {error.strerror}.", remedy="Choose another address.")
