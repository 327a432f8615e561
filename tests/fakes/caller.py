"""A client down to the bytes: sends what it likes in the pieces it likes, reads when it likes, hangs up anywhere.

    async with Caller(gateway.url) as caller:
        await caller.send(post("/v1/messages", body))
        heard = await caller.listen()
        assert heard.whole and heard.status == 200

`Heard.whole` says whether the answer ended as HTTP says it ends; an answer that was broken off is not whole.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit


def post(path: str, body: object, headers: Mapping[str, str] | None = None, *, length: int | None = None) -> bytes:
    """The bytes of a POST. `length` is what it claims to have; -1: chunked, and the body is sent by other means."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", "host: localhost", "content-type: application/json"]
    lines.append("transfer-encoding: chunked" if length == -1 else f"content-length: {length or len(content)}")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


def chunk(data: bytes) -> bytes:
    """A piece of a chunked body; an empty one ends it."""
    return b"%x\r\n%b\r\n" % (len(data), data)


@dataclass
class Heard:
    """An answer as far as it came."""

    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool
    """Whether it ended in order."""

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def understand(raw: bytes) -> Heard:
    """The answer in these bytes."""
    head, found, rest = raw.partition(b"\r\n\r\n")
    if not found:
        return Heard(0, {}, b"", False)
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    status = int(first.split(" ")[1])
    if headers.get("transfer-encoding") != "chunked":
        return Heard(status, headers, rest, len(rest) == int(headers.get("content-length", "0")))
    body = b""
    while True:
        size, found, after = rest.partition(b"\r\n")
        if not found or len(after) < int(size, 16) + 2:
            return Heard(status, headers, body + (after[: int(size, 16)] if found else b""), False)
        body, rest = body + after[: int(size, 16)], after[int(size, 16) + 2 :]
        if not int(size, 16):
            return Heard(status, headers, body, True)


class Caller:
    """One connection; an async context manager."""

    def __init__(self, url: str, *, receive_buffer: int | None = None) -> None:
        parts = urlsplit(url)
        self._place = (parts.hostname or "", parts.port or 0)
        self._receive_buffer = receive_buffer
        self.raw = b""
        """All that was read."""
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def __aenter__(self) -> Caller:
        connection = socket.socket()
        if self._receive_buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer)
        connection.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(connection, self._place)
        except OSError:
            connection.close()
            raise
        limit = self._receive_buffer or 1 << 16
        self._reader, self._writer = await asyncio.open_connection(sock=connection, limit=limit)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hang_up()

    async def send(self, data: bytes) -> None:
        """Send `data`; waits while the other side does not read. Raises `ConnectionError` when it has hung up."""
        self._writer.write(data)
        await self._writer.drain()

    async def read(self, size: int = 1 << 16) -> bytes:
        """Some of the answer; empty when the other side has hung up, in order or not."""
        try:
            data = await self._reader.read(size)
        except ConnectionError:
            data = b""
        self.raw += data
        return data

    async def read_to(self, mark: bytes, seconds: float = 5.0) -> None:
        """Read until `mark` has come."""
        async with asyncio.timeout(seconds):
            while mark not in self.raw:
                assert await self.read(), f"the answer ended before {mark!r}: {self.raw!r}"

    async def listen(self, seconds: float = 10.0) -> Heard:
        """Read until the answer is whole or the other side hangs up."""
        async with asyncio.timeout(seconds):
            while not (heard := understand(self.raw)).whole:
                if not await self.read():
                    return understand(self.raw)
        return heard

    def hang_up(self) -> None:
        """Close at once, whatever is under way."""
        self._writer.transport.abort()
