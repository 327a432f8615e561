"""A `Sink` that keeps what it is given, with the time of each write."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping


class ListSink:
    """Everything an exchange sent."""

    def __init__(self) -> None:
        self.started = False
        self.blocked = False
        self.touched = 0.0
        self.status = 0
        self.headers: dict[str, str] = {}
        self.pieces: list[bytes] = []
        self.times: list[float] = []
        self.ended = False
        self.aborted = False

    @property
    def body(self) -> bytes:
        """All of it."""
        return b"".join(self.pieces)

    async def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Take a complete answer."""
        assert not self.started, "one answer to a request"
        await self.start(status, headers)
        await self.write(body)
        await self.end()

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Take status and headers."""
        assert not self.started, "headers are sent once"
        self.started, self.status, self.headers = True, status, dict(headers)
        self.touched = asyncio.get_running_loop().time()

    async def write(self, data: bytes) -> None:
        """Take a piece."""
        assert self.started, "headers come first"
        assert not self.ended, "nothing follows the end"
        self.pieces.append(data)
        self.touched = asyncio.get_running_loop().time()
        self.times.append(self.touched)

    async def end(self) -> None:
        """Take the end."""
        self.ended = True

    def abort(self) -> None:
        """The connection is broken."""
        self.aborted = True
