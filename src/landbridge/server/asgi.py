"""ASGI to calls and sinks: reads bodies with a limit, writes answers, notices when the client leaves.

Nothing here costs a task per request: the watch for a leaving client starts only when an exchange lasts longer than a
moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from typing import Any

from ..errors import BadRequest, TooLarge

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

BODY_SILENCE = 60.0
"""Seconds a client may be silent before its body is whole."""
LINGER = 3.0
"""Seconds the rest of a body nobody wants is read and thrown away: closing at once would destroy the answer on its way
(RFC 9112, section 9.6), and the client would see a broken connection instead of the reason."""
WATCH_AFTER = 0.1
"""Seconds after which a running exchange watches whether its client is still there."""


class ClientGone(Exception):
    """The client left before its request was complete; nobody waits for an answer."""


class Aborted(Exception):
    """Raised out of the application so that the server breaks the connection instead of ending the answer."""


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The request's body. Raises `TooLarge` without reading the rest, `ClientGone`, `BadRequest` for a stalled one."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > limit:
            raise _too_large(limit)
    message = await _next(receive, 0)
    body: bytes = message.get("body", b"")
    return await _read_rest(body, receive, limit) if message.get("more_body") else body


async def _read_rest(first: bytes, receive: Receive, limit: int) -> bytes:
    body = bytearray(first)
    while True:
        if len(body) > limit:
            raise _too_large(limit)
        message = await _next(receive, len(body))
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    if len(body) > limit:
        raise _too_large(limit)
    return bytes(body)


async def _next(receive: Receive, size: int) -> Message:
    """The next piece of a body of which `size` bytes have come.

    Mostly it is here already, and then `asyncio.timeout` would cost more than everything else that is done with it.
    """
    task = asyncio.current_task()
    assert task is not None, "served in a task"
    stalled = False

    def give_up() -> None:
        nonlocal stalled
        stalled = True
        task.cancel()

    timer = asyncio.get_running_loop().call_later(BODY_SILENCE, give_up)
    try:
        message = await receive()
    except asyncio.CancelledError:
        if not stalled or task.uncancel() > 0:  # somebody else wants this to end, too
            raise
        raise BadRequest(
            f"The request's body stopped after {size} bytes; nothing more came for {BODY_SILENCE:g} seconds."
        ) from None
    finally:
        timer.cancel()
    if message["type"] == "http.disconnect":
        raise ClientGone
    return message


async def discard(receive: Receive) -> None:
    """Throw away what still comes of a body, for a while."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER):
            while (await receive()).get("more_body"):
                pass


def _too_large(limit: int) -> TooLarge:
    size = f"{limit >> 20} MiB" if limit >= 1 << 20 else f"{limit} bytes"
    return TooLarge(
        f"The request's body is larger than {size}.",
        remedy="Send less (fewer or smaller images and files), or raise `server.max_body` in the settings.",
    )


class ASGISink:
    """A `Sink` over ASGI's `send`."""

    __slots__ = ("_loop", "_send", "aborted", "blocked", "finished", "headless", "started", "touched", "unread")

    def __init__(self, send: Send, *, headless: bool = False) -> None:
        self._send = send
        self._loop = asyncio.get_running_loop()
        self.started = False
        self.finished = False
        """Whether the last of the answer was given to the server: from then on the client may leave."""
        self.blocked = False
        self.aborted = False
        """Whether the connection shall be broken."""
        self.touched = 0.0
        self.headless = headless
        """A HEAD request: the headers are all there is."""
        self.unread: Receive | None = None
        """Where the rest of a body comes from that was not read to its end; the connection is closed after the answer.
        """

    async def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Send a complete answer."""
        self.started = True
        pairs = _pairs(headers)
        pairs.append((b"content-length", b"%d" % len(body)))
        if self.unread is not None:
            pairs.append((b"connection", b"close"))
        await self._send({"type": "http.response.start", "status": status, "headers": pairs})
        content = b"" if self.headless else body
        if self.unread is not None:
            await self._send({"type": "http.response.body", "body": content, "more_body": True})
            await discard(self.unread)
            content = b""
        self.finished = True
        await self._send({"type": "http.response.body", "body": content})

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Send status and headers."""
        self.started = True
        self.touched = self._loop.time()
        await self._send({"type": "http.response.start", "status": status, "headers": _pairs(headers)})

    async def write(self, data: bytes) -> None:
        """Send a piece; waits while the client reads slowly."""
        self.blocked = True
        await self._send({"type": "http.response.body", "body": data, "more_body": True})
        self.blocked = False
        self.touched = self._loop.time()

    async def end(self) -> None:
        """The answer is complete."""
        self.finished = True
        await self._send({"type": "http.response.body", "body": b""})

    def abort(self) -> None:
        """Break the connection, once the handler has returned."""
        self.aborted = True


def _pairs(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]


class Departure:
    """Cancels the running exchange when its client leaves (P85). `arm` before, `disarm` after."""

    __slots__ = ("_receive", "_sink", "_task", "_timer", "_watched", "happened")

    def __init__(self, receive: Receive, sink: ASGISink) -> None:
        self._receive, self._sink = receive, sink
        self._watched: asyncio.Task[Any] | None = None
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.happened = False

    def arm(self) -> None:
        """Watch over the current task, soon."""
        self._watched = asyncio.current_task()
        self._timer = asyncio.get_running_loop().call_later(WATCH_AFTER, self._begin)

    def disarm(self) -> None:
        """The exchange is over."""
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def _begin(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._wait())

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        # Servers say the same when the answer is complete; what is left to do then shall be done.
        if self._watched is not None and not self._sink.finished:
            self.happened = True
            self._watched.cancel()
