"""One request of a client and its answer, written straight to the connection (`http1.py`).

For landbridge's own application it is the `Sink` and the client's departure in one; any other ASGI application has
`receive` and `send`. A head waits for the first bytes of its body, or for the loop's next turn: `TCP_NODELAY` is set,
and each write is a system call and a packet of its own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from .asgi import Message, Receive, discard

if TYPE_CHECKING:
    from .http1 import Http1

BODY_AHEAD = 1024 * 1024
"""Bytes of a body that may wait unread before its client is held back; more than an agent's request commonly has."""
BODILESS = (204, 304)
"""Statuses that never have a body."""

_FIRST = {status.value: f"HTTP/1.1 {status.value} {status.phrase}" for status in HTTPStatus}


class Exchange:
    """What is not said otherwise is as the class says: an exchange sets only what is different with it."""

    complete = False
    """Whether all of the request has come."""
    started = False
    finished = False
    """Whether the last of the answer was given to the connection: from then on the client may leave."""
    answered = False
    """Whether the connection has done with it."""
    blocked = False
    aborted = False
    """Whether the connection shall be broken."""
    touched = 0.0
    unread: Receive | None = None
    """Where the rest of a body comes from that was not read to its end; the connection is closed after the answer."""
    happened = False
    """Whether the exchange was cancelled because its client left (P85)."""
    gone = False
    """Whether the client has left."""
    task: asyncio.Task[None] | None = None
    """What works on it."""
    waits = 0
    """Bytes of the body that have come and were not taken."""
    _told = False
    _armed = False
    _waiter: asyncio.Future[None] | None = None
    _head = b""
    _chunked = False
    _missing: int | None = None

    def __init__(self, line: Http1, *, headless: bool, keep: bool, chunks: bool, expects: bool) -> None:
        self._line = line
        self.headless = headless
        """A HEAD request: the headers are all there is."""
        self.keep = keep
        """Whether the connection is kept after it."""
        self._chunks, self._expects = chunks, expects
        self._pieces: list[bytes] = []

    # -- the request, as it comes --------------------------------------------------------------------------------------

    def feed(self, data: bytes) -> None:
        """Some of the body. Behind the answer nobody wants it."""
        if self.answered:
            return
        self._pieces.append(data)
        self.waits += len(data)
        if self.waits > BODY_AHEAD:
            self._line.pause()
        self._wake()

    def end_of_request(self) -> None:
        """All of it has come."""
        self.complete = True
        self._wake()

    def leave(self) -> None:
        """The client is gone: what was armed is cancelled, unless it is as good as done."""
        self.gone = True
        self._wake()
        if self._armed and not self.finished and self.task is not None:
            self.happened = True
            self.task.cancel()

    def arm(self) -> None:
        """From now on the exchange ends when its client leaves."""
        self._armed = True
        if self.gone:
            self.leave()

    def disarm(self) -> None:
        """The exchange is over."""
        self._armed = False

    def body(self, limit: int) -> bytes | None:
        """The request's body, if all of it is here and it has no more than `limit` bytes."""
        if not self.complete or self.waits > limit or self.gone:
            return None
        return self._take()

    async def receive(self) -> Message:
        """ASGI's: the next of the body; after it, that the client has left or has its answer."""
        if self._expects and not (self.complete or self.started):
            self._line.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._expects = False
        while not (self.gone or self.answered or self._pieces or (self.complete and not self._told)):
            self._waiter = self._line.loop.create_future()
            await self._waiter
        if self.gone or self.answered:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": self._take(), "more_body": not self.complete}

    def _take(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        self.waits, self._told = 0, self.complete
        self._line.resume()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # -- the answer ----------------------------------------------------------------------------------------------------

    async def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Send a complete answer."""
        if self._line.full:
            await self._line.drain()
        if self.unread is not None:
            self.keep = False
        data = self._whole(status, headers, body)
        self.started = True
        if self.unread is not None:
            self._line.write(data)
            await discard(self.unread)
            data = b""
        self._finish(data)

    def _whole(self, status: int, headers: Mapping[str, str], body: bytes) -> bytes:
        lines = [f"{name}: {value}" for name, value in headers.items()]
        lines.append(f"content-length: {len(body)}")
        head = self._written(status, lines)
        return head if self.headless else head + body

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Send status and headers."""
        if self._line.full:
            await self._line.drain()
        self._begin(status, headers.items())
        self.touched = self._line.loop.time()

    async def write(self, data: bytes) -> None:
        """Send a piece; waits while the client reads slowly."""
        if self._line.full:
            self.blocked = True
            await self._line.drain()
            self.blocked = False
        self._put(data)
        self.touched = self._line.loop.time()

    async def end(self) -> None:
        """The answer is complete; what the client has not read yet goes on its way without us."""
        if self._missing:
            raise RuntimeError(f"an answer ends {self._missing} bytes before its content-length")
        head, self._head = self._head, b""
        self._finish(head + b"0\r\n\r\n" if self._chunked else head)

    def abort(self) -> None:
        """Break the connection, once the handler has returned."""
        self.aborted = True

    async def send(self, message: Message) -> None:
        """ASGI's."""
        if message["type"] == "http.response.start":
            if self._line.full:
                await self._line.drain()
            pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message.get("headers", ())]
            self._begin(message["status"], pairs)
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        if body:
            await self.write(body)
        if not more:
            await self.end()

    def settle(self) -> None:
        """The application has done what it does: what it did not end is broken off."""
        if self.answered or self.gone:
            return
        self.keep = False
        if not self.started:
            self.started = True
            body = b"Internal Server Error"
            self._finish(self._whole(500, {"content-type": "text/plain; charset=utf-8"}, body))
        else:
            self._flush()
            self._line.break_off(sharply=not self._chunked and self._missing is None)

    def _begin(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        lines = []
        for name, value in headers:
            match name.lower():
                case "content-length":
                    self._missing = 0 if self.headless else int(value)
                case "connection" | "transfer-encoding":
                    self.keep = self.keep and "close" not in value.lower()
                    continue
                case _:
                    pass
            lines.append(f"{name}: {value}")
        if self._missing is None and not self.headless and status not in BODILESS:
            self._chunked = self._chunks
            if self._chunked:
                lines.append("transfer-encoding: chunked")
            else:
                self.keep = False  # a client of HTTP/1.0 knows the end by that of the connection
        self._head = self._written(status, lines)
        self.started = True
        self._line.loop.call_soon(self._flush)

    def _written(self, status: int, lines: list[str]) -> bytes:
        """The bytes of a head with these header lines. Raises `ValueError` for what cannot stand in one."""
        first = _FIRST.get(status) or f"HTTP/1.1 {status} "
        if not self.keep:
            lines.append("connection: close")
        text = "\r\n".join([first, _date(int(time.time())), *lines])
        breaks = len(lines) + 1
        if text.count("\n") != breaks or text.count("\r") != breaks or "\0" in text:
            raise ValueError("a header of an answer holds a line break")
        return text.encode("latin-1", "replace") + b"\r\n\r\n"

    def _put(self, data: bytes) -> None:
        if self.headless or self.answered or not data:
            return
        if self._chunked:
            data = b"%x\r\n%b\r\n" % (len(data), data)
        elif self._missing is not None:
            if len(data) > self._missing:
                raise RuntimeError("an answer goes on behind its content-length")
            self._missing -= len(data)
        if self._head:
            data, self._head = self._head + data, b""
        self._line.write(data)

    def _flush(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._line.write(head)

    def _finish(self, data: bytes) -> None:
        self.finished = self.answered = True
        if data:
            self._line.write(data)
        self._line.answered(self)
        self._wake()


@lru_cache(maxsize=1)
def _date(second: int) -> str:
    return f"date: {formatdate(second, usegmt=True)}"


def own_exchange(scope: Mapping[str, Any]) -> Exchange | None:
    """The exchange behind an ASGI scope, where our own server made it."""
    exchange: Exchange | None = scope.get(OWN)
    return exchange


OWN = "landbridge.exchange"
"""Its key in the scope."""
