"""One request to one target: what is sent, what is waited for, and that nothing goes on for nobody."""

from __future__ import annotations

import asyncio
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from landbridge.gateway import attempt
from tests.fakes.caller import Caller, post
from tests.fakes.local import local
from tests.fakes.provider import Answer, Provider, Reply, Tokens
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]

PATHS = {"anthropic": "/v1/messages", "openai_chat": "/v1/chat/completions"}
clients = pytest.mark.parametrize("client", list(PATHS))
ASK: dict[str, Any] = {"model": "lab/m", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}
BETAS = "claude-code-20250219,context-management-2025-06-27,made-up-tomorrow-2030-01-01"
HEADERS = {
    "anthropic-version": "2023-06-01",
    "anthropic-beta": BETAS,
    "x-claude-code-session-id": "s1",
    "x-claude-code-agent-id": "a1",
    "authorization": "Bearer of-the-client",
    "cookie": "c=1",
}


def settings(provider: Provider, dialect: str, more: str = "") -> str:
    return f"""
        [providers.lab]
        dialect = "{dialect}"
        base_url = "{provider.base_url(dialect)}"
        api_key = "secret"
        models = ["m"]
        {more}
    """


@pytest.mark.parametrize("stream", [True, False])
async def test_p47_betas_reach_anthropic_untouched_and_nobody_else(tmp_path: Path, stream: bool) -> None:
    ask = {**ASK, "stream": stream, "context_management": {"edits": [{"type": "clear_thinking_20251015"}]}}
    async with Provider() as provider, Running(tmp_path, settings(provider, "openai_chat")) as gateway:
        assert (await gateway.post("/v1/messages?beta=true", ask, HEADERS)).status == 200
        sent = provider.requests[0]
        assert not [name for name in sent.headers if name.startswith(("anthropic-", "x-claude-code-"))]
        assert "of-the-client" not in str(sent.headers) and "cookie" not in sent.headers
        assert "context_management" not in sent.json, "the field of a beta goes with its header, or neither goes"
        assert sent.path == "/v1/chat/completions"
    async with Provider() as provider, Running(tmp_path, settings(provider, "anthropic")) as gateway:
        assert (await gateway.post("/v1/messages?beta=true", ask, HEADERS)).status == 200
        sent = provider.requests[0]
        assert sent.headers["anthropic-beta"] == BETAS
        assert sent.json["context_management"] == ask["context_management"]


async def test_who_asked_is_recorded_on_both_paths(tmp_path: Path) -> None:
    for dialect in PATHS:
        async with Provider() as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
            await gateway.post("/v1/messages", ASK, HEADERS)
            record = gateway.journal.latest[0]
            assert (record.session, record.agent) == ("s1", "a1")


@clients
async def test_an_engine_streams_whatever_its_client_wants(tmp_path: Path, client: str) -> None:
    async with local(tmp_path, m="--answer-tokens 3") as gateway:
        ask = {"model": "m", "max_tokens": 3, "messages": ASK["messages"]}
        whole = await gateway.post(PATHS[client], ask)
        record = gateway.journal.latest[0]
    assert whole.status == 200
    assert "one two three" in whole.body.decode()
    assert record.first is not None, "the engine's first word was seen before its last"
    assert record.usage.output == 3


@clients
@pytest.mark.parametrize("stream", [True, False])
async def test_p88_leaving_ends_every_wait_for_an_engine(tmp_path: Path, client: str, stream: bool) -> None:
    """For its start, for a turn, for its first word: at once, and the next one is served."""
    flags = "--load-seconds 1.5 --token-delay 0.02 --answer-tokens 99999"
    ask = post(PATHS[client], {**ASK, "model": "m", "max_tokens": 99999, "stream": stream})
    async with local(tmp_path, m=flags) as gateway:
        async with Caller(gateway.url) as starting:
            await starting.send(ask)
            await asyncio.sleep(0.4)
            assert gateway.keeper.snapshot()[0].waiting == 1
        await gone(gateway, 1)
        assert gateway.keeper.snapshot()[0].waiting == 0

        async with Caller(gateway.url) as working, Caller(gateway.url) as queued:
            await working.send(ask)
            await until_busy(gateway)
            await queued.send(ask)
            await asyncio.sleep(0.3)
            assert gateway.keeper.snapshot()[0].waiting == 1
            queued.hang_up()
            await gone(gateway, 2)
            assert (gateway.keeper.snapshot()[0].busy, gateway.keeper.snapshot()[0].waiting) == (1, 0)
        await gone(gateway, 3)
        reply = await gateway.post(PATHS[client], {**ASK, "model": "m", "max_tokens": 2})
        assert reply.status == 200


async def until_busy(gateway: Running) -> None:
    async with asyncio.timeout(10):
        while not any(engine.busy for engine in gateway.keeper.snapshot()):
            await asyncio.sleep(0.01)


