"""A server that plays a script: what it answers to each request is given as bytes and pauses."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

Play = Callable[["Peer"], Awaitable[None]]


class Peer:
    """The server's side of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        self._reader, self._writer = reader, writer
        self.number = number
        """Which connection this is, from 0."""

    async def request(self) -> tuple[bytes, bytes]:
        """Head and body of the next request. Raises `EOFError` when the client has gone."""
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            raise EOFError from error
        size = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                size = int(line[15:])
        return head, await self._reader.readexactly(size)

    async def send(self, *pieces: bytes) -> None:
        """Send each piece by itself."""
        for piece in pieces:
            self._writer.write(piece)
            await self._writer.drain()
            await asyncio.sleep(0.001)

    async def gone(self) -> None:
        """Wait until the client has closed its side."""
        while await self._reader.read(65536):
            pass

    def reset(self) -> None:
        """Break the connection without a word."""
        self._writer.transport.abort()


class Script:
    """A listening server that runs `play` for each connection."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self.connections = 0
        self.requests: list[tuple[bytes, bytes]] = []
        self.port = 0
        self.trouble: list[BaseException] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/chat/completions"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        peer = Peer(reader, writer, self.connections)
        self.connections += 1
        try:
            await self._play(peer)
        except (EOFError, ConnectionError, asyncio.CancelledError):
            pass
        except Exception as error:  # shown by the test, instead of the client's consequence of it
            self.trouble.append(error)
        finally:
            self._tasks.discard(task)
            writer.close()

    async def finish(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        assert self.trouble == []


@asynccontextmanager
async def _playing(play: Play, tls: ssl.SSLContext | None = None) -> AsyncIterator[Script]:
    script = Script(play)
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0, ssl=tls)
    script.port = server.sockets[0].getsockname()[1]
    try:
        yield script
    finally:
        server.close()
        await script.finish()
        await server.wait_closed()


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    """Both loops: transports differ in when they write and how they close, and either may be the one in use."""
    return "asyncio", {"use_uvloop": request.param}


@pytest.fixture
def playing() -> Callable[..., object]:
    """`async with playing(play) as script`: see `Script`."""
    return _playing
