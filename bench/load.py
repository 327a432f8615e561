"""The load generator: so many connections, each sending the next request when the answer to the last is whole.

It parses no more than it must (its own CPU is not measured, but it shares the machine): the end of a whole answer by
its content-length, the end of a stream by the last chunk. Statuses other than 200 and short answers are errors.
"""

from __future__ import annotations

import asyncio
import time
from typing import cast

import uvloop
from msgspec import Struct

LAST_CHUNK = b"\r\n0\r\n\r\n"


class BadAnswer(Exception):
    """The program under test did not do the work."""


class Outcome(Struct):
    """What a round of requests took."""

    seconds: float
    latencies: list[float]
    """Seconds from sending each request to the end of its answer."""
    firsts: list[float]
    """Seconds from sending each request to the first byte of its answer's body."""
    received: int
    """Bytes."""


class Round:
    """Requests left to send, and what came back."""

    def __init__(self, request: bytes, count: int) -> None:
        self.request = request
        self.left = count
        self.latencies: list[float] = []
        self.firsts: list[float] = []
        self.received = 0


class Connection(asyncio.Protocol):
    """One client."""

    def __init__(self, round: Round) -> None:
        self._round = round
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None
        self._reset()

    def _reset(self) -> None:
        self._head = b""
        self._body = False
        self._missing = -1
        self._tail = b""
        self._sent = time.perf_counter()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's do not inherit from it
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(BadAnswer(f"the connection broke: {exc}"))

    def _next(self) -> None:
        assert self._transport is not None
        if self._round.left == 0:
            if not self.done.done():
                self.done.set_result(None)
            self._transport.close()
            return
        self._round.left -= 1
        self._reset()
        self._transport.write(self._round.request)

    def data_received(self, data: bytes) -> None:
        self._round.received += len(data)
        if not self._body:
            data = self._read_head(data)
        if not data:
            return
        if not self._tail:
            self._round.firsts.append(time.perf_counter() - self._sent)
        self._tail = data if len(data) >= len(LAST_CHUNK) else (self._tail + data)[-len(LAST_CHUNK) :]
        if self._missing >= 0:
            self._missing -= len(data)
            ended = self._missing == 0
        else:
            ended = self._tail.endswith(LAST_CHUNK)
        if ended:
            self._round.latencies.append(time.perf_counter() - self._sent)
            self._next()

    def _read_head(self, data: bytes) -> bytes:
        self._head += data
        head, found, rest = self._head.partition(b"\r\n\r\n")
        if not found:
            return b""
        if not head.startswith(b"HTTP/1.1 200"):
            self.done.set_exception(BadAnswer(self._head[:500].decode("latin-1")))
            assert self._transport is not None
            self._transport.abort()
            return b""
        self._body = True
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                self._missing = int(line[15:])
        return rest


async def run(port: int, request: bytes, count: int, connections: int) -> Outcome:
    """Send `request` `count` times over `connections` connections."""
    loop = asyncio.get_running_loop()
    round = Round(request, count)
    began = time.perf_counter()
    clients = [
        (await loop.create_connection(lambda: Connection(round), "127.0.0.1", port))[1]
        for _ in range(min(connections, count))
    ]
    await asyncio.gather(*(client.done for client in clients))
    return Outcome(time.perf_counter() - began, round.latencies, round.firsts, round.received)


def send(port: int, request: bytes, count: int, connections: int = 16) -> Outcome:
    """As `run`, on a loop of its own."""
    return uvloop.run(run(port, request, count, connections))
