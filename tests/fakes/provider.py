"""A scripted upstream: a real local server whose every byte, pause and broken end is chosen by the test.

In a test:

    async with Provider([Reply(text="Hi")]) as provider:
        ... send requests to provider.base_url("openai_chat") ...
        assert provider.requests[0].json["model"] == "m"

A script is one step, or a list of steps: each generation request (POST) takes the next one, and the last repeats. A
step is

- `Reply(text, tools, thinking, ...)`: a well-formed answer in the dialect of the request's path, streamed or whole as
  its body asks (usage in a chat stream only if `include_usage` asked). `pace` is the pause between records.
- `Answer(status, headers, body, stream, ...)`: any bytes at all. `cuts` gives the sizes of the writes (the last size
  repeats; without it, a stream is written record by record); `wait`, `body_wait` and `delay` are the seconds before the
  head, after it and between writes; after `until` bytes of the body comes the `ending`: `whole` (a legal end), `close`,
  `reset` (RST) or `hang`. `repeat` is sent over and over after the body until the client leaves. With `raw` the body is
  sent instead of any HTTP. Silence: `Answer(wait=3600)`; silence after the head: `Answer(stream=True, ending="hang")`.
- a function from the `Received` request to one of these. `Agent(steps, final)` is such a function: a model that calls
  tools by how many tool results the history holds.

`GET .../models` answers in both dialects, `POST .../count_tokens` with a quarter of the bytes, `GET /log` (for
processes) with what was received; none of these takes a step. `requests` holds the POSTs, `others` everything else.

`Received.left_at` says when (time.monotonic) the client closed the connection while its answer was under way, and
`await received.left(seconds)` waits for that: for the tests that upstream work ends when the client goes.

As a process: `python -m tests.fakes.provider --port 0 --script FILE.json` prints its URL on the first line. The file
holds `{"steps": [{"type": "reply", "text": "Hi"}, {"type": "answer", "status": 500, "text": "no"}]}` or
`{"agent": {"steps": [[["Read", {"file_path": "/a"}]]], "final": "Done."}}`, and may name `"models"`.

Builders of true bodies and streams are in `answers.py`; they are offered here too.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import socket
import struct
import time
from collections.abc import Sequence
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

from .answers import (
    Tokens,
    anthropic_error,
    anthropic_stream,
    anthropic_whole,
    chat_error,
    chat_stream,
    chat_whole,
)
from .script import HTML_ERROR, JSON, SSE, Agent, Answer, Received, Reply, Script, Step, error, read_script

__all__ = [
    "HTML_ERROR",
    "JSON",
    "SSE",
    "Agent",
    "Answer",
    "Provider",
    "Received",
    "Reply",
    "Script",
    "Step",
    "Tokens",
    "anthropic_error",
    "anthropic_stream",
    "anthropic_whole",
    "chat_error",
    "chat_stream",
    "chat_whole",
    "error",
]


COUNTS = ("/count_tokens", "/input_tokens", ":countTokens")
HELLO = Reply(text="Hello!")


class Provider:
    """The server; an async context manager. Nothing of it is left when the context ends."""

    def __init__(self, script: Script = HELLO, models: Sequence[str] = ("m",), port: int = 0) -> None:
        self._steps: list[Step] = list(script) if isinstance(script, Sequence) else [script]
        self._models = models
        self._port = port
        self._taken = 0
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self.requests: list[Received] = []
        """The POSTs that took a step of the script, in order of arrival."""
        self.others: list[Received] = []
        self.connected = 0
        """How many connections were opened."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(self._connect, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
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
        """Root of the server, `http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self._port}"

    def base_url(self, dialect: str) -> str:
        """What stands in a provider's settings: with `/v1` for OpenAI's dialects."""
        return {"anthropic": self.url, "gemini": f"{self.url}/v1beta"}.get(dialect, f"{self.url}/v1")

    async def received(self, count: int = 1, seconds: float = 5.0) -> Received:
        """Wait until the `count`-th generation request is there, and give it."""
        async with asyncio.timeout(seconds):
            while len(self.requests) < count:
                await asyncio.sleep(0.005)
        return self.requests[count - 1]

    def _connect(self) -> _Connection:
        self.connected += 1
        connection = _Connection(self)
        self._connections.add(connection)
        return connection

    def forget(self, connection: _Connection) -> None:
        """The connection is over."""
        self._connections.discard(connection)

    def answer(self, request: Received) -> Answer:
        """What this request gets."""
        path = request.path.partition("?")[0]
        if request.method == "POST" and not path.endswith(COUNTS):
            self.requests.append(request)
            step = self._steps[min(self._taken, len(self._steps) - 1)]
            self._taken += 1
            found = step if isinstance(step, (Answer, Reply)) else step(request)
            return found.answer(request, self._taken) if isinstance(found, Reply) else found
        self.others.append(request)
        if path.endswith(("/count_tokens", "/input_tokens")):
            counted = {"object": "response.input_tokens"} if path.endswith("/input_tokens") else {}
            return _json(counted | {"input_tokens": len(request.body) // 4})
        if path.endswith(":countTokens"):
            return _json({"totalTokens": len(request.body) // 4})
        if path.endswith("/models"):
            if "x-goog-api-key" in request.headers:
                return _json({"models": [{"name": f"models/{name}"} for name in self._models]})
            return _json(self._model_list("anthropic-version" in request.headers))
        if path == "/log":
            return _json([_entry(each) for each in self.requests])
        return Answer(status=404)

    def _model_list(self, anthropic: bool) -> object:
        if not anthropic:
            models = [{"id": name, "object": "model", "created": 1, "owned_by": "test"} for name in self._models]
            return {"object": "list", "data": models}
        entries = [
            {"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"}
            for name in self._models
        ]
        return {"data": entries, "has_more": False, "first_id": self._models[0], "last_id": self._models[-1]}


class _Connection(asyncio.StreamReaderProtocol):
    """One client connection; knows at once when the client has closed it."""

    def __init__(self, provider: Provider) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(asyncio.StreamReader(limit=1 << 27, loop=loop), self._serve, loop)
        self._provider = provider
        self._current: Received | None = None
        self._task: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self.gone = asyncio.Event()
        self.ended = asyncio.Event()

    def eof_received(self) -> bool:
        self._client_left()
        super().eof_received()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._client_left()
        super().connection_lost(exc)
        if self._task is None:
            self.ended.set()

    def _client_left(self) -> None:
        self.gone.set()
        if self._current is not None and not self._current.over.is_set():
            self._current.left_at = time.monotonic()
            self._current.over.set()

    def end(self) -> None:
        """Close now, whatever is under way."""
        if self._writer is not None:
            self._writer.transport.abort()
        self.gone.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._task, self._writer = asyncio.current_task(), writer
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while (request := await _read_request(reader, writer)) is not None:
                    self._current = request
                    if not await self._play(self._provider.answer(request), request, writer):
                        break
        finally:
            writer.transport.abort() if self.gone.is_set() else writer.close()
            self._provider.forget(self)
            self.ended.set()

    async def _play(self, answer: Answer, request: Received, writer: asyncio.StreamWriter) -> bool:
        """Send the answer; whether the connection can be used again."""
        if await self._left_during(answer.wait):
            return False
        if not answer.raw:
            writer.write(_head(answer))
        await self._left_during(answer.body_wait)
        for number, piece in enumerate(answer.writes):
            if (number and await self._left_during(answer.delay)) or self.gone.is_set():
                return False
            await _send(piece, answer, request, writer)
        while answer.repeat and not await self._left_during(max(answer.delay, 0.001)):
            await _send(answer.repeat, answer, request, writer)
        if answer.ending == "hang":
            await self.gone.wait()
        if self.gone.is_set():
            return False
        if answer.ending == "reset":
            _reset_on_close(writer)
        elif answer.ending == "whole" and answer.stream and not answer.raw:
            writer.write(b"0\r\n\r\n")
        request.finished_at = time.monotonic()
        request.over.set()
        return answer.ending == "whole" and not answer.raw

    async def _left_during(self, seconds: float) -> bool:
        """Pause; whether the client left meanwhile."""
        if seconds:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.gone.wait(), seconds)
        return self.gone.is_set()


async def _read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Received | None:
    """The next request of the connection, or None at its end."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("expect") == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if headers.get("transfer-encoding") == "chunked":
        return Received(method, path, headers, await _read_chunks(reader))
    return Received(method, path, headers, await reader.readexactly(int(headers.get("content-length", 0))))


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readline()).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return body


