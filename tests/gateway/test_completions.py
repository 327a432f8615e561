"""Completions: straight across, on engines, on models that only chat, and everything that goes wrong."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from landbridge.neutral.parts import Text
from landbridge.neutral.response import Response, collect
from landbridge.wire.dialects import dialect
from tests.fakes.caller import Caller, chunk, post
from tests.fakes.legacy import legacy_stream
from tests.fakes.local import local
from tests.fakes.provider import HTML_ERROR, SSE, Answer, Provider, Reply, Tokens, error
from tests.fakes.running import Reply as Heard
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]

PATH = "/v1/completions"
ASK: dict[str, Any] = {"model": "lab/m", "prompt": "Once upon", "max_tokens": 5}
CONTINUE = ["openai_chat", "openai_responses"]
CHAT = ["anthropic", "gemini"]
streamed = pytest.mark.parametrize("stream", [False, True])


def running(tmp_path: Path, provider: Provider, target: str, more: str = "") -> Running:
    text = f"""
        [providers.lab]
        dialect = "{target}"
        base_url = "{provider.base_url(target)}"
        api_key = "secret-key"
        models = ["m"]
        {more}
    """
    return Running(tmp_path, text)


def read(heard: Heard, stream: bool) -> Response:
    """What the client understands."""
    spoken = dialect("openai_legacy")
    if not stream:
        return spoken.read_response(heard.body, str, "client")
    reader = spoken.reader(str, "client")
    return collect([*reader.feed(heard.body), *reader.close()])


@pytest.mark.parametrize("target", CONTINUE)
@streamed
async def test_openai_s_providers_get_the_very_bytes(tmp_path: Path, target: str, stream: bool) -> None:
    asked = b'{ "prompt": ["a", "b"],\n "echo": true, "n": 2, "model" : "lab/m", "new": 1.0, "stream": %s }' % (
        json.dumps(stream).encode()
    )
    async with Provider(Reply(text=" a time 안녕")) as provider, running(tmp_path, provider, target) as gateway:
        heard = await gateway.post(PATH, asked)
        (sent,) = provider.requests
        record = gateway.journal.latest[0]
    assert (heard.status, heard.headers["x-landbridge-path"]) == (200, "passthrough")
    assert sent.body == asked.replace(b'"lab/m"', b'"m"')
    assert (sent.path, sent.headers["authorization"]) == ("/v1/completions", "Bearer secret-key")
    assert read(heard, stream).parts == (Text(" a time 안녕"),)
    assert (record.outcome, record.stream, record.target) == ("ok", stream, "lab/m")


@streamed
async def test_usage_is_read_in_passing(tmp_path: Path, stream: bool) -> None:
    ask = {**ASK, "stream": stream, "stream_options": {"include_usage": True}}
    reply = Reply(text="a", usage=Tokens(9, 4))
    async with Provider(reply) as provider, running(tmp_path, provider, "openai_chat") as gateway:
        await gateway.post(PATH, ask)
        record = gateway.journal.latest[0]
    assert (record.usage.prompt, record.usage.output, record.outcome) == (9, 4, "ok")


@streamed
async def test_without_pass_through_the_answer_is_the_same(tmp_path: Path, stream: bool) -> None:
    reply = Reply(text=" a time", usage=Tokens(9, 4), finish="length")
    more = "passthrough = false"
    async with Provider(reply) as provider, running(tmp_path, provider, "openai_chat", more) as gateway:
        ask = {**ASK, "suffix": " end", "stream": stream, "stream_options": {"include_usage": True}}
        heard = await gateway.post(PATH, ask)
        (sent,) = provider.requests
    assert heard.headers["x-landbridge-path"] == "converted"
    assert heard.headers["x-landbridge-losses"] == "0"
    assert (sent.path, sent.json["prompt"], sent.json["suffix"]) == ("/v1/completions", "Once upon", " end")
    response = read(heard, stream)
    assert response.parts == (Text(" a time"),)
    assert (response.finish.reason, response.usage.prompt, response.usage.output) == ("length", 9, 4)


@pytest.mark.parametrize("target", CHAT)
@streamed
async def test_models_that_only_chat_are_asked_and_the_loss_is_said(tmp_path: Path, target: str, stream: bool) -> None:
    reply = Reply(text="There was a fox. 안녕", thinking="Hm.", usage=Tokens(9, 4))
    async with Provider(reply) as provider, running(tmp_path, provider, target) as gateway:
        ask = {**ASK, "stream": stream, "stream_options": {"include_usage": True}, "logprobs": 2, "stop": "x"}
        heard = await gateway.post(PATH, ask)
        (sent,) = provider.requests
        record = gateway.journal.latest[0]
    assert heard.status == 200
    response = read(heard, stream)
    assert response.parts == (Text("There was a fox. 안녕"),)
    assert (response.usage.prompt, response.usage.output) == (9, 4)
    assert "Once upon" in sent.body.decode()
    assert sent.dialect == target
    assert record.losses[0] == "prompt: this model chats, so it answers the prompt and does not continue it"
    assert any("logprobs: " in loss for loss in record.losses)
    if stream:
        chunks = [json.loads(line[6:]) for line in heard.body.decode().split("\n\n") if line.startswith("data: {")]
        assert {each["object"] for each in chunks} == {"text_completion"}
        assert heard.body.endswith(b"data: [DONE]\n\n")
        assert heard.headers["content-type"].startswith("text/event-stream")
    else:
        assert (heard.json["object"], heard.json["model"]) == ("text_completion", "lab/m")
        assert int(heard.headers["x-landbridge-losses"]) >= 2


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"suffix": " end"}, "suffix: 'lab/m' cannot fill a gap"),
        ({"prompt": [1, 2]}, "prompt: 'lab/m' takes a text and no tokens"),
        ({"prompt": ["a", "b"]}, "prompt has 2 texts"),
        ({"echo": True}, "echo: the prompt is not repeated"),
        ({"n": 2}, "n: only one answer"),
    ],
)
async def test_what_a_chat_cannot_do_is_refused(tmp_path: Path, wish: dict[str, object], words: str) -> None:
    async with Provider() as provider, running(tmp_path, provider, "anthropic") as gateway:
        heard = await gateway.post(PATH, {**ASK, **wish})
        assert provider.requests == []
    assert heard.status == 400
    assert words in heard.json["error"]["message"]


# -- engines -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prompt", ["one two three", ["one two three"], [1, 2, 3]])
@streamed
async def test_an_engine_continues_the_prompt_itself(tmp_path: Path, prompt: object, stream: bool) -> None:
    heard_file = tmp_path / "heard"
    async with local(tmp_path, m=f"--heard {heard_file}") as gateway:
        ask = {"model": "m", "prompt": prompt, "stream": stream, "stream_options": {"include_usage": True}}
        heard = await gateway.post(PATH, {**ask, "temperature": 0, "logprobs": 1})
        record = gateway.journal.latest[0]
    (asked,) = map(json.loads, heard_file.read_text().splitlines())
    assert heard.status == 200
    response = read(heard, stream)
    words = "one two three four five six seven eight nine ten one two three four five six"
    assert response.parts == (Text(words),)
    assert (response.usage.prompt, response.usage.output, response.finish.reason) == (3, 16, "length")
    assert asked["prompt"] == (prompt if isinstance(prompt, list) and isinstance(prompt[0], int) else "one two three")
    assert (asked["stream"], asked["return_progress"], asked["max_tokens"], asked["logprobs"]) == (True, True, 16, 1)
    assert (record.losses, record.path, record.usage.prompt) == ((), "converted", 3)
    if not stream:
        odds = heard.json["choices"][0]["logprobs"]
        assert len(odds["tokens"]) == 16
        assert odds["text_offset"][0] == (0 if isinstance(asked["prompt"], list) else len("one two three"))


async def test_p65_a_prompt_too_long_is_refused_with_both_numbers(tmp_path: Path) -> None:
    async with local(tmp_path, m="--window 100") as gateway:
        for prompt in ("word " * 500, [5] * 500):
            heard = await gateway.post(PATH, {"model": "m", "prompt": prompt})
            assert heard.status == 400
            assert heard.json["error"]["message"].startswith("prompt is too long: 500 tokens > 100 maximum")


async def test_an_engine_fills_no_gaps(tmp_path: Path) -> None:
    async with local(tmp_path, m="") as gateway:
        heard = await gateway.post(PATH, {"model": "m", "prompt": "a", "suffix": "b"})
    assert heard.status == 400
    assert "suffix: 'm' cannot fill a gap" in heard.json["error"]["message"]


async def test_p85_a_client_that_leaves_stops_the_engine(tmp_path: Path) -> None:
    async with local(tmp_path, m="--token-delay 0.05") as gateway:
        for stream in (True, False):
            async with Caller(gateway.url) as caller:
                await caller.send(post(PATH, {"model": "m", "prompt": "a", "max_tokens": 3000, "stream": stream}))
                async with asyncio.timeout(10):
                    while not any(info.busy for info in gateway.keeper.snapshot()):
                        await asyncio.sleep(0.01)
            async with asyncio.timeout(1.5), gateway.keeper.lease("m") as lease:
                while await lease.busy_slots():
                    await asyncio.sleep(0.01)


async def test_p82_a_slow_prompt_gets_signs_of_life(tmp_path: Path) -> None:
    settings = "[server]\nearly_after = 0.05\nping_every = 0.1\n"
    async with local(tmp_path, settings, m="--prefill-seconds 1") as gateway:
        heard = await gateway.post(PATH, {"model": "m", "prompt": "a", "stream": True})
    assert b": keep-alive\n\n" in heard.body
    assert read(heard, True).parts


# -- what goes wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["openai_chat", "anthropic", "gemini"])
@pytest.mark.parametrize(
    ("script", "status", "words"),
    [
        (error(400, b'{"error": {"message": "no such thing", "code": 400}}'), 400, "no such thing"),
        (error(401, b'{"error": {"message": "bad key", "code": 401}}'), 403, "bad key"),
        (error(429, b'{"error": {"message": "slow down", "code": 429}}', retry_after="9"), 429, "slow down"),
        (error(500, b'{"error": {"message": "boom"}}'), None, "boom"),
        (HTML_ERROR, 403, "Attention Required!"),
        (Answer(body=b"{}", until=0, ending="close"), 502, ""),
    ],
)
@streamed
async def test_what_providers_do_wrong(
    tmp_path: Path, target: str, script: Answer, status: int | None, words: str, stream: bool
) -> None:
    async with Provider(script) as provider, running(tmp_path, provider, target) as gateway:
        heard = await gateway.post(PATH, {**ASK, "stream": stream})
        assert gateway.journal.latest[0].outcome != "ok"
    assert heard.status == status if status is not None else heard.status >= 500
    assert words in heard.json["error"]["message"]


@pytest.mark.parametrize("target", ["openai_chat", "anthropic"])
async def test_p9_a_stream_that_breaks_off_is_no_end(tmp_path: Path, target: str) -> None:
    stream = legacy_stream(text="It goes on and on.")
    cut = stream.index(b"\n\n", len(stream) // 3) + 2
    reply = Reply(text="It goes on and on.")

    def broken(request: Any) -> Answer:
        body = stream if request.dialect == "openai_legacy" else reply.answer(request, 1).body
        until = cut if request.dialect == "openai_legacy" else body.index(b"content_block_stop") - 7
        return Answer(headers=SSE, body=body, stream=True, until=until)

    async with Provider(broken) as provider, running(tmp_path, provider, target) as gateway:
        heard = await gateway.post(PATH, {**ASK, "stream": True})
        assert gateway.journal.latest[0].outcome == "cut"
    assert b"[DONE]" not in heard.body
    assert b'"error"' in heard.body


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 400, "not valid JSON"),
        (b"{", 400, "not valid JSON"),
        (b"[]", 400, "not an object"),
        (b'{"prompt": "a"}', 400, "model is missing"),
        (b'{"model": "nobody/x", "prompt": "a"}', 404, "nobody/x"),
        (b'{"model": "\xff", "prompt": "a"}', 400, "not valid"),
        (b"[" * 40_000, 400, "not an object"),
        (b'{"model": "lab/m", "prompt": ' + b"[" * 40_000, 400, "nested"),
        (b'{"model": "lab/m", "prompt": "\xff"}', 400, "UTF-8"),
        (b'{"model": "lab/m"}', 400, "prompt is missing"),
        (b'{"model": "lab/m", "prompt": 5}', 400, "prompt: Expected"),
        (json.dumps({"model": "lab/m", "prompt": ["a"] * 10_000}).encode(), 400, "10000 texts"),
    ],
)
async def test_what_clients_do_wrong(tmp_path: Path, body: bytes, status: int, words: str) -> None:
    async with Provider() as provider, running(tmp_path, provider, "anthropic") as gateway:
        heard = await gateway.post(PATH, body)
        assert provider.requests == []
        assert gateway.journal.latest[0].outcome != "ok"
    assert heard.status == status
    assert words in heard.json["error"]["message"]
    assert heard.json["error"]["type"] == "invalid_request_error"


async def test_a_body_over_the_limit(tmp_path: Path) -> None:
    more = "[server]\nmax_body = 1000"
    async with Provider() as provider, running(tmp_path, provider, "anthropic", more) as gateway:
        assert (await gateway.post(PATH, {**ASK, "prompt": "a" * 2000})).status == 413


async def test_a_client_that_sends_slowly_and_one_that_leaves_anywhere(tmp_path: Path) -> None:
    body = json.dumps(ASK).encode()
    async with Provider(Reply(text="a")) as provider, running(tmp_path, provider, "anthropic") as gateway:
        async with Caller(gateway.url) as caller:
            await caller.send(post(PATH, b"", length=-1))
            for byte in body:
                await caller.send(chunk(bytes([byte])))
                await asyncio.sleep(0.001)
            await caller.send(chunk(b""))
            assert (await caller.listen()).status == 200
        whole = post(PATH, body)
        for end in range(0, len(whole), 7):
            async with Caller(gateway.url) as caller:
                await caller.send(whole[:end])
        assert (await gateway.post(PATH, body)).status == 200
        assert len(provider.requests) == 2


async def test_both_faces_have_it(tmp_path: Path) -> None:
    async with Provider(Reply(text="a")) as provider, running(tmp_path, provider, "anthropic") as gateway:
        for base in (gateway.url, gateway.openai):
            async with gateway.session.post(base + PATH, json=ASK) as answer:
                assert (await answer.json())["choices"][0]["text"] == "a"
