"""A server that plays a script: what it answers to each request is given as bytes and pauses. And a client for it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from landbridge.upstream.client import Client, Dialer, Endpoint
from landbridge.upstream.connection import Connection
from landbridge.upstream.dial import dial, tls_context
from tests.fakes.certificate import Certificate

Play = Callable[["Peer"], Awaitable[None]]

OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
FOREVER = b"HTTP/1.1 200 OK\r\n\r\n"
"""The head of a body that ends where the connection does."""


class Peer:
    """The server's side of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        self.reader, self.writer = reader, writer
        self.number = number
        """Which connection this is, from 0."""

    async def head(self) -> bytes:
        """The head of the next request. Raises `EOFError` when the client has gone."""
        try:
            return await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            raise EOFError from error

    async def request(self) -> tuple[bytes, bytes]:
        """Head and body of the next request. Raises `EOFError` when the client has gone."""
        head = await self.head()
        size = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                size = int(line[15:])
        return head, await self.reader.readexactly(size)

    async def send(self, *pieces: bytes) -> None:
        """Send each piece by itself."""
        for piece in pieces:
            if self.writer.is_closing():
                raise ConnectionResetError
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(0.001)

    async def gone(self) -> None:
        """Wait until the client has closed its side."""
        while await self.reader.read(65536):
            pass

    def reset(self) -> None:
        """Break the connection without a word."""
        self.writer.transport.abort()


class Script:
    """A listening server that runs `play` for each connection."""

    def __init__(self, play: Play, secure: bool = False) -> None:
        self._play = play
        self._scheme = "https" if secure else "http"
        self.connections = 0
        self.open = 0
        """Connections whose play goes on."""
        self.port = 0
        self.trouble: list[BaseException] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return self.at("127.0.0.1")

    def at(self, host: str) -> str:
        """The URL by another name of this machine."""
        return f"{self._scheme}://{host}:{self.port}/v1/chat/completions"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        peer = Peer(reader, writer, self.connections)
        self.connections += 1
        self.open += 1
        try:
            await self._play(peer)
        except (EOFError, ConnectionError, asyncio.CancelledError):
            pass
        except Exception as error:  # shown by the test, instead of the client's consequence of it
            self.trouble.append(error)
        finally:
            self.open -= 1
            self._tasks.discard(task)
            writer.close()

    async def left(self, seconds: float = 1.0) -> None:
        """Wait until no connection is open any more."""
        async with asyncio.timeout(seconds):
            while self.open:
                await asyncio.sleep(0.005)

    async def finish(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        assert self.trouble == []


@asynccontextmanager
async def serving(play: Play, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> AsyncIterator[Script]:
    """A `Script` that listens on a port of `host`."""
    script = Script(play, tls is not None)
    server = await asyncio.start_server(script.serve, host, 0, ssl=tls)
    script.port = server.sockets[0].getsockname()[1]
    try:
        yield script
    finally:
        server.close()
        await script.finish()
        await server.wait_closed()


@asynccontextmanager
async def started(dialer: Dialer = dial) -> AsyncIterator[Client]:
    """A client; nothing of it is left in the end."""
    client = Client(dialer)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


def endpoint(
    script: Script, *, idle: float | None = 5.0, headers: dict[str, str] | None = None, drain: bool = False
) -> Endpoint:
    """Where `script` listens."""
    return Endpoint(
        script.url, headers or {}, connect_timeout=5.0, idle_timeout=idle, origin="provider:lab", drain=drain
    )


async def whole(client: Client, to: Endpoint, body: bytes = b"{}") -> bytes:
    """The whole answer to a request."""
    answer = await client.post(to, body, {})
    try:
        return await answer.read(1 << 20)
    finally:
        await answer.close()


def always(*pieces: bytes) -> Play:
    """Answer every request of a connection with the same pieces."""

    async def play(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(*pieces)

    return play


def once(*pieces: bytes) -> Play:
    """Answer one request, then close."""

    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(*pieces)

    return play


REQUEST = b"POST /v1 HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n"
LARGE_REQUEST = b"POST /v1 HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n"
KEY = ("127.0.0.1", 0, False)


class Line:
    """One connection, without the rest of the client, and what it tells its pool."""

    def __init__(self) -> None:
        self.idle: list[Connection] = []
        self.lost: list[Connection] = []
        self.connection = Connection(KEY, self.idle.append, self.lost.append)
        self.transport: asyncio.BaseTransport | None = None

    def shrink(self) -> None:
        """Let the kernel keep little of what is sent."""
        assert self.transport is not None
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)

    async def ask(self, body: bytes = b"{}", idle: float | None = 5.0) -> Connection:
        self.connection.send(REQUEST if body == b"{}" else LARGE_REQUEST % len(body), body, idle)
        await self.connection.head()
        return self.connection

    async def whole(self) -> bytes:
        body = b""
        while piece := await self.connection.piece():
            body += piece
        return body


@asynccontextmanager
async def connected(script: Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[Line]:
    line = Line()
    name = "localhost" if tls is not None else None
    line.transport, _ = await asyncio.get_running_loop().create_connection(
        lambda: line.connection, "127.0.0.1", script.port, ssl=tls, server_hostname=name
    )
    try:
        yield line
    finally:
        line.connection.abort()
        await until(lambda: line.lost == [line.connection])


async def until(true: Callable[[], bool], seconds: float = 2.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.002)


LineTo = Callable[[Play], AbstractAsyncContextManager[tuple[Script, Line]]]


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    """Both loops: transports differ in when they write and how they close, and either may be the one in use."""
    return "asyncio", {"use_uvloop": request.param}


@pytest.fixture
def playing() -> Callable[..., object]:
    """`async with playing(play) as script`: see `Script`."""
    return serving


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A server's certificate and the authority behind it."""
    return Certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def trusted(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Clients made in this test trust the certificate's authority and no other."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.authority))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    return certificate.authority


@pytest.fixture(params=["plain", "tls"])
def line_to(request: pytest.FixtureRequest, certificate: Certificate, trusted: Path) -> LineTo:
    """A server's script and a connection to it, both ways of connecting."""
    server, client = (certificate.server(), tls_context()) if request.param == "tls" else (None, None)

    @asynccontextmanager
    async def made(play: Play) -> AsyncIterator[tuple[Script, Line]]:
        async with serving(play, server) as script, connected(script, client) as line:
            yield script, line

    return made
