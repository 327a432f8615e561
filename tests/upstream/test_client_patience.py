"""How long an answer may take to begin, apart from how long it may be silent once it has begun."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from landbridge.errors import TimedOut

from .conftest import CHUNKED, OK, Peer, endpoint, serving, started, whole

pytestmark = [pytest.mark.anyio, pytest.mark.io]


async def test_an_answer_that_does_not_begin_in_time_is_given_up_and_the_connection_with_it() -> None:
    closed = asyncio.Event()

    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.gone()
        closed.set()

    async with serving(play) as script, started() as client:
        to = replace(endpoint(script, idle=60.0), first_byte_timeout=0.1)
        with pytest.raises(TimedOut, match=r"did not begin to answer within 0\.1 s\.") as caught:
            await whole(client, to)
        assert caught.value.origin == "provider:lab" and "first_byte_timeout" in caught.value.remedy
        async with asyncio.timeout(5):
            await closed.wait()


async def test_once_it_has_begun_it_may_be_silent_for_longer() -> None:
    async def play(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(CHUNKED)
            await asyncio.sleep(0.3)
            await peer.send(b"2\r\nok\r\n0\r\n\r\n")

    async with serving(play) as script, started() as client:
        to = replace(endpoint(script, idle=5.0), first_byte_timeout=0.1)
        assert await whole(client, to) == b"ok"
        with pytest.raises(TimedOut, match=r"was silent for 0\.05 s"):
            await whole(client, replace(to, idle_timeout=0.05))


async def test_a_connection_whose_answer_came_with_its_head_is_kept() -> None:
    async def play(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(OK)

    async with serving(play) as script, started() as client:
        to = replace(endpoint(script, idle=0.2), first_byte_timeout=0.1)
        assert await whole(client, to) == b"ok"
        await asyncio.sleep(0.25)
        assert await whole(client, to) == b"ok"
        assert script.connections == 1, "nobody waits for anything on an idle connection"