async def gone(gateway: Running, count: int) -> None:
    """So many exchanges have been cancelled, the last within a second of now."""
    async with asyncio.timeout(1.0):
        while len(gateway.journal.latest) < count:
            await asyncio.sleep(0.01)
    assert [record.outcome for record in gateway.journal.latest] == ["cancelled"] * count


async def test_p88_leaving_ends_the_wait_for_a_connection(tmp_path: Path) -> None:
    """A listener that accepts nobody any more: its backlog is full, so connecting hangs."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        port = deaf.getsockname()[1]
        fill = [socket.socket() for _ in range(4)]
        for one in fill:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        text = f'[providers.lab]\ndialect = "openai_chat"\nbase_url = "http://127.0.0.1:{port}/v1"\nmodels = ["m"]\n'
        async with Running(tmp_path, text) as gateway:
            async with Caller(gateway.url) as caller:
                await caller.send(post("/v1/messages", ASK))
                await asyncio.sleep(0.4)
                assert not gateway.journal.latest
            await gone(gateway, 1)
        for one in fill:
            one.close()


@clients
@pytest.mark.parametrize("stream", [True, False])
async def test_p90_too_many_are_refused_with_a_status_before_anything_is_sent(
    tmp_path: Path, client: str, stream: bool
) -> None:
    more = "[engine]\nmax_queue = 1\n"
    flags = "--token-delay 0.02 --answer-tokens 99999"
    ask = {**ASK, "model": "m", "max_tokens": 99999, "stream": stream}
    async with local(tmp_path, more, m=flags) as gateway, Caller(gateway.url) as first, Caller(gateway.url) as second:
        await first.send(post(PATHS[client], ask))
        await until_busy(gateway)
        await second.send(post(PATHS[client], ask))
        await asyncio.sleep(0.3)
        began = time.monotonic()
        reply = await gateway.post(PATHS[client], ask)
        assert time.monotonic() - began < 0.5, "at once"
        assert reply.status == 429
        assert int(reply.headers["retry-after"]) >= 1
        assert reply.headers["x-should-retry"] == "true"
        assert "wait for model 'm' already" in reply.json["error"]["message"]
        if client == "anthropic":
            assert reply.json["error"]["type"] == "rate_limit_error"


@pytest.mark.parametrize(
    ("flags", "timeout", "words"), [("--unhealthy", 0.5, "0.5 s"), ("--crash-at-load", 60, "the fake was told to fail")]
)
async def test_p89_an_engine_that_does_not_start_says_why(
    tmp_path: Path, flags: str, timeout: float, words: str
) -> None:
    more = f"[engine]\nstart_timeout = {timeout}\nmax_restarts = 1\n"
    async with local(tmp_path, more, m=flags) as gateway:
        for path in PATHS.values():
            for stream in (True, False):
                reply = await gateway.post(path, {**ASK, "model": "m", "stream": stream})
                assert reply.status == 503, "a status, since nothing has been sent"
                message = reply.json["error"]["message"]
                assert words in message and "'m'" in message


async def test_p89_an_error_after_early_headers_keeps_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "LOAD_PATIENCE", 0.2)
    more = "[engine]\nstart_timeout = 0.8\n"
    async with local(tmp_path, more, m="--unhealthy") as gateway:
        reply = await gateway.post("/v1/messages", {**ASK, "model": "m", "stream": True})
    assert reply.status == 200
    assert reply.body.startswith(b"event: message_start")
    assert b"event: error" in reply.body and b"0.8" in reply.body.partition(b"event: error")[2]
    assert b"message_stop" not in reply.body


@pytest.mark.parametrize("stream", [True, False])
async def test_p89_a_provider_s_silence_is_timed_and_said(tmp_path: Path, stream: bool) -> None:
    async with (
        Provider(Answer(wait=3600)) as provider,
        Running(tmp_path, settings(provider, "openai_chat", "idle_timeout = 0.3")) as gateway,
    ):
        began = time.monotonic()
        reply = await gateway.post("/v1/messages", {**ASK, "stream": stream})
        assert 0.25 < time.monotonic() - began < 1.0
    assert reply.status == 504
    assert "was silent for 0.3 s" in reply.json["error"]["message"]
    assert "idle_timeout" in reply.json["error"]["message"], "what to do about it"


async def test_the_first_event_says_what_the_prompt_is_thought_to_be(tmp_path: Path) -> None:
    """And learns: a provider tells the true number only at the end (P75)."""
    long = {**ASK, "stream": True, "messages": [{"role": "user", "content": "word " * 200}]}
    script = Reply(text="a", usage=Tokens(prompt=500, output=1), pace=0.05)
    async with Provider(script) as provider, Running(tmp_path, settings(provider, "openai_chat")) as gateway:
        said = [await gateway.post("/v1/messages", long) for _ in range(3)]
    first, *later = [int(reply.body.partition(b'"input_tokens":')[2].partition(b",")[0]) for reply in said]
    assert 200 < first < 400
    assert later == [500, 500]
