"""The client notes what libraries hide: pieces and their times, broken ends, its own leaving."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from landbridge.conformance.client import Wire, compose, send
from landbridge.conformance.seen import Answer

pytestmark = [pytest.mark.anyio, pytest.mark.io]

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[str]:
    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()


async def ask(reply: bytes, *, seconds: float = 5.0, method: str = "GET", leave_after: float | None = None) -> Answer:
    """The answer where the server says exactly `reply` and closes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for piece in reply.split(b"|"):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.05)
        if reply.endswith(b"|"):
            await reader.read()

    async with serving(serve) as url:
        wire = compose(method, url, {}, b"")
        return await send(Wire(wire.url, wire.head, wire.pieces, wire.headless, leave_after), seconds)


async def test_pieces_and_times_are_kept() -> None:
    answer = await ask(
        b"HTTP/1.1 200 OK\r\nX-A: b\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n|1\r\nc\r\n0\r\n\r\n"
    )
    assert (answer.status, answer.ended, answer.body) == (200, "whole", b"abc")
    assert answer.headers["x-a"] == "b"
    (first, _), (second, _) = answer.pieces
    assert answer.sent_at <= answer.head_at <= first < second <= answer.over_at
    assert answer.seconds_until(b"c") == second - answer.sent_at
    assert answer.seconds_until(b"d") == float("inf")


@pytest.mark.parametrize(
    ("reply", "ended", "status"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nab", "whole", 200),
        (b"HTTP/1.1 200 OK\r\n\r\nab", "whole", 200),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "whole", 204),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab", "cut", 200),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n", "cut", 200),
        (b"", "nothing", 0),
        (b"SSH-2.0-x\r\n\r\n", "cut", 0),
    ],
)
async def test_ends_are_told_apart(reply: bytes, ended: str, status: int) -> None:
    answer = await ask(reply)
    assert (answer.ended, answer.status) == (ended, status)
    assert ended == "whole" or answer.why


async def test_head_has_no_body_whatever_its_headers_say() -> None:
    answer = await ask(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n|", method="HEAD")
    assert (answer.ended, answer.status) == ("whole", 200)


async def test_time_limits_and_leaving() -> None:
    slow = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab|"
    late = await ask(slow, seconds=0.2)
    assert (late.ended, late.body) == ("late", b"ab")
    left = await ask(slow, leave_after=0.2)
    assert (left.ended, left.body) == ("left", b"ab")


async def test_nobody_there(free_port: Callable[[], int]) -> None:
    answer = await send(compose("GET", f"http://127.0.0.1:{free_port()}", {}, b""), 5)
    assert answer.ended == "nothing" and "refused" in answer.why.lower()


async def test_bodies_are_sent_in_pieces_with_and_without_a_length() -> None:
    got: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await reader.readuntil(b"\r\n\r\n"))
        got.append(await (reader.readexactly(5) if b"content-length: 5" in got[-1] else reader.readuntil(b"0\r\n\r\n")))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")

    async with serving(serve) as url:
        for chunked in (False, True):
            wire = compose("POST", url + "/p?q=1", {"a": "b"}, b"hello", pieces=3, chunked=chunked)
            assert (await send(wire, 5)).status == 200
    assert got[0].startswith(b"POST /p?q=1 HTTP/1.1\r\n") and b"\r\na: b\r\n" in got[0]
    assert got[1] == b"hello"
    assert got[3] == b"2\r\nhe\r\n2\r\nll\r\n1\r\no\r\n0\r\n\r\n"
