"""Status and headers leave with the first bytes of the body: one write to the socket where uvicorn makes two.

Each write is a system call and a packet of its own, because `TCP_NODELAY` is set so that events leave at once.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

BODY_AHEAD = 1024 * 1024
"""Bytes of a body that may wait unread before its client is held back.

uvicorn has 64 KB, less than an agent's request: each would stop and start its connection once.
"""
httptools_impl.HIGH_WATER_LIMIT = BODY_AHEAD  # type: ignore[attr-defined]  # it has no setting for it


class Cork:
    """A transport that keeps a response's head back until more follows, or until the loop's next turn."""

    __slots__ = ("_head", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""
        self._loop = asyncio.get_running_loop()

    def write(self, data: bytes) -> None:
        """Write; a head waits."""
        if self._head:
            data, self._head = self._head + data, b""
        elif data.startswith(b"HTTP/1.1 ") and data.endswith(b"\r\n\r\n"):
            self._head = data
            self._loop.call_soon(self._flush)
            return
        self._transport.write(data)

    def close(self) -> None:
        """Close once everything has been written."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._head:
            data, self._head = self._head, b""
            self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class CorkedProtocol(HttpToolsProtocol):
    """uvicorn's protocol over a corked transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Connected."""
        super().connection_made(cast(asyncio.Transport, Cork(transport)))
