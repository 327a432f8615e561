"""How fast a connection goes: back-pressure in both directions, and silence."""

from __future__ import annotations

import asyncio
import time
import tracemalloc

import pytest

from landbridge.upstream.connection import READ_BUFFER, SLICE

from .conftest import FOREVER, OK, LineTo, Peer, connected, serving

pytestmark = [pytest.mark.anyio, pytest.mark.io]

# -- back-pressure -----------------------------------------------------------------------------------------------------


async def test_a_slow_reader_holds_the_sender_back(line_to: LineTo) -> None:
    """What waits unread is bounded, however much the other side would send."""
    sent = 0

    async def play(peer: Peer) -> None:
        nonlocal sent
        await peer.request()
        await peer.send(FOREVER)
        while True:
            peer.writer.write(b"x" * 100_000)
            await peer.writer.drain()
            await asyncio.sleep(0)  # `drain` alone would not let a lost connection be noticed
            sent += 100_000

    async with line_to(play) as (_, line):
        answer = await line.ask()
        before = -1
        while before != sent:
            before = sent
            await asyncio.sleep(0.1)
        assert sent < 30_000_000, "the kernel's buffers take some megabytes on top of ours"
        assert len(await answer.piece()) <= 3 * READ_BUFFER
        for _ in range(50):
            assert await answer.piece(), "reading goes on"


async def test_a_large_body_to_a_slow_reader_is_held_once(line_to: LineTo) -> None:
    """Not as a second copy in the transport's buffer, nor as its ciphertext."""
    size = 100_000_000
    taken: list[int] = []
    stalled = asyncio.Event()

    async def play(peer: Peer) -> None:
        await peer.head()
        await stalled.wait()
        left = size
        while left:
            left -= len(await peer.reader.read(1 << 20))
        taken.append(size)
        await peer.send(OK)
        await peer.gone()

    async with line_to(play) as (_, line):
        body = bytes(size)
        tracemalloc.start()
        try:
            task = asyncio.ensure_future(line.ask(body))
            await asyncio.sleep(0.3)
            stalled.set()
            await task
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert taken == [size]
        assert peak < 20_000_000, "both sides of it"
        assert await line.whole() == b"ok"
        assert line.connection.usable


async def test_a_body_of_any_size_arrives_whole(line_to: LineTo) -> None:
    sizes = (0, 1, 65_535, 65_536, SLICE, SLICE + 1, 5_000_001)
    body = bytes(range(256)) * 20_000
    got: list[bytes] = []

    async def play(peer: Peer) -> None:
        for _ in sizes:
            got.append((await peer.request())[1])
            await peer.send(OK)

    async with line_to(play) as (_, line):
        for size in sizes:
            await line.ask(body[:size])
            await line.whole()
            assert got.pop() == body[:size], size


async def test_an_answer_before_the_request_was_taken_is_the_answer() -> None:
    """413 and the like come early. The rest of the body is of no use then, nor is the connection."""

    async def play(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 413 Too Large\r\ncontent-length: 5\r\n\r\nlarge")
        await asyncio.sleep(1)

    async with serving(play) as script, connected(script) as line:
        answer = await line.ask(b"x" * 50_000_000)
        assert (answer.status, await line.whole()) == (413, b"large")
        assert not answer.usable


# -- silence -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("begun", [False, True])
async def test_silence_is_given_up(line_to: LineTo, begun: bool) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        if begun:
            await peer.send(FOREVER + b"some")
        await peer.gone()

    async with line_to(play) as (script, line):
        with pytest.raises(TimeoutError):
            await line.ask(idle=0.1)
            await line.whole()
        await script.left()


async def test_p82_slow_but_steady_is_no_silence(line_to: LineTo) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n")
        for _ in range(6):
            await asyncio.sleep(0.06)
            await peer.send(b"x")

    async with line_to(play) as (_, line):
        await line.ask(idle=0.2)
        assert await line.whole() == b"xxxxxx"


async def test_a_large_body_that_is_taken_slowly_is_no_silence() -> None:
    size = 6_000_000

    async def play(peer: Peer) -> None:
        await peer.head()
        left = size
        while left > 0:
            await asyncio.sleep(0.02)
            left -= len(await peer.reader.read(size))
        await peer.send(OK)

    async with serving(play) as script, connected(script) as line:
        line.shrink()
        began = time.monotonic()
        assert (await line.ask(b"x" * size, idle=0.3)).status == 200
        assert time.monotonic() - began > 0.4, "or nothing was tested"


async def test_a_sender_that_was_held_back_gets_the_whole_time_to_speak() -> None:
    """While nobody read, it could not be heard. (All that came was just enough to be held back.)"""

    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 262146\r\n\r\n", bytes(262_144))
        await asyncio.sleep(0.6)
        await peer.send(b"ok")

    async with serving(play) as script, connected(script) as line:
        await line.ask(idle=0.4)
        await asyncio.sleep(0.35)
        assert len(await line.whole()) == 262_146


async def test_without_a_limit_silence_may_last(line_to: LineTo) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await asyncio.sleep(0.3)
        await peer.send(OK)

    async with line_to(play) as (_, line):
        await line.ask(idle=None)
        assert await line.whole() == b"ok"


async def test_each_exchange_has_a_limit_of_its_own() -> None:
    """Whatever was left of the one before: it may have been longer or shorter."""

    async def play(peer: Peer) -> None:
        for wait in (0.0, 0.0, 0.25, 30.0):
            await peer.request()
            await asyncio.sleep(wait)
            await peer.send(OK)

    async with serving(play) as script, connected(script) as line:
        for idle in (60.0, 0.1, 0.5):
            await line.ask(idle=idle)
            assert await line.whole() == b"ok"
        await asyncio.sleep(0.6)
        assert line.connection.usable, "nothing is waited for between exchanges"
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            await line.ask(idle=0.2)
        assert 0.15 < time.monotonic() - began < 1.0
