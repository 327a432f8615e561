"""A pretend provider, small and fast: fixed OpenAI chat answers, the same for whoever asks.

A whole answer, or a stream with one write per event: as fast as the connection takes them, or (for a model named
`paced`) one per millisecond, so that nothing can be read in one go. Run as `python -m bench.provider`; it prints its
port and serves until it is ended.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from typing import cast

import uvloop

from . import works

PACE = 0.001
"""Seconds between the events of a paced stream."""


def framed(piece: bytes) -> bytes:
    """One HTTP chunk."""
    return b"%x\r\n%s\r\n" % (len(piece), piece)


_WHOLE_BODY = works.whole_answer()
WHOLE = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(_WHOLE_BODY)
) + _WHOLE_BODY
STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
STREAM = [*(framed(event) for event in works.stream_events()), b"0\r\n\r\n"]


class Connection(asyncio.Protocol):
    """One keep-alive connection, one request at a time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray()
        self._events: Iterator[bytes] = iter(())
        self._due = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's do not inherit from it

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n") + 4
        if end < 4:
            return
        head = bytes(self._buffer[:end]).lower()
        at = head.find(b"content-length:")
        size = int(head[at + 15 : head.find(b"\r\n", at)]) if at >= 0 else 0
        if len(self._buffer) < end + size:
            return
        body = bytes(self._buffer[end : end + size])
        self._buffer.clear()
        self._answer(body)

    def _answer(self, body: bytes) -> None:
        assert self._transport is not None
        if b'"stream":true' not in body:
            self._transport.write(WHOLE)
            return
        self._transport.write(STREAM_HEAD)
        self._events = iter(STREAM)
        if b'paced"' in body:
            self._due = self._loop.time()
            self._pace()
        else:
            self._loop.call_soon(self._hurry)

    def _hurry(self) -> None:
        # One write per turn of the loop: each event leaves in a segment of its own.
        if self._transport is not None and (event := next(self._events, None)) is not None:
            self._transport.write(event)
            self._loop.call_soon(self._hurry)

    def _pace(self) -> None:
        if self._transport is not None and (event := next(self._events, None)) is not None:
            self._transport.write(event)
            self._due += PACE
            self._loop.call_at(self._due, self._pace)


async def serve() -> None:
    """Serve until cancelled."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = await asyncio.get_running_loop().create_server(Connection, sock=listener)
    print(listener.getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve())
