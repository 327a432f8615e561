"""Sends one request on a connection of its own and notes every piece of the answer with its time.

A client of its own and no library's: it has to see what libraries hide (broken ends, pieces, times) and to do what they
refuse (bodies that are no JSON, leaving in the middle).
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from urllib.parse import urlsplit

import httptools
from msgspec import Struct

from .seen import Answer

CONNECT_SECONDS = 10.0


class Wire(Struct, frozen=True):
    """A request as it goes over the wire."""

    url: str
    head: bytes
    pieces: tuple[bytes, ...]
    """Of the body, as they are written."""
    headless: bool = False
    """Whether the answer has no body whatever its headers say (HEAD)."""
    leave_after: float | None = None

    @property
    def content(self) -> bytes:
        """All of it."""
        return self.head + b"".join(self.pieces)


def compose(
    method: str, url: str, headers: dict[str, str], body: bytes, *, pieces: int = 1, chunked: bool = False
) -> Wire:
    """A request to `url`."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    framing = {"transfer-encoding": "chunked"} if chunked else {"content-length": str(len(body))}
    if not body and method in ("GET", "HEAD"):
        framing = {}
    lines = [f"{name}: {value}" for name, value in {"host": parts.netloc, **headers, **framing}.items()]
    head = "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode("latin-1")
    size = max(1, -(-len(body) // pieces))
    cut = [body[at : at + size] for at in range(0, len(body), size)]
    if chunked:
        cut = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in cut] + [b"0\r\n\r\n"]
    return Wire(url, head, tuple(cut), method == "HEAD")


async def send(wire: Wire, seconds: float) -> Answer:
    """The answer to `wire`, as far as it came within `seconds`. Never raises."""
    answer = Answer(time.monotonic())
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await _connect(wire.url)
            try:
                await _exchange(wire, answer, reader, writer)
            finally:
                writer.transport.abort()
    except TimeoutError:
        answer.ended, answer.why = "late", f"no end within {seconds:g} s"
    except (OSError, ssl.SSLError) as error:
        answer.ended = "cut" if answer.status else "nothing"
        answer.why = f"{type(error).__name__}: {error}"
    answer.over_at = time.monotonic()
    return answer


async def _connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    secure = ssl.create_default_context() if parts.scheme == "https" else None
    port = parts.port or (443 if secure else 80)
    async with asyncio.timeout(CONNECT_SECONDS):
        return await asyncio.open_connection(parts.hostname or "", port, ssl=secure)


async def _exchange(wire: Wire, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    answer.sent_at = time.monotonic()
    writer.write(wire.head + b"".join(wire.pieces[:1]))
    for piece in wire.pieces[1:]:
        await asyncio.sleep(0.1)
        writer.write(piece)
        # A gateway may answer before it has read all; then it need not read the rest.
        with contextlib.suppress(ConnectionError):
            await writer.drain()
    if wire.leave_after is None:
        await _read(wire, answer, reader)
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(wire.leave_after):
            await _read(wire, answer, reader)
            return
    answer.ended = "left"


async def _read(wire: Wire, answer: Answer, reader: asyncio.StreamReader) -> None:
    arrival = _Arrival(answer)
    try:
        while not arrival.complete:
            data = await reader.read(1 << 16)
            if not data:
                unframed = not {"content-length", "transfer-encoding"} & set(answer.headers)
                answer.ended = "whole" if answer.status and unframed else "cut" if answer.status else "nothing"
                answer.why = "" if answer.ended == "whole" else "the connection was closed"
                return
            arrival.feed(data)
            if wire.headless and answer.status:
                break
    except httptools.HttpParserError as error:
        answer.ended, answer.why = "cut", f"that is no HTTP: {error}"
        return
    answer.ended = "whole"


class _Arrival:
    """Takes what httptools finds."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._parser = httptools.HttpResponseParser(self)
        self.complete = False

    def feed(self, data: bytes) -> None:
        """The next bytes."""
        self._parser.feed_data(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._answer.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._answer.status = self._parser.get_status_code()
        self._answer.head_at = time.monotonic()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._answer.pieces.append((time.monotonic(), body))

    def on_message_complete(self) -> None:
        """The end."""
        self.complete = True
