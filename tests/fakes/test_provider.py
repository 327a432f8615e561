"""The scripted upstream does what it says; other tests rely on it."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import aiohttp
import pytest

from .provider import (
    HTML_ERROR,
    SSE,
    Agent,
    Answer,
    Provider,
    Reply,
    anthropic_stream,
    chat_error,
    chat_stream,
    chat_whole,
    error,
)

pytestmark = [pytest.mark.anyio, pytest.mark.io]

CHAT = "/v1/chat/completions"


async def post(provider: Provider, path: str = CHAT, /, **body: object) -> tuple[int, bytes]:
    async with aiohttp.ClientSession() as session, session.post(provider.url + path, json=body) as answer:
        return answer.status, await answer.read()


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (CHAT, {"model": "m"}, chat_whole("Hi")),
        (CHAT, {"model": "m", "stream": True}, chat_stream("Hi", usage=None)),
        (CHAT, {"model": "m", "stream": True, "stream_options": {"include_usage": True}}, chat_stream("Hi")),
        ("/v1/messages?beta=true", {"model": "m", "stream": True}, anthropic_stream("Hi")),
    ],
)
async def test_reply_speaks_the_dialect_of_the_path(path: str, body: dict[str, object], expected: bytes) -> None:
    async with Provider(Reply(text="Hi")) as provider:
        assert await post(provider, path, **body) == (200, expected)
        assert provider.requests[0].json == body


async def test_steps_are_taken_in_order_and_the_last_repeats() -> None:
    async with Provider([error(*chat_error(429, "slow"), retry_after="3"), HTML_ERROR, Reply(text="ok")]) as provider:
        assert [(await post(provider))[0] for _ in range(4)] == [429, 403, 200, 200]


async def test_connections_are_kept_alive() -> None:
    async with Provider() as provider, aiohttp.ClientSession() as session:
        for _ in range(3):
            async with session.post(provider.url + CHAT, json={"stream": True}) as answer:
                assert (await answer.read()).endswith(b"[DONE]\n\n")
        assert provider.connected == 1


async def test_cuts_and_the_end_are_chosen() -> None:
    body = chat_stream("안녕하세요")
    answer = Answer(headers=SSE, body=body, stream=True, cuts=(1, 5, 40), delay=0.001)
    assert [len(piece) for piece in answer.writes[:4]] == [1, 5, 40, 40]
    async with Provider(answer) as provider:
        assert await post(provider) == (200, body)


@pytest.mark.parametrize("ending", ["close", "reset"])
async def test_a_stream_can_break_off(ending: str) -> None:
    broken = Answer(headers=SSE, body=chat_stream("Hi"), stream=True, until=30, ending="close")
    if ending == "reset":
        broken = Answer(headers=SSE, body=chat_stream("Hi"), stream=True, until=30, ending="reset", delay=0.01)
    async with Provider(broken) as provider:
        with pytest.raises(aiohttp.ClientError):
            await post(provider)
        assert provider.requests[0].sent == 30


@pytest.mark.parametrize(
    "answer",
    [
        Answer(wait=60),
        Answer(headers=SSE, stream=True, ending="hang"),
        Answer(headers=SSE, stream=True, repeat=b": again\n\n", delay=0.01),
        Reply(text="abc" * 100, pace=0.05),
    ],
)
async def test_it_knows_when_the_client_left(answer: Answer | Reply) -> None:
    async with Provider(answer) as provider:
        task = asyncio.ensure_future(post(provider, stream=True))
        request = await provider.received()
        await asyncio.sleep(0.05)
        assert request.left_at is None
        task.cancel()
        before = time.monotonic()
        assert 0 <= await request.left() - before < 1
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_garbage_instead_of_http() -> None:
    async with Provider(Answer(raw=True, body=b"\x00\xff nonsense\r\n\r\n")) as provider:
        with pytest.raises(aiohttp.ClientError):
            await post(provider)


async def test_models_and_counts_take_no_step() -> None:
    async with Provider(models=["a", "b"]) as provider, aiohttp.ClientSession() as session:
        async with session.get(provider.url + "/v1/models") as answer:
            assert [model["id"] for model in (await answer.json())["data"]] == ["a", "b"]
        async with session.get(provider.url + "/v1/models", headers={"anthropic-version": "x"}) as answer:
            assert (await answer.json())["last_id"] == "b"
        async with session.post(provider.url + "/v1/messages/count_tokens", data=b"x" * 40) as answer:
            assert await answer.json() == {"input_tokens": 10}
        async with session.get(provider.url + "/nowhere") as answer:
            assert answer.status == 404
        assert provider.requests == []


async def test_agent_steps_follow_the_tool_results() -> None:
    agent = Agent(steps=((("Read", {"p": 1}),), (("Edit", {}), ("Edit", {}))), final="Ready.")
    tools = [{"name": "Read"}, {"name": "Edit"}]

    def history(results: int) -> list[dict[str, object]]:
        return [{"role": "user", "content": [{"type": "tool_result"}] * results}]

    async with Provider(agent) as provider:
        said = [
            json.loads((await post(provider, "/v1/messages", messages=history(count), tools=tools))[1])["content"]
            for count in (0, 1, 3)
        ]
        assert [[block.get("name") for block in blocks] for blocks in said] == [
            [None, "Read"],
            [None, "Edit", "Edit"],
            [None],
        ]
        assert said[2][0]["text"] == "Ready."
        chat = {"messages": [{"role": "tool", "content": "x"}] * 3, "tools": [{"function": {"name": "Read"}}]}
        assert b"Ready." in (await post(provider, CHAT, **chat))[1]
        assert b"A title" in (await post(provider, messages=[]))[1]


async def test_as_a_process(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text('{"steps": [{"type": "reply", "text": "Hi"}, {"type": "answer", "status": 500, "text": "no"}]}')
    command = (sys.executable, "-m", "tests.fakes.provider", "--script", str(script))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().strip()
        async with aiohttp.ClientSession() as session:
            async with session.post(url + CHAT, json={"model": "m"}) as answer:
                assert (await answer.json())["choices"][0]["message"]["content"] == "Hi"
            async with session.post(url + CHAT, json={}) as answer:
                assert (answer.status, await answer.text()) == (500, "no")
            async with session.get(url + "/log") as answer:
                assert [entry["path"] for entry in await answer.json()] == [CHAT, CHAT]
    finally:
        process.terminate()
        await process.wait()