def _head(answer: Answer) -> bytes:
    headers = {"date": formatdate(usegmt=True), **answer.headers}
    if answer.stream:
        headers["transfer-encoding"] = "chunked"
    else:
        headers.setdefault("content-length", str(len(answer.content)))
    status = HTTPStatus(answer.status).phrase if answer.status in set(HTTPStatus) else "Unknown"
    lines = [f"HTTP/1.1 {answer.status} {status}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


async def _send(piece: bytes, answer: Answer, request: Received, writer: asyncio.StreamWriter) -> None:
    framed = answer.stream and not answer.raw
    writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if framed else piece)
    await writer.drain()
    request.sent += len(piece)


def _reset_on_close(writer: asyncio.StreamWriter) -> None:
    """Closing sends RST and not FIN."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _json(value: object) -> Answer:
    return Answer(headers=JSON, body=json.dumps(value).encode())


def _entry(request: Received) -> dict[str, object]:
    return {
        "method": request.method,
        "path": request.path,
        "headers": request.headers,
        "body": request.body.decode("utf-8", "replace"),
        "at": request.at,
        "sent": request.sent,
        "finished_at": request.finished_at,
        "left_at": request.left_at,
    }


async def serve(script: Path, port: int) -> None:
    """Play the script of a file until the process is stopped."""
    steps, models = read_script(script.read_bytes())
    async with Provider(steps, models, port) as provider:
        print(provider.url, flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Run as a process."""
    parser = argparse.ArgumentParser(description="A scripted upstream for tests.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", type=Path, required=True)
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(options.script, options.port))


if __name__ == "__main__":
    main()
