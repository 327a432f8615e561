"""What came back: status and headers at once, the body piece by piece, and a `close` that leaves nothing running."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

from ..errors import Garbled
from . import faults
from .connection import ERRORS
from .place import Endpoint

LINGER = 0.05
"""Seconds an answer's end is waited for when its reader has all it needs, so that the connection can be kept."""


class Body(Protocol):
    """An answer on its way: a `Connection`, or what came through a proxy."""

    @property
    def complete(self) -> bool:
        """Whether all of it has arrived."""

    async def piece(self) -> bytes:
        """All that has arrived; empty at the end. Raises `connection.ERRORS`."""

    def release(self) -> None:
        """It is complete and read: keep the connection."""

    def linger(self, seconds: float) -> None:
        """Wait so long for the end, then close the connection."""

    def abort(self) -> None:
        """Close the connection at once."""


class Answer:
    """An upstream's answer: its head is there, its body is to be read. `close` in any case."""

    __slots__ = ("_body", "_endpoint", "_headers", "raw_headers", "status")

    def __init__(self, status: int, raw_headers: list[tuple[bytes, bytes]], body: Body, endpoint: Endpoint) -> None:
        self.status = status
        self.raw_headers = raw_headers
        """All headers as they came."""
        self._body: Body | None = body
        self._endpoint = endpoint
        self._headers: dict[str, str] | None = None

    @property
    def headers(self) -> Mapping[str, str]:
        """Lower-case names; of repeated ones the last."""
        if self._headers is None:
            self._headers = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in self.raw_headers
            }
        return self._headers

    async def read(self, limit: int) -> bytes:
        """The whole body. Raises `Garbled` if it is longer than `limit` bytes, `Cut`, `TimedOut`."""
        pieces: list[bytes] = []
        size = 0
        async for piece in self:
            size += len(piece)
            if size > limit:
                raise Garbled(f"The answer is larger than {limit >> 20} MiB.", origin=self._endpoint.origin)
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def chunks(self) -> Answer:
        """The body in pieces, each all that has arrived. Raises `Cut` where it breaks off, `TimedOut`."""
        return self

    def __aiter__(self) -> Answer:
        return self

    async def __anext__(self) -> bytes:
        assert self._body is not None, "not closed"
        try:
            piece = await self._body.piece()
        except ERRORS as error:
            raise faults.fault(error, self._endpoint) from error
        if not piece:
            raise StopAsyncIteration
        return piece

    async def close(self) -> None:
        """Done with it: a finished connection is kept for the next request, any other is closed.

        A cancelled exchange closes at once (P85). One whose reader stopped by itself has read all it needs, and the
        end of the body is mostly the next thing to come: it is waited for, `LINGER` seconds and in the background.
        """
        body, self._body = self._body, None
        if body is None:
            return
        if body.complete:
            body.release()
        elif (task := asyncio.current_task()) is not None and not task.cancelling():
            body.linger(LINGER)
        else:
            body.abort()
