"""Every client dialect through the gateway to every provider dialect: asked, converted, answered, counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from landbridge.neutral.events import Failed, Reason
from landbridge.neutral.parts import Text, Thinking, ToolCall
from landbridge.neutral.response import Response, collect
from landbridge.wire.dialects import DIALECTS, dialect
from tests.fakes.gemini import gemini_call, gemini_chunk, gemini_record
from tests.fakes.provider import JSON, SSE, Answer, Provider, Received, Reply, Tokens, error
from tests.fakes.running import Reply as Heard
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]

NAMES = sorted(DIALECTS)
every_pair = pytest.mark.parametrize(("client", "target"), [(one, other) for one in NAMES for other in NAMES])
streamed = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])

TOOL = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
ASKS: dict[str, dict[str, Any]] = {
    "anthropic": {
        "max_tokens": 500,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": "Hi 안녕"}],
        "tools": [{"name": "Read", "input_schema": TOOL}],
    },
    "openai_chat": {
        "max_tokens": 500,
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi 안녕"}],
        "tools": [{"type": "function", "function": {"name": "Read", "parameters": TOOL}}],
    },
    "openai_responses": {
        "max_output_tokens": 500,
        "instructions": "Be brief.",
        "input": "Hi 안녕",
        "tools": [{"type": "function", "name": "Read", "parameters": TOOL}],
    },
    "gemini": {
        "generationConfig": {"maxOutputTokens": 500},
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [{"role": "user", "parts": [{"text": "Hi 안녕"}]}],
        "tools": [{"functionDeclarations": [{"name": "Read", "parametersJsonSchema": TOOL}]}],
    },
}
PATHS = {
    "anthropic": "/anthropic/v1/messages?beta=true",
    "openai_chat": "/v1/chat/completions",
    "openai_responses": "/v1/responses",
}
READ = ("Read", {"path": "/tmp/a b"})


def running(tmp_path: Path, provider: Provider, target: str) -> Running:
    text = f"""
        [providers.lab]
        dialect = "{target}"
        base_url = "{provider.base_url(target)}"
        api_key = "${{LAB_KEY}}"
        models = ["m"]
    """
    return Running(tmp_path, text, env={"LAB_KEY": "key-of-the-lab"})


async def ask(gateway: Running, client: str, stream: bool) -> Heard:
    if client == "gemini":
        method = "streamGenerateContent?alt=sse" if stream else "generateContent"
        return await gateway.post(f"/v1beta/models/lab/m:{method}", ASKS[client])
    body = {"model": "lab/m", **ASKS[client]}
    if stream:
        body["stream"] = True
        if client == "openai_chat":
            body["stream_options"] = {"include_usage": True}
    return await gateway.post(PATHS[client], body)


def read(client: str, heard: Heard, stream: bool) -> Response:
    """What the client understands."""
    numbers = iter(range(1000))
    spoken = dialect(client)
    if not stream:
        return spoken.read_response(heard.body, lambda prefix: f"{prefix}{next(numbers)}", "client")
    reader = spoken.reader(lambda prefix: f"{prefix}{next(numbers)}", "client")
    return collect([*reader.feed(heard.body), *reader.close()])


@every_pair
@streamed
async def test_text_and_calls_cross(tmp_path: Path, client: str, target: str, stream: bool) -> None:
    reply = Reply(text="Let me look 보기.", thinking="Hm.", tools=(READ, READ), usage=Tokens(100, 20, cached=40))
    async with Provider(reply) as provider, running(tmp_path, provider, target) as gateway:
        heard = await ask(gateway, client, stream)
        assert heard.status == 200, heard.body
        assert heard.headers["x-landbridge-path"] == ("passthrough" if client == target else "converted")
        response = read(client, heard, stream)
        texts = [part.text for part in response.parts if isinstance(part, Text) and part.text]
        assert "".join(texts) == "Let me look 보기."
        thoughts = "".join(part.text for part in response.parts if isinstance(part, Thinking))
        assert thoughts in ("Hm.", "") and (client == "openai_responses" or thoughts), (
            "thinking is shown where it can be"
        )
        calls = [part for part in response.parts if isinstance(part, ToolCall)]
        assert [(call.name, json.loads(bytes(call.args))) for call in calls] == [READ, READ]
        assert len({call.id for call in calls}) == 2
        assert response.finish.reason == Reason.TOOLS
        assert (response.usage.prompt, response.usage.output, response.usage.cache_read) == (100, 20, 40)
        sent = provider.requests[0]
        assert (sent.dialect, sent.stream, sent.model) == (target, stream, "m")
        assert (
            "key-of-the-lab" in {name: value.removeprefix("Bearer ") for name, value in sent.headers.items()}.values()
        )
        assert "Be brief." in sent.body.decode() and '"Read"' in sent.body.decode()
        record = gateway.journal.latest[0]
        assert (record.outcome, record.status, record.stream, record.target) == ("ok", 200, stream, "lab/m")
        assert (record.usage.prompt, record.usage.output) == (100, 20)


@every_pair
@streamed
async def test_errors_cross_in_the_client_s_words(tmp_path: Path, client: str, target: str, stream: bool) -> None:
    said = {"error": {"message": "no such thing", "type": "invalid_request_error", "code": 400, "status": "X"}}
    script = error(400, json.dumps(said | ({"type": "error"} if target == "anthropic" else {})).encode())
    async with Provider(script) as provider, running(tmp_path, provider, target) as gateway:
        heard = await ask(gateway, client, stream)
        assert heard.status == 400
        found = dialect(client).read_error(heard.status, heard.body, "client", heard.headers)
        assert "no such thing" in found.message


ENDS = {
    "anthropic": b"message_delta",
    "openai_chat": b'"stop"',
    "openai_responses": b"response.completed",
    "gemini": b"finishReason",
}
"""What stands in the first record that says that a stream has ended."""


def broken(request: Received) -> Answer:
    """A stream without the records of its end."""
    body = Reply(text="It goes on and on.").answer(request, 1).body
    between = b"\r\n\r\n" if request.dialect == "gemini" else b"\n\n"
    until = body.rindex(between, 0, body.index(ENDS[request.dialect])) + len(between)
    return Answer(headers=SSE, body=body, stream=True, until=until)


@every_pair
async def test_p9_a_stream_that_breaks_off_is_no_end(tmp_path: Path, client: str, target: str) -> None:
    async with Provider(broken) as provider, running(tmp_path, provider, target) as gateway:
        heard = await ask(gateway, client, True)
        reader = dialect(client).reader(lambda prefix: prefix, "client")
        events = [*reader.feed(heard.body), *reader.close()]
        assert isinstance(events[-1], Failed), events[-2:]
        assert gateway.journal.latest[0].outcome != "ok"


async def test_gemini_clients_get_a_list_where_they_do_not_say_sse(tmp_path: Path) -> None:
    async with Provider(Reply(text="One, two.", piece=2)) as provider, running(tmp_path, provider, "gemini") as gateway:
        heard = await gateway.post("/gemini/v1beta/models/lab/m:streamGenerateContent", ASKS["gemini"])
        assert heard.headers["content-type"].startswith("application/json")
        chunks = json.loads(heard.body)
        texts = [part["text"] for chunk in chunks for part in chunk["candidates"][0]["content"]["parts"]]
        assert "".join(texts) == "One, two."
        assert chunks[-1]["candidates"][0]["finishReason"] == "STOP"


@pytest.mark.parametrize("prefix", ["/gemini/v1beta", "/gemini/v1", "/v1beta", "/v1"])
async def test_where_gemini_clients_ask(tmp_path: Path, prefix: str) -> None:
    async with Provider() as provider, running(tmp_path, provider, "gemini") as gateway:
        key = {"x-goog-api-key": "anything"}
        heard = await gateway.post(f"{prefix}/models/lab%2Fm:generateContent", ASKS["gemini"], key)
        assert heard.json["candidates"][0]["content"]["parts"][-1] == {"text": "Hello!"}
        models = await gateway.get(f"{prefix}/models", key)
        assert "models/lab/m" in [model["name"] for model in models.json["models"]]
        model = await gateway.get(f"{prefix}/models/lab/m", key)
        assert model.json["name"] == "models/lab/m"
        counted = await gateway.post(
            f"{prefix}/models/lab/m:countTokens", {"contents": ASKS["gemini"]["contents"]}, key
        )
        assert counted.json["totalTokens"] > 0 and counted.headers["x-landbridge-count"] == "provider"
        wrong = await gateway.post(f"{prefix}/models/lab/m:paint", ASKS["gemini"], key)
        assert (wrong.status, wrong.json["error"]["status"]) == (404, "NOT_FOUND")
        unknown = await gateway.post(f"{prefix}/models/nobody/x:generateContent", ASKS["gemini"], key)
        assert (unknown.status, unknown.json["error"]["status"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("target", NAMES)
async def test_responses_clients_count_tokens(tmp_path: Path, target: str) -> None:
    async with Provider() as provider, running(tmp_path, provider, target) as gateway:
        counted = await gateway.post("/v1/responses/input_tokens", {"model": "lab/m", **ASKS["openai_responses"]})
        assert counted.status == 200
        assert counted.json["input_tokens"] > 5
        assert counted.headers["x-landbridge-count"] == ("provider" if target == "openai_responses" else "estimated")


@pytest.mark.parametrize("client", ["anthropic", "openai_chat"])
@streamed
async def test_p53_gemini_gets_its_signature_back(tmp_path: Path, client: str, stream: bool) -> None:
    """Clients whose dialect has no place for the signature of a call send it back all the same: we remember it."""
    part = gemini_call("Read", {"path": "a"}, signature="c2lnbmF0dXJl")
    body = gemini_record(gemini_chunk([part], "STOP")) if stream else json.dumps(gemini_chunk([part], "STOP")).encode()
    first = Answer(headers=SSE if stream else JSON, body=body, stream=stream)
    async with Provider([first, Reply(text="Done.")]) as provider, running(tmp_path, provider, "gemini") as gateway:
        response = read(client, await ask(gateway, client, stream), stream)
        call = next(part for part in response.parts if isinstance(part, ToolCall))
        history: list[Any] = ASKS[client]["messages"]
        turns: list[dict[str, Any]]
        if client == "anthropic":
            use = {"type": "tool_use", "id": call.id, "name": "Read", "input": {"path": "a"}}
            result = {"type": "tool_result", "tool_use_id": call.id, "content": "text"}
            turns = [{"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]
        else:
            wire = {"id": call.id, "type": "function", "function": {"name": "Read", "arguments": '{"path":"a"}'}}
            result = {"role": "tool", "tool_call_id": call.id, "content": "text"}
            turns = [{"role": "assistant", "content": None, "tool_calls": [wire]}, result]
        heard = await gateway.post(PATHS[client], {"model": "lab/m", **ASKS[client], "messages": [*history, *turns]})
        assert heard.status == 200
        parts = [part for turn in provider.requests[1].json["contents"] for part in turn["parts"]]
        assert [part["thoughtSignature"] for part in parts if "functionCall" in part] == ["c2lnbmF0dXJl"]
