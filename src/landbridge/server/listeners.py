"""Ports that open, move and close while the program runs.

One uvicorn `Server` per listener, in this process and on this loop. Sockets are bound here, before uvicorn starts, so
that a port in use is one clear sentence and port 0 works. Signals stay ours.

A client that dribbles its request head holds a connection and nothing else (no task exists before the head is whole);
a dribbled body ends after `asgi.BODY_SILENCE`; an unused connection is closed after `KEEP_ALIVE`.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import Iterator, Mapping
from typing import Any

import uvicorn
from msgspec import Struct

from ..errors import ConfigFault
from .http1 import Http1

KEEP_ALIVE = 75
"""Seconds an unused client connection is kept."""
BACKLOG = 2048
LAST_WORD = 0.1
"""Seconds that what runs gets at least: the answer to what closed its own listener is still to go out."""

logging.getLogger("uvicorn").setLevel(logging.CRITICAL)  # what it has to say is said by health, journal and errors


class Spec(Struct, frozen=True):
    """What a listener should be."""

    enabled: bool
    host: str
    port: int
    app: Any
    """An ASGI application."""


class _Server(uvicorn.Server):
    """Opens and closes when it is told to, and does nothing meanwhile. uvicorn's own `serve` wakes ten times a second,
    to look whether it shall end and to set a date, which `exchange.py` makes.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        config.load()
        self.lifespan = config.lifespan_class(config)

    async def end(self, grace: float) -> None:
        """Stop accepting, and wait until nobody is left; after `grace` seconds, cancel what runs."""
        for server in self.servers:
            server.close()
        state, clock = self.server_state, asyncio.get_running_loop()
        for connection in list(state.connections):
            connection.shutdown()
        deadline = clock.time() + max(grace, LAST_WORD)
        while (state.connections or state.tasks) and not self.force_exit:
            if clock.time() >= deadline:
                for task in state.tasks:
                    task.cancel()
                return
            await asyncio.sleep(0.005)


class Open:
    """A socket that is listened at, by a server of its own."""

    def __init__(self, app: Any, listener: socket.socket) -> None:
        config = uvicorn.Config(
            app,
            http=Http1,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE,
            backlog=BACKLOG,
        )
        self.server, self._listener = _Server(config), listener

    async def ready(self) -> None:
        """Accept from now on."""
        await self.server.startup(sockets=[self._listener])

    async def close(self, grace: float) -> None:
        """Stop accepting; what runs gets `grace` seconds, then it is cancelled, waited for and cut off."""
        await self.server.end(grace)
        await asyncio.gather(*self.server.server_state.tasks, return_exceptions=True)
        self.cut()

    def hurry(self) -> None:
        """Wait no longer: cancel what runs, now."""
        self.server.force_exit = True
        for task in self.server.server_state.tasks:
            task.cancel()

    def cut(self) -> None:
        """Close connections whose clients do not read what they were sent."""
        for connection in list(self.server.server_state.connections):
            connection.transport.abort()


class _Open(Open):
    """A listener that is open."""

    def __init__(self, name: str, spec: Spec) -> None:
        self.spec = spec
        self.socket = bind(spec.host, spec.port, name)
        self.address: tuple[str, int] = self.socket.getsockname()[:2]
        super().__init__(spec.app, self.socket)


class Listeners:
    """All listeners by name. `apply` makes them what they should be."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}
        self._closing: list[_Open] = []
        self._hurried = False
        self.faults: dict[str, ConfigFault] = {}
        """Why a listener is not what it should be, by name."""

    async def apply(self, specs: Mapping[str, Spec]) -> None:
        """Open, close and move until reality matches. Raises `ConfigFault` for an address that cannot be had.

        A listener that moves is opened at its new place before the old one closes; if that fails, the old one stays.
        """
        self.faults = {}
        for name, spec in specs.items():
            current = self._open.get(name)
            if (spec if spec.enabled else None) == (current.spec if current is not None else None):
                continue
            try:
                await self._change(name, spec, current)
            except ConfigFault as fault:
                self.faults[name] = fault
        if self.faults:
            raise next(iter(self.faults.values()))

    async def _change(self, name: str, spec: Spec, current: _Open | None) -> None:
        if not spec.enabled:
            del self._open[name]
        elif current is not None and current.spec.port == spec.port != 0:
            await self._rehost(name, spec, current)
            return
        else:
            self._open[name] = await _opened(name, spec)
        if current is not None:
            await current.close(grace=0)

    async def _rehost(self, name: str, spec: Spec, current: _Open) -> None:
        """Another host, the same port: 127.0.0.1 has to be given up before 0.0.0.0 can be had."""
        await current.close(grace=0)
        try:
            self._open[name] = await _opened(name, spec)
        except ConfigFault:
            self._open[name] = await _opened(name, current.spec)
            raise

    def addresses(self) -> dict[str, tuple[str, int]]:
        """Where the open ones listen."""
        return {name: listener.address for name, listener in self._open.items()}

    def figures(self) -> Iterator[tuple[str, float]]:
        """For `/metrics`: what is open, and what is being answered."""
        states = [listener.server.server_state for listener in (*self._open.values(), *self._closing)]
        yield "landbridge_client_connections", sum(len(state.connections) for state in states)
        yield "landbridge_requests_running", sum(len(state.tasks) for state in states)

    async def close(self, grace: float) -> None:
        """Close all; what runs gets `grace` seconds to finish."""
        self._closing, self._open = list(self._open.values()), {}
        await asyncio.gather(*(listener.close(0 if self._hurried else grace) for listener in self._closing))

    def hurry(self) -> None:
        """A `close` under way, or yet to come, waits for nothing any more."""
        self._hurried = True
        for listener in self._closing:
            listener.hurry()


async def _opened(name: str, spec: Spec) -> _Open:
    listener = _Open(name, spec)
    await listener.ready()
    return listener


def bind(host: str, port: int, name: str) -> socket.socket:
    """A listening socket for listener `name`. Raises `ConfigFault` that says what is wrong with the address."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, OverflowError, UnicodeError) as error:
        raise ConfigFault(
            f"'{host}' is not an address to listen on.", remedy=f"Set listeners.{name}.host to 127.0.0.1."
        ) from error
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
        raise _cannot_bind(host, port, name, error) from error
    return listener


def _cannot_bind(host: str, port: int, name: str, error: OSError) -> ConfigFault:
    match error.errno:
        case errno.EADDRINUSE:
            flag = {"router": " (or --port)", "openai": " (or --no-openai)"}.get(name, "")
            message = f"Port {port} on {host} is in use by another program."
            remedy = f"Stop it (another landbridge?), or set another listeners.{name}.port{flag}."
        case errno.EACCES:
            message = f"Port {port} needs more rights than landbridge has."
            remedy = f"Set listeners.{name}.port above 1023."
        case errno.EADDRNOTAVAIL:
            message = f"This machine has no address {host}."
            remedy = f"Set listeners.{name}.host to 127.0.0.1, or to an address it has."
        case _:
            message = f"Cannot listen on {host}:{port}: {error.strerror}."
            remedy = f"Choose another address for listeners.{name}."
    return ConfigFault(message, remedy=remedy)
