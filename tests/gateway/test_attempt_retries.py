"""Engines that fail while they read a prompt: asked once more where nothing of the answer was sent, else told."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.caller import Caller, post
from tests.fakes.local import local
from tests.fakes.running import Reply, Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]

PATHS = {
    "anthropic": "/v1/messages",
    "openai_chat": "/v1/chat/completions",
    "openai_responses": "/v1/responses",
    "gemini": "/v1beta/models/m:generateContent",
}
LATE = "[server]\nearly_after = 30\n"
"""No headers leave before the engine has spoken, however busy the machine is."""
TURN = {"role": "user", "content": "Hi there"}


def ask(dialect: str = "anthropic", stream: bool = True) -> tuple[str, dict[str, Any]]:
    match dialect:
        case "gemini":
            path = PATHS[dialect].replace(":g", ":streamG") + "?alt=sse" if stream else PATHS[dialect]
            return path, {"contents": [{"role": "user", "parts": [{"text": "Hi there"}]}]}
        case "openai_responses":
            return PATHS[dialect], {"model": "m", "stream": stream, "input": "Hi there"}
    return PATHS[dialect], {"model": "m", "max_tokens": 3, "stream": stream, "messages": [TURN]}


def outcome(gateway: Running) -> tuple[str, int]:
    record = gateway.journal.latest[-1]
    return record.outcome, record.retries


@pytest.mark.parametrize(("dialect", "stream"), [("anthropic", True), ("openai_chat", False)])
async def test_a_prompt_whose_engine_died_is_read_by_the_next_one(
    tmp_path: Path, dialect: str, stream: bool, caplog: pytest.LogCaptureFixture
) -> None:
    flags = f"--prefill-seconds 0.1 --crash-reading --crash-once {tmp_path / 'crashed'}"
    async with local(tmp_path, LATE, m=flags) as gateway:
        with caplog.at_level(logging.WARNING, "landbridge.gateway"):
            reply = await gateway.post(*ask(dialect, stream))
        assert reply.status == 200, reply.body
        assert b"one" in reply.body and b"three" in reply.body
        assert reply.headers["x-landbridge-retries"] == "1"
        assert outcome(gateway) == ("ok", 1)
        assert "retries 1" in gateway.journal.latest[-1].line()
    assert "is asked for again: The engine of 'm' ended while it worked" in caplog.text


async def test_what_was_only_a_sign_of_life_does_not_hinder_it(tmp_path: Path) -> None:
    """Headers and the answer's start have left; the client sees one answer all the same."""
    more = "[server]\nearly_after = 0.05\n"
    flags = f"--prefill-seconds 1 --crash-reading --crash-once {tmp_path / 'crashed'}"
    async with local(tmp_path, more, m=flags) as gateway:
        reply = await gateway.post(*ask())
    assert reply.status == 200
    assert reply.body.count(b"event: message_start") == reply.body.count(b"event: message_stop") == 1
    assert b"event: error" not in reply.body
    assert "x-landbridge-retries" not in reply.headers, "they had left"
    assert outcome(gateway) == ("ok", 1)


def told(dialect: str, stream: bool, reply: Reply) -> str:
    """The error's words, in the place where its dialect has them."""
    assert reply.status == 502, reply.body
    message: str = reply.json["error"]["message"]
    return message


@pytest.mark.parametrize(
    ("dialect", "stream"),
    [("anthropic", True), ("openai_chat", False), ("openai_responses", True), ("gemini", False)],
)
async def test_a_prompt_that_kills_its_engine_twice_is_told(tmp_path: Path, dialect: str, stream: bool) -> None:
    async with local(tmp_path, LATE, m="--prefill-seconds 0.1 --crash-reading") as gateway:
        reply = await gateway.post(*ask(dialect, stream))
        assert "'m'" in told(dialect, stream, reply)
        assert outcome(gateway) == ("crashed", 1)
        assert reply.headers["x-should-retry"] == "true"


async def test_half_an_answer_is_not_asked_for_again(tmp_path: Path) -> None:
    flags = f"--crash-after 2 --token-delay 0.05 --crash-once {tmp_path / 'crashed'}"
    async with local(tmp_path, m=flags) as gateway:
        reply = await gateway.post(*ask())
        assert reply.body.count(b"event: error") == 1 and b"message_stop" not in reply.body
        assert outcome(gateway) == ("crashed", 0)


@pytest.mark.parametrize(
    ("said", "stream"), [("Compute error", True), ("failed to find a memory slot for batch of size 512", False)]
)
async def test_what_an_engine_says_while_it_reads_is_told(tmp_path: Path, said: str, stream: bool) -> None:
    flags = f"--prefill-seconds 0.1 --fail-reading {said.replace(' ', '_')}"
    async with local(tmp_path, LATE, m=flags) as gateway:
        reply = await gateway.post(*ask(stream=stream))
        assert reply.status == 502, "a status, since nothing was sent"
        assert said in reply.json["error"]["message"]
        assert "engine:m" in reply.json["error"]["message"]
        assert gateway.journal.latest[-1].retries == 0, "the engine lives, and would say it again"


async def test_a_window_that_fills_while_it_is_read_makes_the_client_compact(tmp_path: Path) -> None:
    flags = "--prefill-seconds 0.1 --fail-reading request_exceeds_the_available_context_size"
    async with local(tmp_path, LATE, m=flags) as gateway:
        reply = await gateway.post(*ask())
    assert reply.status == 400 and "prompt is too long" in reply.json["error"]["message"]


async def test_an_engine_that_was_unloaded_on_purpose_is_not_started_for_it(tmp_path: Path) -> None:
    async with local(tmp_path, m="--prefill-seconds 20") as gateway, Caller(gateway.url) as caller:
        await caller.send(post("/v1/messages", ask()[1]))
        async with asyncio.timeout(10):
            while not gateway.keeper.snapshot() or not gateway.keeper.snapshot()[0].progress:
                await asyncio.sleep(0.02)
        await gateway.keeper.close()
        async with asyncio.timeout(10):
            while not gateway.journal.latest:
                await asyncio.sleep(0.02)
        assert gateway.journal.latest[-1].retries == 0
