"""One HTTP/1.1 connection: requests out, heads and bodies in, one exchange at a time.

Parsing is httptools'. What is here: waiting, back-pressure, silence, the ways a body can end. It knows no pool and no
gateway errors; `failure` holds what went wrong, and whoever waits gets it raised.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

import httptools

MAX_HEAD = 64 * 1024
"""Bytes an answer's head may have."""
READ_BUFFER = 256 * 1024
"""Bytes of a body that wait unread before the other side is asked to wait, too."""

FRAMING = (b"content-length", b"transfer-encoding")


class Broken(Exception):
    """The connection ended before the answer did."""


class Malformed(Exception):
    """What came is not HTTP/1.1."""


class NotConnected(Exception):
    """No connection came about; the reason is its `__cause__`."""


class SlowToConnect(TimeoutError):
    """No connection came about in time."""


ERRORS = (OSError, Broken, Malformed, NotConnected)
"""Everything that can go wrong with a connection (timeouts are `OSError`s)."""

Key = tuple[str, int, bool]
"""Host, port, TLS: where a connection leads."""


class Connection(asyncio.Protocol):
    """A connection to `key`. `on_idle` is told when it has no more to do, `on_lost` when it is closed."""

    def __init__(self, key: Key, on_idle: Callable[[Connection], None], on_lost: Callable[[Connection], None]) -> None:
        self.key = key
        self._loop = asyncio.get_running_loop()
        self._on_idle, self._on_lost = on_idle, on_lost
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._idle: float | None = None
        self._heard = 0.0
        self.failure: Exception | None = None
        self.used = 0
        """Requests sent so far."""
        self.idle_since = 0.0
        """Loop time of the end of the last exchange."""
        self.lingers = False
        """Whether nobody reads the rest of the answer."""
        self._reset()

    def _reset(self) -> None:
        self.status = 0
        self.raw_headers: list[tuple[bytes, bytes]] = []
        self.touched = False
        """Whether any byte of the answer has come."""
        self.headed = False
        """Whether the head is whole."""
        self.complete = False
        """Whether the body is whole."""
        self._pieces: list[bytes] = []
        self._size = 0
        self._paused = False

    # -- for the client ----------------------------------------------------------------------------------------------

    @property
    def usable(self) -> bool:
        """Whether another request can be sent: nothing is left over from the one before, in either direction."""
        transport = self._transport
        if transport is None or self.failure is not None or transport.is_closing():
            return False
        return transport.get_write_buffer_size() == 0

    def send(self, head: bytes, body: bytes, idle: float | None) -> None:
        """Begin an exchange. Silence of `idle` seconds fails it."""
        assert self._transport is not None, "connected"
        if self.used:
            self._reset()
        self.used += 1
        self._transport.write(head + body if len(body) < MAX_HEAD else head)
        if len(body) >= MAX_HEAD:
            self._transport.write(body)
        self._idle = idle
        if idle is not None:
            self._heard = self._loop.time()
            self._timer = self._loop.call_later(idle, self._check_silence)

    async def head(self) -> None:
        """Wait for status and headers. Raises `Broken`, `Malformed`, `TimeoutError`."""
        while not self.headed:
            await self._wait()

    async def piece(self) -> bytes:
        """All of the body that has arrived; empty at its end. Raises `Broken`, `Malformed`, `TimeoutError`."""
        while not self._pieces:
            if self.complete:
                return b""
            await self._wait()
        pieces, self._pieces, self._size = self._pieces, [], 0
        if self._paused:
            self._paused = False
            if self._transport is not None:
                self._transport.resume_reading()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def release(self) -> None:
        """The body is complete and read: ready for the next request."""
        self._on_idle(self)

    def linger(self, seconds: float) -> None:
        """Nobody reads on, but the end is near: wait so long for it, then `abort`."""
        self._stop_timer()
        self.lingers = True
        self._idle = None
        self._timer = self._loop.call_later(seconds, self.abort)
        if self._paused and self._transport is not None:
            self.abort()

    def abort(self) -> None:
        """Close at once; the other side notices (P85)."""
        self._stop_timer()
        if self._transport is not None:
            self._transport.abort()

    # -- waiting -------------------------------------------------------------------------------------------------------

    async def _wait(self) -> None:
        if self.failure is not None:
            raise self.failure
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, failure: Exception) -> None:
        if self.failure is None:
            self.failure = failure
        self.abort()
        self._wake()

    def _check_silence(self) -> None:
        # One timer an exchange, pushed on when it fires: a timer per piece would cost more than the piece.
        assert self._idle is not None
        now = self._loop.time()
        if self._waiter is None:
            self._heard = now  # the silence is ours
        left = self._heard + self._idle - now
        if left <= 0.001:
            self._fail(TimeoutError())
        else:
            self._timer = self._loop.call_later(left, self._check_silence)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # -- for the event loop --------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's do not inherit from it

    def data_received(self, data: bytes) -> None:
        """Bytes of an answer, cut anywhere."""
        if self._idle is not None:
            self._heard = self._loop.time()
        self.touched = True
        if not self.headed:
            self._size += len(data)
            if self._size > MAX_HEAD and data.find(b"\r\n\r\n") < 0:
                self._fail(Malformed(f"its headers are larger than {MAX_HEAD >> 10} KiB"))
                return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._fail(Malformed("it switches to another protocol"))
        except httptools.HttpParserError as error:
            if self.complete:  # bytes behind the end: the answer is whole, the connection is of no use
                self.abort()
            else:
                self._fail(Malformed(str(error).partition(",")[0] or "unreadable"))
        else:
            if self._size > READ_BUFFER and not self.complete:
                self._pause()
        self._wake()

    def _pause(self) -> None:
        if not self._paused and self._transport is not None and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()

    def eof_received(self) -> None:
        """The other side sends no more. A body of no declared length ends like that."""
        if self.headed and not self.complete and not any(name.lower() in FRAMING for name, _ in self.raw_headers):
            self.complete = True
            self._stop_timer()
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Closed, by whomever."""
        self._stop_timer()
        self._transport = None
        if self.failure is None:
            self.failure = exc if isinstance(exc, OSError) else Broken("closed too early")
        self._wake()
        self._on_lost(self)

    # -- for the parser ------------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A head begins."""
        if self.complete or not self.used:
            raise Malformed("more than one answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header line. Trailers behind a body mean nothing to us."""
        if not self.headed:
            self.raw_headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is whole; one of 1xx is only a message in between."""
        self.status = self._parser.get_status_code()
        if self.status >= 200:
            self.headed = True
            self._size = 0

    def on_body(self, data: bytes) -> None:
        """Some of the body, without its framing."""
        if not self.lingers:
            self._pieces.append(data)
            self._size += len(data)

    def on_message_complete(self) -> None:
        """The body is whole, or a 1xx is over."""
        if not self.headed:  # it was a 1xx
            self.raw_headers, self._size = [], 0
            return
        self.complete = True
        self._stop_timer()
        if not self._parser.should_keep_alive() and self._transport is not None:
            self._transport.close()
        if self.lingers:
            self.lingers = False
            self._on_idle(self)
