"""One HTTP/1.1 connection: requests out, answers in, one exchange at a time.

`incoming.py` reads the bytes. What is here: waiting, back-pressure, silence, closing. Who waits gets `failure` raised.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from copy import copy
from time import monotonic
from typing import cast

from .incoming import Incoming, Malformed

READ_BUFFER = 256 * 1024
"""Bytes of a body that wait unread before the other side is asked to wait, too."""
SLICE = 256 * 1024
"""Bytes of a body that are given to the transport at once; it copies what it cannot send. A body of so many leaves
with its head in one system call."""
STALE = 2.0
"""A connection that was closed before the request reached the other side is known to be so within this many seconds."""


class Broken(Exception):
    """The connection ended before the answer did."""


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
        self._incoming = Incoming()
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._idle: float | None = None
        self._sent = self._heard = 0.0
        self._unsent: memoryview | None = None
        self._full = self._paused = self._lingers = False
        self.failure: Exception | None = None
        self.idle_since = 0.0
        """When the last exchange ended, by the monotonic clock."""

    # -- for the client ------------------------------------------------------------------------------------------------

    @property
    def status(self) -> int:
        """The answer's status."""
        return self._incoming.status

    @property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        """Its headers as they came."""
        return self._incoming.raw_headers

    @property
    def encoding(self) -> bytes:
        """The body's content encoding; empty for none."""
        return self._incoming.encoding

    @property
    def complete(self) -> bool:
        """Whether all of the answer has arrived."""
        return self._incoming.complete

    @property
    def usable(self) -> bool:
        """Whether another request can be sent: nothing is left over from the one before, in either direction."""
        transport = self._transport
        if transport is None or self.failure is not None or transport.is_closing():
            return False
        return transport.get_write_buffer_size() == 0

    @property
    def stale(self) -> bool:
        """Whether it failed as one does that the other side had closed before: at once, without a byte of an answer.

        Later than that, the other side has the request and may have begun to work on it.
        """
        if self._incoming.touched or self.failure is None or isinstance(self.failure, TimeoutError):
            return False
        return monotonic() - self._sent <= STALE

    def send(self, head: bytes, body: bytes, idle: float | None) -> None:
        """Begin an exchange. Silence of `idle` seconds fails it."""
        self._incoming.begin()
        self._idle = idle
        self._sent = self._heard = monotonic()
        if self._transport is None:
            return  # lost since it was made; `head` says so
        if idle is not None and (self._timer is None or self._sent + idle < self._due):
            self._watch(idle)
        if len(body) <= SLICE:
            self._transport.writelines((head, body) if body else (head,))
        else:
            self._transport.write(head)
            self._unsent = memoryview(body)
            self._push()

    async def head(self) -> None:
        """Wait for status and headers. Raises `Broken`, `Malformed`, `OSError`."""
        while not self._incoming.headed:
            await self._wait()

    def bear(self, idle: float | None) -> None:
        """From now on, silence of `idle` seconds fails the exchange."""
        self._idle = None if self._incoming.complete else idle

    async def piece(self) -> bytes:
        """All of the body that has arrived; empty at its end. Raises `Broken`, `Malformed`, `OSError`."""
        incoming = self._incoming
        while not incoming.pieces:
            if incoming.complete:
                return b""
            await self._wait()
        if self._paused:
            self._resume()
        return incoming.take()

    def release(self) -> None:
        """The body is complete and read: ready for the next request."""
        self._on_idle(self)

    def linger(self, seconds: float, limit: int) -> None:
        """Nobody reads on: for so long, drop so many bytes while the answer comes to its end; then `abort`."""
        self._stop_timer()
        if self._transport is None:
            return
        self._idle = None
        self._lingers = True
        self._timer = self._loop.call_later(seconds, self.abort)
        self._incoming.drop(limit)
        if self._paused:
            self._resume()

    def abort(self) -> None:
        """Close at once; the other side notices (P85). One that is still being made is closed when it is."""
        self._stop_timer()
        self._unsent = None
        if self._transport is not None:
            self._transport.abort()
        elif self.failure is None:
            self.failure = Broken("closed")

    # -- waiting -------------------------------------------------------------------------------------------------------

    async def _wait(self) -> None:
        if self.failure is not None:
            raise copy(self.failure)  # raised itself, it would keep its frames, and with them the request's body
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

    def _finish(self) -> None:
        # The answer is complete. Whoever reads it releases the connection; if nobody does, it is free now.
        self._idle = None
        if self._incoming.last:
            self.abort()
        if self._lingers:
            self._stop_timer()
            self._lingers = False
            self._on_idle(self)

    def _watch(self, seconds: float) -> None:
        # One timer for all exchanges, pushed on when it fires: one for each would cost more than all else here.
        self._stop_timer()
        self._due = monotonic() + seconds
        self._timer = self._loop.call_later(seconds, self._check_silence)

    def _check_silence(self) -> None:
        self._timer = None
        if self._idle is None:
            return  # there is nothing to wait for now
        now = monotonic()
        if self._waiter is None:
            self._heard = now  # the silence is ours
        left = self._heard + self._idle - now
        if left <= 0.001:
            self._fail(TimeoutError())
        else:
            self._watch(left)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # -- for the event loop --------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's do not inherit from it
        if self.failure is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Bytes of an answer, cut anywhere."""
        self._heard = monotonic()
        incoming = self._incoming
        try:
            incoming.feed(data)
        except Malformed as error:
            if incoming.complete:
                self.abort()
            else:
                self._fail(error)
        if incoming.complete:
            self._finish()
        elif incoming.held > READ_BUFFER:
            self._pause()
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _pause(self) -> None:
        if not (self._paused or self._lingers or self._transport is None or self._transport.is_closing()):
            self._paused = True
            self._transport.pause_reading()

    def _resume(self) -> None:
        self._paused = False
        self._heard = monotonic()  # held back, the other side could not be heard
        if self._transport is not None:
            self._transport.resume_reading()

    def pause_writing(self) -> None:
        """The transport has enough."""
        self._full = True

    def resume_writing(self) -> None:
        """The other side has taken what was written: a sign of life, too."""
        self._full = False
        self._heard = monotonic()
        self._push()

    def _push(self) -> None:
        # Slices of a view: the body is never copied whole, and TLS encrypts no more than is about to leave.
        while self._unsent is not None and not self._full and self._transport is not None:
            piece, rest = self._unsent[:SLICE], self._unsent[SLICE:]
            self._unsent = rest if len(rest) else None
            self._transport.write(piece)

    def eof_received(self) -> None:
        """The other side sends no more. A body of no declared length ends like that."""
        if self._incoming.complete or (self._said_goodbye() and self._incoming.end()):
            self.abort()
            self._finish()
            self._wake()
        else:
            self._fail(Broken("closed too early"))

    def _said_goodbye(self) -> bool:
        # TLS tells its end from a cut line (RFC 9112, 9.8), asyncio does not: a cut body must not pass for a whole one.
        tls: ssl.SSLObject | None = self._transport.get_extra_info("ssl_object") if self._transport else None
        try:
            return tls is None or not tls.read(1)
        except ssl.SSLError:
            return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Closed, by whomever."""
        self._stop_timer()
        self._transport = self._unsent = None
        if self.failure is None:
            self.failure = exc if isinstance(exc, OSError) else Broken("closed too early")
        self._wake()
        self._on_lost(self)
