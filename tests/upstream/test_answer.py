"""What came back: its head, its body, and what becomes of the connection when nobody wants the rest."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from landbridge.errors import Cut, Garbled, TimedOut
from landbridge.upstream.client import Answer, Client
from tests.fakes.provider import Provider, Reply
from tests.fakes.running import Running

from .conftest import CHUNKED, FOREVER, OK, Peer, Script, always, endpoint, once, serving, started, until, whole

pytestmark = [pytest.mark.anyio, pytest.mark.io]

# -- reading -----------------------------------------------------------------------------------------------------------


async def test_of_repeated_headers_the_last_counts_and_all_are_there() -> None:
    data = b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a:  \xe9 \r\ncontent-length: 0\r\n\r\n"
    async with serving(always(data)) as script, started() as client:
        answer = await client.post(endpoint(script), b"{}", {})
        assert answer.headers["x-a"] == "é"
        assert [name for name, _ in answer.raw_headers] == [b"X-A", b"x-a", b"content-length"]
        await answer.close()


async def test_an_answer_over_the_limit_is_refused() -> None:
    async with serving(always(OK)) as script, started() as client:
        answer = await client.post(endpoint(script), b"{}", {})
        with pytest.raises(Garbled, match="larger than") as caught:
            await answer.read(1)
        assert caught.value.origin == "provider:lab"
        await answer.close()
        assert await whole(client, endpoint(script)) == b"ok"


async def test_an_endless_answer_is_refused_when_it_passes_the_limit() -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(FOREVER)
        while True:
            await peer.send(b"x" * 100_000)

    async with serving(play) as script, started() as client:
        with pytest.raises(Garbled, match="larger than 1 MiB"):
            await whole(client, endpoint(script))
        await script.left()


async def test_a_break_and_silence_come_as_what_they_are() -> None:
    for ending, expected in ((once(CHUNKED, b"2\r\nok\r\n"), Cut), (_silent, TimedOut)):
        async with serving(ending) as script, started() as client:
            answer = await client.post(endpoint(script, idle=0.1), b"{}", {})
            pieces = answer.chunks()
            assert await anext(pieces) == b"ok"
            with pytest.raises(expected) as caught:
                await anext(pieces)
            assert f"127.0.0.1:{script.port}" in caught.value.message
            await answer.close()


async def _silent(peer: Peer) -> None:
    await peer.request()
    await peer.send(CHUNKED, b"2\r\nok\r\n")
    await peer.gone()


# -- closing -----------------------------------------------------------------------------------------------------------


async def test_a_reader_that_stops_at_the_last_event_keeps_the_connection() -> None:
    """`[DONE]` and the end of the body come in two segments; the connection is worth the moment between."""

    async def play(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(CHUNKED, b"4\r\ndone\r\n")
            await asyncio.sleep(0.01)
            await peer.send(b"0\r\n\r\n")

    async with serving(play) as script, started() as client:
        for _ in range(3):
            answer = await client.post(endpoint(script), b"{}", {})
            assert await anext(answer.chunks()) == b"done"
            await answer.close()
            await asyncio.sleep(0.03)
        assert script.connections == 1


async def test_an_answer_that_nobody_read_is_no_reason_to_close() -> None:
    async with serving(always(OK)) as script, started() as client:
        for _ in range(3):
            answer = await client.post(endpoint(script), b"{}", {})
            await answer.close()
        assert await whole(client, endpoint(script)) == b"ok"
        assert script.connections == 1


async def test_closing_twice_does_not_lend_a_connection_twice() -> None:
    async with serving(always(OK)) as script, started() as client:
        answer = await client.post(endpoint(script), b"{}", {})
        await answer.read(10)
        await answer.close()
        await answer.close()
        both = await asyncio.gather(whole(client, endpoint(script)), whole(client, endpoint(script)))
        assert list(both) == [b"ok", b"ok"]
        assert script.connections == 2


# -- leaving -----------------------------------------------------------------------------------------------------------


async def test_p85_an_answer_closed_early_closes_its_connection() -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(FOREVER + b"some")
        await peer.gone()

    async with serving(play) as script, started() as client:
        answer: Answer = await client.post(endpoint(script), b"{}", {})
        await answer.close()
        await script.left(0.5)


@pytest.mark.parametrize("begun", [False, True])
async def test_p85_p86_a_cancelled_request_closes_its_connection_at_once_and_once(
    monkeypatch: pytest.MonkeyPatch, begun: bool
) -> None:
    """However often and wherever it is cancelled: while it waits for the head, in the body, in its own clean-up."""
    monkeypatch.setattr("landbridge.upstream.answer.LINGER_SECONDS", 30.0)
    arrived, ends = asyncio.Event(), 0

    async def play(peer: Peer) -> None:
        nonlocal ends
        await peer.request()
        if begun:
            await peer.send(FOREVER + b"some")
        arrived.set()
        await peer.gone()
        ends += 1

    async with serving(play) as script, started() as client:
        task = asyncio.ensure_future(whole(client, endpoint(script, idle=None)))
        await arrived.wait()
        await asyncio.sleep(0.02)
        task.cancel()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await script.left(0.2)
        assert (ends, script.connections) == (1, 1)


# -- P87: servers that do not bear a dropped connection ----------------------------------------------------------------


class Frail:
    """A server that streams `pieces` pieces and notes whether it could to the end."""

    def __init__(self, pieces: int, before: float = 0.0) -> None:
        self.pieces, self.before = pieces, before
        self.arrived = asyncio.Event()
        self.finished = 0
        self.crashed = 0

    async def __call__(self, peer: Peer) -> None:
        while True:
            await peer.request()
            self.arrived.set()
            try:
                await asyncio.sleep(self.before)
                await peer.send(CHUNKED)
                for _ in range(self.pieces):
                    await peer.send(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
                    if peer.reader.at_eof():
                        raise ConnectionError
                await peer.send(b"0\r\n\r\n")
            except ConnectionError:
                self.crashed += 1
                raise
            self.finished += 1


async def _leave(client: Client, script: Script, server: Frail) -> None:
    """Ask and be cancelled on the way."""
    task = asyncio.ensure_future(whole(client, endpoint(script, drain=True)))
    await server.arrived.wait()
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("before", [0.0, 0.05], ids=["in the body", "before the head"])
async def test_p87_an_answer_is_read_to_its_end_where_that_is_asked_for(before: float) -> None:
    server = Frail(50, before)
    async with serving(server) as script, started() as client:
        await _leave(client, script, server)
        await until(lambda: server.finished == 1)
        assert len(await whole(client, endpoint(script, drain=True))) == 50_000
        assert (server.crashed, script.connections) == (0, 1), "and its connection is kept"


async def test_p87_also_when_the_reader_stopped_by_itself() -> None:
    server = Frail(100)
    async with serving(server) as script, started() as client:
        answer = await client.post(endpoint(script, drain=True), b"{}", {})
        await anext(answer.chunks())
        await answer.close()
        await until(lambda: server.finished == 1)
        assert server.crashed == 0


@pytest.mark.parametrize(("bound", "value"), [("DRAIN_SECONDS", 0.1), ("DRAIN_BYTES", 20_000)])
async def test_p87_but_not_for_ever(monkeypatch: pytest.MonkeyPatch, bound: str, value: float) -> None:
    monkeypatch.setattr(f"landbridge.upstream.answer.{bound}", value)
    server = Frail(1_000_000)
    async with serving(server) as script, started() as client:
        await _leave(client, script, server)
        await script.left()
        assert server.finished == 0


async def test_p87_the_end_of_the_client_ends_it() -> None:
    server = Frail(1_000_000)
    async with serving(server) as script:
        async with started() as client:
            await _leave(client, script, server)
            assert script.open == 1
        await script.left()


@pytest.mark.parametrize("frail", [False, True])
async def test_p87_a_provider_says_so_by_a_quirk(tmp_path: Path, frail: bool) -> None:
    """From the settings to the provider: a client that leaves in the middle of a stream."""
    async with Provider(Reply(text="word " * 200, piece=5, pace=0.002)) as provider:
        settings = f"""
            [providers.lab]
            dialect = "openai_chat"
            base_url = "{provider.base_url("openai_chat")}"
            models = ["m"]
            quirks = {'["drain_on_cancel"]' if frail else "[]"}
        """
        async with Running(tmp_path, settings) as gateway:
            body = {"model": "lab/m", "stream": True, "messages": [{"role": "user", "content": "Hi"}]}
            async with aiohttp.ClientSession() as session:
                answer = await session.post(gateway.url + "/v1/chat/completions", json=body)
                await answer.content.readany()
                answer.close()
            received = provider.requests[0]
            async with asyncio.timeout(5):
                await received.over.wait()
            assert (received.left_at is None) is frail
