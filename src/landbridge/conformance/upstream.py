"""The suite's upstream: a small server that plays scripts and writes down what the gateway asks of it.

Which rule a request belongs to is told by a word in it (`mark`), so that rules can run side by side; what has no such
word belongs to nobody and gets a friendly answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import socket
import struct
import time
from collections.abc import Sequence
from http import HTTPStatus
from types import TracebackType

import msgspec
from msgspec.structs import replace

from .play import JSON, SSE, Bytes, Play, Says
from .rule import Step
from .seen import Received
from .upstreams import UPSTREAMS

MARKS = re.compile(rb"lbc-[A-Za-z0-9]+-[0-9a-f]{12}")
LARGEST = 1 << 26
"""Bytes of a request that are read."""
HELLO = Says()


class Line:
    """One run of a rule as the upstream sees it: what to answer, and what was asked."""

    def __init__(self, name: str, plays: Sequence[Step]) -> None:
        self.mark = f"lbc-{name}-{secrets.token_hex(6)}"
        self.plays = plays or (HELLO,)
        self.received: list[Received] = []

    def take(self, request: Received) -> Play:
        """What this request gets."""
        self.received.append(request)
        step = self.plays[min(len(self.received), len(self.plays)) - 1]
        return step if isinstance(step, Bytes | Says) else step(request)


class Upstream:
    """The server; an async context manager."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, models: Sequence[str] = ("m",)) -> None:
        self._host, self.port, self._models = host, port, models
        self._server: asyncio.Server | None = None
        self._lines: dict[bytes, Line] = {}
        self._connections: set[_Connection] = set()
        self.strays: list[Received] = []
        """Requests that belong to no rule."""

    async def __aenter__(self) -> Upstream:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connect, self._host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        connections = list(self._connections)
        for connection in connections:
            connection.end()
        await asyncio.gather(*(connection.ended.wait() for connection in connections))
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        """Its root."""
        return f"http://{self._host}:{self.port}"

    def open(self, name: str, plays: Sequence[Step]) -> Line:
        """A line for one run of a rule."""
        line = Line(name, plays)
        self._lines[line.mark.encode()] = line
        return line

    def close(self, line: Line) -> None:
        """The run is over."""
        self._lines.pop(line.mark.encode(), None)

    def _connect(self) -> _Connection:
        connection = _Connection(self)
        self._connections.add(connection)
        return connection

    def forget(self, connection: _Connection) -> None:
        """The connection is over."""
        self._connections.discard(connection)

    def answer(self, request: Received) -> Bytes:
        """What this request gets."""
        path = request.path.partition("?")[0]
        if request.method != "POST" or path.endswith(("/count_tokens", ":countTokens", "/input_tokens")):
            self.strays.append(request)
            return self._aside(path, request)
        found = MARKS.search(request.body)
        line = self._lines.get(found[0]) if found else None
        if line is None:
            self.strays.append(request)
        play = line.take(request) if line else HELLO
        speech = next((each for each in UPSTREAMS.values() if each.serves(path)), None)
        if isinstance(play, Bytes):
            return play
        if speech is None:
            return Bytes(404, JSON, b'{"error":{"message":"The suite does not speak the dialect of this path."}}')
        return _write(play, request, speech.name)

    def _aside(self, path: str, request: Received) -> Bytes:
        if request.method == "POST":
            tokens = len(request.body) // 4
            return Bytes(200, JSON, msgspec.json.encode({"input_tokens": tokens, "totalTokens": tokens}))
        if not path.endswith("/models"):
            return Bytes(200, JSON, b'{"status":"ok"}')
        models: list[dict[str, object]]
        if "x-goog-api-key" in request.headers or path.startswith("/v1beta"):
            body: dict[str, object] = {"models": [{"name": f"models/{name}"} for name in self._models]}
        elif "anthropic-version" in request.headers:
            created = "2026-01-01T00:00:00Z"
            models = [
                {"type": "model", "id": name, "display_name": name, "created_at": created} for name in self._models
            ]
            body = {"data": models, "has_more": False, "first_id": None, "last_id": None}
        else:
            models = [{"id": name, "object": "model", "created": 1, "owned_by": "suite"} for name in self._models]
            body = {"object": "list", "data": models}
        return Bytes(200, JSON, msgspec.json.encode(body))


