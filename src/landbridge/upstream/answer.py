"""What came back: status and headers at once, the body piece by piece, and a `close` that leaves nothing running."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

from ..errors import Garbled
from . import faults
from .connection import ERRORS
from .echoes import without_keys
from .place import Endpoint

LINGER_SECONDS = 0.05
"""An answer's end is waited for so long when its reader has all it needs, so that the connection can be kept."""
LINGER_BYTES = 64 * 1024

DRAIN_SECONDS = 600.0
"""An answer that nobody wants is read for so long from a server that does not bear a dropped connection (P87)."""
DRAIN_BYTES = 64 * 1024 * 1024


class Body(Protocol):
    """An answer on its way: a `Connection`, or what came through a proxy."""

    @property
    def status(self) -> int:
        """The answer's status."""

    @property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        """The answer's headers as they came."""

    @property
    def encoding(self) -> bytes:
        """The body's content encoding in lower case; empty for none."""

    @property
    def complete(self) -> bool:
        """Whether all of it has arrived."""

    async def piece(self) -> bytes:
        """All that has arrived; empty at the end. Raises `connection.ERRORS`."""

    def release(self) -> None:
        """It is complete and read: keep the connection."""

    def linger(self, seconds: float, limit: int) -> None:
        """Wait so long and for so many bytes for the end, then close the connection."""

    def abort(self) -> None:
        """Close the connection at once."""


def leave(body: Body, endpoint: Endpoint) -> None:
    """Nobody waits for the answer any more: the other side is told at once by a closed connection (P85)."""
    if endpoint.drain:
        body.linger(DRAIN_SECONDS, DRAIN_BYTES)
    else:
        body.abort()


class Answer:
    """An upstream's answer: its head is there, its body is to be read. `close` in any case."""

    __slots__ = ("_body", "_endpoint", "_headers", "raw_headers", "status")

    def __init__(self, body: Body, endpoint: Endpoint) -> None:
        self.status = body.status
        self.raw_headers = body.raw_headers
        """All headers as they came."""
        self._body: Body | None = body
        self._endpoint = endpoint
        self._headers: dict[str, str] | None = None

    @property
    def headers(self) -> Mapping[str, str]:
        """Lower-case names; of repeated ones the last."""
        if self._headers is None:
            self._headers = {
                name.decode("latin-1").lower(): value.decode("latin-1").strip() for name, value in self.raw_headers
            }
        return self._headers

    async def read(self, limit: int) -> bytes:
        """The whole body, of an error without keys. Raises `Cut`, `TimedOut`, `Garbled` if it is over `limit` bytes."""
        pieces: list[bytes] = []
        size = 0
        async for piece in self:
            size += len(piece)
            if size > limit:
                raise Garbled(f"The answer is larger than {limit >> 20} MiB.", origin=self._endpoint.origin)
            pieces.append(piece)
        whole = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        return whole if self.status < 400 else without_keys(whole, self._endpoint)

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
        end of the body is mostly the next thing to come: it is waited for in the background, for a moment.
        """
        body, self._body = self._body, None
        if body is None:
            return
        if body.complete:
            body.release()
        elif self._endpoint.drain or (task := asyncio.current_task()) is None or task.cancelling():
            leave(body, self._endpoint)
        else:
            body.linger(LINGER_SECONDS, LINGER_BYTES)
