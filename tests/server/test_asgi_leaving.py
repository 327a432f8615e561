"""Clients that leave at every byte of their request and of the answer, or read when they like: nothing goes on for
nobody, and nothing piles up (P85, P86).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Iterable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.fakes.caller import Caller, post
from tests.fakes.landbridge import Served
from tests.fakes.local import local
from tests.fakes.provider import SSE, Answer, Provider, Reply, anthropic_stream, chat_stream
from tests.fakes.running import Running
from tests.fakes.script import Received

pytestmark = [pytest.mark.anyio, pytest.mark.io]

PATHS = {"anthropic": "/v1/messages", "openai_chat": "/v1/chat/completions"}
clients = pytest.mark.parametrize("client", list(PATHS))
providers = pytest.mark.parametrize("dialect", list(PATHS))
MB = 1 << 20
ASK: dict[str, Any] = {"model": "lab/m", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}
TEXT = {
    "anthropic": b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":'
    b'{"type":"text_delta","text":"%b"}}\n\n',
    "openai_chat": b'data: {"choices":[{"index":0,"delta":{"content":"%b"}}]}\n\n',
}


def settings(provider: Provider, dialect: str) -> str:
    return f"""
        [providers.lab]
        dialect = "{dialect}"
        base_url = "{provider.base_url(dialect)}"
        models = ["m"]
    """


def beginning(dialect: str) -> bytes:
    """A stream up to the middle of its text."""
    text = "안녕 and hello"
    whole = anthropic_stream(text=text) if dialect == "anthropic" else chat_stream(text=text)
    return whole[: whole.index(b"hell")].rpartition(b"\n\n")[0] + b"\n\n"


async def all_of(works: Iterable[Awaitable[None]], at_once: int = 40) -> None:
    """Do everything, some of it at a time."""
    gate = asyncio.Semaphore(at_once)

    async def one(work: Awaitable[None]) -> None:
        async with gate:
            await work

    await asyncio.gather(*(one(work) for work in works))


# -- during the request ------------------------------------------------------------------------------------------------


@clients
async def test_p85_leaving_at_every_byte_of_the_request(tmp_path: Path, client: str) -> None:
    data = post(PATHS[client], ASK)
    async with (
        Provider(Reply(text="fine")) as provider,
        Running(tmp_path, settings(provider, "openai_chat")) as gateway,
    ):

        async def leave_at(place: int) -> None:
            async with Caller(gateway.url) as caller:
                await caller.send(data[:place])
                await asyncio.sleep(0.02)

        await all_of(leave_at(place) for place in range(len(data)))
        await asyncio.sleep(0.1)
        assert provider.requests == [], "half a request is none"
        assert [record.outcome for record in gateway.journal.latest] == []
        assert (await gateway.post(PATHS[client], ASK)).status == 200


async def test_leaving_in_a_chunked_body(tmp_path: Path) -> None:
    async with Provider() as provider, Running(tmp_path, settings(provider, "openai_chat")) as gateway:
        for rest in (b"", b"1", b"1\r\n{", b"1\r\n{\r\n", b"1\r\n{\r\n0\r\n"):
            async with Caller(gateway.url) as caller:
                await caller.send(post("/v1/messages", b"", length=-1) + rest)
                await asyncio.sleep(0.05)
        assert provider.requests == []
        assert (await gateway.get("/")).status == 200


AT_ONCE = 100
"""Clients that leave together; all at once, the test itself would be what takes the time."""


# -- during the answer -------------------------------------------------------------------------------------------------


async def leave_at(gateway: Running, client: str, place: int) -> float:
    """Ask for a stream, read `place` bytes of the answer, leave; when that was."""
    ask = {**ASK, "stream": True, "messages": [{"role": "user", "content": f"number {place}"}]}
    async with Caller(gateway.url) as caller:
        await caller.send(post(PATHS[client], ask))
        left = place
        async with asyncio.timeout(20):
            while left:
                data = await caller.read(left)
                assert data, caller.raw
                left -= len(data)
        return time.monotonic()


async def length_of_answer(gateway: Running, client: str) -> int:
    """Bytes that come before the upstream falls silent."""
    async with Caller(gateway.url) as caller:
        await caller.send(post(PATHS[client], {**ASK, "stream": True}))
        await caller.read_to(b"and ")
        await asyncio.sleep(0.1)
        await asyncio.wait_for(caller.read(), 0.1) if caller.raw[-2:] != b"\r\n" else None
        return len(caller.raw)


def number(request: Received) -> str:
    return str(request.json["messages"][-1]["content"])


@clients
@providers
async def test_p85_p86_leaving_at_every_byte_of_a_stream(tmp_path: Path, client: str, dialect: str) -> None:
    silent = Answer(stream=True, headers=SSE, body=beginning(dialect), ending="hang")
    async with Provider(silent) as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
        whole = await length_of_answer(gateway, client)
        left: dict[str, float] = {}

        async def one(place: int) -> None:
            left[str(place)] = await leave_at(gateway, client, place)

        for first in range(0, whole + 1, AT_ONCE):
            await all_of(one(place) for place in range(first, min(first + AT_ONCE, whole + 1)))
        arrived = {number(request).split()[-1].rstrip("'}]"): request for request in provider.requests[1:]}
        for place, when in left.items():
            if place == "0" and place not in arrived:
                continue  # gone before anything was sent on
            assert await arrived[place].left(5.0) - when < 2.0, f"left after {place} bytes"
        await asyncio.sleep(0.05)
        records = list(gateway.journal.latest)
        assert {record.outcome for record in records} == {"cancelled"}


@clients
@providers
async def test_p85_leaving_while_a_whole_answer_is_awaited(tmp_path: Path, client: str, dialect: str) -> None:
    for step in (Answer(wait=3600), Answer(headers={"content-length": "99"}, body=b'{"id"', ending="hang")):
        async with Provider(step) as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
            async with Caller(gateway.url) as caller:
                await caller.send(post(PATHS[client], ASK))
                request = await provider.received()
                await asyncio.sleep(0.2)
            left = time.monotonic()
            assert await request.left(5.0) - left < 2.0


@clients
async def test_p86_an_engine_is_told_once_and_serves_the_next(tmp_path: Path, client: str) -> None:
    async with local(tmp_path, m="--prefill-seconds 0.3 --token-delay 0.02 --answer-tokens 9999") as gateway:
        ask = {**ASK, "model": "m", "max_tokens": 9999}
        for stream in (True, False):
            for pause in (0.0, 0.05, 0.2, 0.5):
                async with Caller(gateway.url) as caller:
                    await caller.send(post(PATHS[client], {**ask, "stream": stream}))
                    await asyncio.sleep(pause)
        async with asyncio.timeout(2), gateway.keeper.lease("m", light=True) as lease:
            while await lease.busy_slots():
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        (info,) = gateway.keeper.snapshot()
        assert (info.busy, info.waiting) == (0, 0), "each lease came back, and once"
        assert (await gateway.post(PATHS[client], {**ask, "max_tokens": 3})).status == 200


async def test_leaving_after_the_answer_is_no_cancellation(tmp_path: Path) -> None:
    script = Reply(text="fine", wait=0.2)
    async with Provider(script) as provider, Running(tmp_path, settings(provider, "openai_chat")) as gateway:
        for _ in range(5):
            async with Caller(gateway.url) as caller:
                await caller.send(post("/v1/messages", {**ASK, "stream": True}))
                await caller.read_to(b"message_stop")
        await asyncio.sleep(0.1)
        assert [record.outcome for record in gateway.journal.latest] == ["ok"] * 5


# -- reading slowly ----------------------------------------------------------------------------------------------------


async def plateau(request: Received, seconds: float = 0.5) -> int:
    """How much was sent when nothing more goes out."""
    async with asyncio.timeout(20):
        before, since = -1, time.monotonic()
        while time.monotonic() - since < seconds:
            if request.sent != before:
                before, since = request.sent, time.monotonic()
            await asyncio.sleep(0.02)
    return before


@clients
@providers
async def test_a_client_that_does_not_read_pauses_the_upstream(tmp_path: Path, client: str, dialect: str) -> None:
    flood = Answer(
        stream=True, headers=SSE, body=beginning(dialect), repeat=TEXT[dialect] % (b"x" * 200_000), delay=0.0001
    )
    async with Provider(flood) as provider, Served(tmp_path, settings(provider, dialect)) as served:
        before = psutil.Process(served.pid).memory_info().rss
        async with Caller(served.router, receive_buffer=1 << 16) as caller:
            await caller.send(post(PATHS[client], {**ASK, "stream": True}))
            await caller.read_to(b"and ")
            request = await provider.received()
            paused_at = await plateau(request)
            assert paused_at < 24 * MB, "what the system buffers, and little more"
            assert psutil.Process(served.pid).memory_info().rss - before < 24 * MB
            for _ in range(200):
                assert await caller.read(1 << 20)
            async with asyncio.timeout(5):
                while request.sent <= paused_at:
                    assert await caller.read(1 << 20)
        left = time.monotonic()
        assert await request.left(5.0) - left < 2.0, "a client that leaves while it is not read from is noticed"


@clients
async def test_a_client_that_reads_slowly_gets_everything(tmp_path: Path, client: str) -> None:
    text = "0123456789" * 30_000
    async with (
        Provider(Reply(text=text, piece=10_000)) as provider,
        Running(tmp_path, settings(provider, "openai_chat")) as gateway,
        Caller(gateway.url, receive_buffer=4096) as caller,
    ):
        await caller.send(post(PATHS[client], {**ASK, "stream": True}))
        while not caller.raw.endswith(b"0\r\n\r\n"):
            assert await caller.read(8192)
            await asyncio.sleep(0.001)
        heard = await caller.listen()
    assert heard.whole
    records = [line for line in heard.body.splitlines() if line.startswith(b"data: {")]
    said = [json.loads(record[6:]) for record in records]
    if client == "anthropic":
        assert (
            "".join(event["delta"].get("text", "") for event in said if event["type"] == "content_block_delta") == text
        )
    else:
        assert "".join(choice["delta"].get("content") or "" for each in said for choice in each["choices"]) == text
