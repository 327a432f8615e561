"""A question and its whole answer, over real connections: in time, or said why not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from landbridge.errors import Cut, Garbled, TimedOut, Unreachable
from landbridge.upstream.ask import ask
from landbridge.upstream.client import Client
from tests.upstream.conftest import Peer, Play, Script

pytestmark = [pytest.mark.io, pytest.mark.anyio]

Playing = Callable[[Play], AbstractAsyncContextManager[Script]]


@asynccontextmanager
async def asking() -> AsyncIterator[Client]:
    client = Client()
    await client.start()
    try:
        yield client
    finally:
        await client.close()


def saying(answer: bytes) -> Play:
    async def play(peer: Peer) -> None:
        while True:
            head, body = await peer.request()
            said = head.split(b" ")[0] + b" " + body + (b" key" if b"authorization: Bearer k\r\n" in head else b"")
            await peer.send(answer.replace(b"SIZE", str(len(said)).encode()).replace(b"SAID", said))

    return play


async def test_with_a_body_it_is_a_post_without_one_a_get(playing: Playing) -> None:
    echo = b"HTTP/1.1 200 OK\r\ncontent-length: SIZE\r\n\r\nSAID"
    async with playing(saying(echo)) as script, asking() as client:
        headers = {"authorization": "Bearer k"}
        assert await ask(client, script.url, headers, None, 5.0) == (200, b"GET  key")
        assert await ask(client, script.url, {}, b"{}", 5.0) == (200, b"POST {}")
        assert script.connections == 1, "the connection is kept"


async def test_an_error_status_is_an_answer(playing: Playing) -> None:
    async with playing(saying(b"HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\nwait")) as script, asking() as client:
        assert await ask(client, script.url, {}, None, 5.0) == (503, b"wait")


async def head_only(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
    await peer.gone()


async def silent(peer: Peer) -> None:
    await peer.request()
    await peer.gone()


@pytest.mark.parametrize("play", [head_only, silent])
async def test_an_answer_that_takes_too_long_is_given_up_and_its_connection_closed(
    playing: Playing, play: Play
) -> None:
    left = asyncio.Event()

    async def noticing(peer: Peer) -> None:
        await play(peer)
        left.set()

    async with playing(noticing) as script, asking() as client:
        began = time.monotonic()
        with pytest.raises(TimedOut, match=r"127\.0\.0\.1:\d+ did not answer within 0\.2 s"):
            await ask(client, script.url, {}, None, 0.2)
        assert time.monotonic() - began < 1.0
        async with asyncio.timeout(1.0):
            await left.wait()


async def reset(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
    peer.reset()


async def babble(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"SSH-2.0-OpenSSH\r\n")


@pytest.mark.parametrize(("play", "fault"), [(reset, Cut), (babble, Garbled)])
async def test_what_goes_wrong_is_said(playing: Playing, play: Play, fault: type[Exception]) -> None:
    async with playing(play) as script, asking() as client:
        with pytest.raises(fault):
            await ask(client, script.url, {}, None, 5.0)


async def test_nobody_there(free_port: Callable[[], int]) -> None:
    async with asking() as client:
        with pytest.raises(Unreachable):
            await ask(client, f"http://127.0.0.1:{free_port()}/health", {}, None, 5.0)


async def test_who_no_longer_wants_the_answer_closes_the_connection(playing: Playing) -> None:
    left = asyncio.Event()

    async def noticing(peer: Peer) -> None:
        await silent(peer)
        left.set()

    async with playing(noticing) as script, asking() as client, asyncio.timeout(2.0):
        question = asyncio.ensure_future(ask(client, script.url, {}, None, 60.0))
        while not script.connections:
            await asyncio.sleep(0.01)
        question.cancel()
        await asyncio.gather(question, return_exceptions=True)
        await left.wait()
