"""An answer reaches its client at once, whole, and never ends like a success when it was none."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.caller import Caller, post
from tests.fakes.local import local
from tests.fakes.provider import SSE, Answer, Provider, Reply, anthropic_stream, chat_error, chat_stream
from tests.fakes.running import Running
from tests.laws.clients import HEAR

pytestmark = [pytest.mark.anyio, pytest.mark.io]

PATHS = {"anthropic": "/v1/messages", "openai_chat": "/v1/chat/completions"}
STREAMS = {"anthropic": anthropic_stream(text="one two three"), "openai_chat": chat_stream(text="one two three")}
clients = pytest.mark.parametrize("client", list(PATHS))
providers = pytest.mark.parametrize("dialect", list(PATHS))
ASK: dict[str, Any] = {"model": "lab/m", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}
STREAM = {**ASK, "stream": True}
SOON = "[server]\nearly_after = 0.05\nping_every = 0.1\nnudge_every = 0.2\n"


def settings(provider: Provider, dialect: str, more: str = "", timeout: float = 600) -> str:
    return f"""
        {more}
        [providers.lab]
        dialect = "{dialect}"
        base_url = "{provider.base_url(dialect)}"
        models = ["m"]
        idle_timeout = {timeout}
    """


@clients
@providers
async def test_p16_each_event_leaves_before_the_next_one_comes(tmp_path: Path, client: str, dialect: str) -> None:
    text = "A" * 7 + "B" * 7 + "C" * 7
    stream = anthropic_stream(text=text) if dialect == "anthropic" else chat_stream(text=text)
    cut = [stream.index(b"\n\n", stream.index(word)) + 2 for word in (b"AAA", b"BBB")]
    step = Answer(stream=True, headers=SSE, body=stream, cuts=(cut[0], cut[1] - cut[0], 10_000), delay=0.4)
    async with (
        Provider(step) as provider,
        Running(tmp_path, settings(provider, dialect)) as gateway,
        Caller(gateway.url) as caller,
    ):
        began = time.monotonic()
        await caller.send(post(PATHS[client], STREAM))
        await caller.read_to(b"AAA")
        first = time.monotonic() - began
        assert b"BBB" not in caller.raw
        await caller.read_to(b"BBB")
        assert b"CCC" not in caller.raw
        second = time.monotonic() - began
        heard = await caller.listen()
    assert first < 0.3 < second < 0.75
    assert heard.whole
    assert heard.headers["content-type"].startswith("text/event-stream")
    assert heard.headers["cache-control"] == "no-cache"
    assert heard.headers["x-accel-buffering"] == "no"
    assert "content-encoding" not in heard.headers
    assert "content-length" not in heard.headers


@clients
@providers
async def test_p10_the_last_frame_ends_the_stream_although_the_upstream_stays(
    tmp_path: Path, client: str, dialect: str
) -> None:
    step = Answer(stream=True, headers=SSE, body=STREAMS[dialect], ending="hang")
    async with Provider(step) as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
        async with Caller(gateway.url) as caller:
            await caller.send(post(PATHS[client], STREAM))
            heard = await caller.listen(2.0)
        said = HEAR[client](heard.body)
        assert heard.whole and said.text == "one two three" and said.ended and not said.error
        assert await (await provider.received()).left(1.0) > 0
        assert gateway.journal.latest[0].outcome == "ok"


@pytest.mark.parametrize(
    ("client", "dialect", "early"),
    [
        (client, dialect, early)
        for client in PATHS
        for dialect in PATHS
        for early in (True, False)
        if not early or client != dialect  # passed through, headers wait longer: test_passthrough.py
    ],
)
async def test_p7_an_error_before_any_content_is_legal(tmp_path: Path, client: str, dialect: str, early: bool) -> None:
    """In time it is a status; after the headers have left, a stream that begins and says so."""
    step = Answer(status=500, wait=0.3 if early else 0, body=chat_error(500, "boom")[1])
    async with (
        Provider(step) as provider,
        Running(tmp_path, settings(provider, dialect, SOON if early else "")) as gateway,
        Caller(gateway.url) as caller,
    ):
        await caller.send(post(PATHS[client], STREAM))
        heard = await caller.listen()
        if not early:
            assert heard.status >= 500
            assert "boom" in heard.json["error"]["message"]
            return
        assert (heard.status, heard.whole) == (200, True)
        said = HEAR[client](heard.body)
        assert "boom" in said.error
        assert not said.finish
        if client == "anthropic":
            assert heard.body.startswith(b"event: message_start\n")
        assert gateway.journal.latest[0].outcome == "provider"


@clients
async def test_p7_an_empty_answer_is_legal(tmp_path: Path, client: str) -> None:
    dialect = "openai_chat" if client == "anthropic" else "anthropic"
    for stream in (True, False):
        async with Provider(Reply(text="")) as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
            reply = await gateway.post(PATHS[client], {**ASK, "stream": stream})
            assert reply.status == 200
            if stream:
                said = HEAR[client](reply.body)
                assert said.ended and said.finish and not said.error and not said.text


@clients
@providers
async def test_an_error_in_the_stream_is_said_once_and_ends_it(tmp_path: Path, client: str, dialect: str) -> None:
    stream = STREAMS[dialect]
    place = stream.index(b"\n\n", stream.index(b"two")) + 2
    broken = (
        b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"too busy"}}\n\n'
        if dialect == "anthropic"
        else b'data: {"error":{"message":"too busy","type":"server_error","code":503}}\n\n'
    )
    step = Answer(stream=True, headers=SSE, body=stream[:place] + broken)
    async with Provider(step) as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
        reply = await gateway.post(PATHS[client], STREAM)
        said = HEAR[client](reply.body)
        assert "too busy" in said.error
        assert said.text.startswith("one two")
        assert not said.finish
        assert reply.body.count(b"too busy") == 1
        assert gateway.journal.latest[0].outcome != "ok"


@clients
async def test_p82_a_silent_engine_keeps_its_client_awake(tmp_path: Path, client: str) -> None:
    more = SOON + "[engine]\n"
    async with (
        local(tmp_path, more, m="--prefill-seconds 1.2 --answer-tokens 3") as gateway,
        Caller(gateway.url) as caller,
    ):
        warm = await gateway.post(PATHS[client], {**ASK, "model": "m"})
        assert warm.status == 200
        began = time.monotonic()
        await caller.send(post(PATHS[client], {**STREAM, "model": "m", "max_tokens": 3}))
        await caller.read_to(b"event: message_start" if client == "anthropic" else b"chat.completion.chunk")
        assert time.monotonic() - began < 0.5, "headers and the first event at once"
        heard = await caller.listen()
    ping = b"event: ping" if client == "anthropic" else b"\n: "
    assert heard.body.count(ping) >= 5
    said = HEAR[client](heard.body)
    assert said.text == "one two three" and said.ended and not said.error


async def test_an_engine_that_dies_in_its_answer_is_named(tmp_path: Path) -> None:
    async with local(tmp_path, m="--crash-after 2 --token-delay 0.05") as gateway:
        for client, path in PATHS.items():
            reply = await gateway.post(path, {**STREAM, "model": "m", "max_tokens": 50})
            said = HEAR[client](reply.body)
            assert said.text.startswith("one")
            assert "The engine of 'm' ended while it worked (signal SIGKILL)" in said.error
        whole = await gateway.post(PATHS["anthropic"], {**ASK, "model": "m", "max_tokens": 50})
        assert whole.status == 502
        assert "The engine of 'm' ended while it worked" in whole.json["error"]["message"]
        assert {record.outcome for record in gateway.journal.latest} == {"crashed"}


async def test_two_streams_at_once_do_not_mix(tmp_path: Path) -> None:
    def script(request: Any) -> Reply:
        name = str(request.json["messages"][-1]["content"])
        return Reply(text=f"{name} " * 30, pace=0.002)

    async with Provider(script) as provider, Running(tmp_path, settings(provider, "openai_chat")) as gateway:
        asks = [{**STREAM, "messages": [{"role": "user", "content": f"name{n}"}]} for n in range(20)]
        replies = await asyncio.gather(*(gateway.post(PATHS["anthropic"], ask) for ask in asks))
    for number, reply in enumerate(replies):
        assert HEAR["anthropic"](reply.body).text == f"name{number} " * 30
