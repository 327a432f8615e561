"""Open connections nobody uses right now. The one used last is given first, so that the others can grow old and go."""

from __future__ import annotations

import asyncio
from time import monotonic

from .connection import Connection, Key

KEEPALIVE = 30.0
"""Seconds an unused connection is kept: less than clouds commonly allow. Servers that close earlier say so, and what
they closed is not used again."""


class Pool:
    """Connections by where they lead."""

    def __init__(self) -> None:
        self._idle: dict[Key, list[Connection]] = {}
        self._open: set[Connection] = set()
        self._sweep: asyncio.TimerHandle | None = None

    def new(self, key: Key) -> Connection:
        """A connection that comes back here by itself when it is idle."""
        connection = Connection(key, self.keep, self.forget)
        self._open.add(connection)
        return connection

    def take(self, key: Key) -> Connection | None:
        """A connection that can be used at once, if there is one."""
        idle = self._idle.get(key)
        while idle:
            connection = idle.pop()
            if connection.usable:
                return connection
        return None

    def keep(self, connection: Connection) -> None:
        """Keep `connection` for others, if it can be used again."""
        if not connection.usable:
            connection.abort()
            return
        connection.idle_since = monotonic()
        self._idle.setdefault(connection.key, []).append(connection)
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(KEEPALIVE, self._close_old)

    def forget(self, connection: Connection) -> None:
        """It is closed."""
        self._open.discard(connection)
        idle = self._idle.get(connection.key, [])
        if connection in idle:
            idle.remove(connection)
        if not idle:
            self._idle.pop(connection.key, None)

    def close(self) -> None:
        """Close all, used or not."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for connection in list(self._open):
            connection.abort()

    def _close_old(self) -> None:
        loop = asyncio.get_running_loop()
        unused = [connection for idle in self._idle.values() for connection in idle]
        for connection in unused:
            if monotonic() - connection.idle_since >= KEEPALIVE:
                connection.abort()
        self._sweep = loop.call_later(KEEPALIVE / 2, self._close_old) if unused else None