def _write(content: Says, request: Received, dialect: str) -> Bytes:
    """The content in the dialect and form the request asks for."""
    speech, asked = UPSTREAMS[dialect], request.json
    if content.usage is not None and not content.usage.prompt:
        content = replace(content, usage=replace(content.usage, prompt=len(request.body) // 4))
    id, model = content.id or secrets.token_hex(8), asked["model"].text or "m"
    if asked["stream"].value is not True and ":streamGenerateContent" not in request.path:
        return Bytes(200, JSON, speech.whole(content, id, model), manner=content.manner)
    wants_usage = asked["stream_options"]["include_usage"].value is True
    return Bytes(200, SSE, speech.stream(content, id, model, wants_usage), True, content.manner)


class _Connection(asyncio.StreamReaderProtocol):
    """One connection of the gateway; knows at once when it is closed."""

    def __init__(self, upstream: Upstream) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(asyncio.StreamReader(limit=LARGEST, loop=loop), self._serve, loop)
        self._upstream = upstream
        self._current: Received | None = None
        self._task: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._gone = asyncio.Event()
        self.ended = asyncio.Event()

    def eof_received(self) -> bool:
        self._left()
        super().eof_received()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._left()
        super().connection_lost(exc)
        if self._task is None:
            self.ended.set()

    def _left(self) -> None:
        self._gone.set()
        if self._current is not None and not self._current.over.is_set():
            self._current.left_at = time.monotonic()
            self._current.over.set()

    def end(self) -> None:
        """Close now, whatever is under way."""
        if self._writer is not None:
            self._writer.transport.abort()
        self._gone.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._task, self._writer = asyncio.current_task(), writer
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ValueError):
                while (request := await read_request(reader, writer)) is not None:
                    self._current = request
                    if not await self._play(self._upstream.answer(request), request, writer):
                        break
        finally:
            writer.transport.abort() if self._gone.is_set() else writer.close()
            self._upstream.forget(self)
            self.ended.set()

    async def _play(self, answer: Bytes, request: Received, writer: asyncio.StreamWriter) -> bool:
        """Send the answer; whether the connection can be used again."""
        manner = answer.manner
        if await self._left_during(manner.wait):
            return False
        if answer.status:
            request.answer_head = _head(answer)
            writer.write(request.answer_head)
        await self._left_during(manner.body_wait)
        for number, piece in enumerate(answer.pieces()):
            if (number and await self._left_during(manner.pace)) or self._gone.is_set():
                return False
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if answer.stream else piece)
            request.answer += piece
            request.writes.append(time.monotonic())
            await writer.drain()
        if manner.ending == "hang":
            await self._gone.wait()
        if self._gone.is_set():
            return False
        if manner.ending == "reset":
            connection = writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif manner.ending == "whole" and answer.stream:
            writer.write(b"0\r\n\r\n")
        request.over.set()
        return manner.ending == "whole" and answer.status > 0

    async def _left_during(self, seconds: float) -> bool:
        """Pause; whether the gateway left meanwhile."""
        if seconds:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._gone.wait(), seconds)
        return self._gone.is_set()


async def read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Received | None:
    """The next request of the connection, or None at its end."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    at = time.monotonic()
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("expect") == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if headers.get("transfer-encoding") == "chunked":
        body = await _read_chunks(reader)
    else:
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Received(method, path, headers, body, at)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readline()).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return body


def _head(answer: Bytes) -> bytes:
    framing = {"transfer-encoding": "chunked"} if answer.stream else {"content-length": str(len(answer.body))}
    phrase = HTTPStatus(answer.status).phrase if answer.status in set(HTTPStatus) else "Unknown"
    lines = [f"{name}: {value}" for name, value in {**answer.headers, **framing}.items()]
    return "\r\n".join([f"HTTP/1.1 {answer.status} {phrase}", *lines, "", ""]).encode("latin-1")
