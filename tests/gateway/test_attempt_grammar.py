"""A schema an engine can make no grammar of costs the grammar, not the turn (P36)."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.local import local
from tests.fakes.provider import JSON, Answer, Provider, Reply, chat_error
from tests.fakes.running import Running
from tests.fakes.script import Received

pytestmark = [pytest.mark.anyio, pytest.mark.io]

WORDS = "Failed to initialize samplers: failed to parse grammar"
ODD: dict[str, Any] = {"type": "object", "properties": {"a": {"$ref": "#/$defs/none"}}}
TOOL = {"name": "odd", "description": "Does something.", "input_schema": ODD}
ASK: dict[str, Any] = {
    "model": "lab/m",
    "max_tokens": 50,
    "messages": [{"role": "user", "content": "Hi"}],
    "tools": [TOOL],
    "tool_choice": {"type": "any"},
}
FORMAT = {"output_config": {"format": {"type": "json_schema", "schema": ODD}}}


def settings(provider: Provider) -> str:
    return f"""
        [providers.lab]
        dialect = "openai_chat"
        base_url = "{provider.base_url("openai_chat")}"
        models = ["m"]
    """


def refusal(status: int) -> Answer:
    status, body = chat_error(status, WORDS)
    return Answer(status=status, headers=JSON, body=body)


def picky(status: int = 400) -> Any:
    """A server that refuses every schema but the simplest."""

    def answer(request: Received) -> Answer | Reply:
        body = request.json
        schemas = [tool["function"]["parameters"] for tool in body.get("tools", [])]
        odd = "response_format" in body or any(schema != {"type": "object"} for schema in schemas)
        return refusal(status) if odd else Reply(text="Fine.", tools=(("odd", {"a": 1}),) if schemas else ())

    return answer


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("status", [400, 500])
async def test_p36_tools_are_asked_for_again_without_their_grammar(
    tmp_path: Path, stream: bool, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with Provider(picky(status)) as provider, Running(tmp_path, settings(provider)) as gateway:
        with caplog.at_level(logging.WARNING, "landbridge.gateway"):
            answer = await gateway.post("/v1/messages", {**ASK, "stream": stream})
        record = gateway.journal.latest[0]
    assert answer.status == 200
    assert "Fine." in answer.body.decode() and "tool_use" in answer.body.decode()
    first, second = (request.json for request in provider.requests)
    assert first["tools"][0]["function"]["parameters"] == ODD
    assert first["tool_choice"] == "required"
    again = second["tools"][0]["function"]
    assert again["parameters"] == {"type": "object"}
    assert json.dumps(ODD, separators=(",", ":")) in again["description"].replace(" ", "")
    assert second["tool_choice"] == "auto"
    assert second["messages"] == first["messages"]
    assert [loss for loss in record.losses if loss.startswith("grammar: ")], "said in the record"
    assert record.outcome == "ok"
    assert WORDS in caplog.text and record.id in caplog.text, "and in the log"


async def test_p36_a_format_is_told_in_words(tmp_path: Path) -> None:
    ask = {**ASK, **FORMAT}
    del ask["tools"], ask["tool_choice"]
    async with Provider(picky()) as provider, Running(tmp_path, settings(provider)) as gateway:
        answer = await gateway.post("/v1/messages", ask)
    assert answer.json["content"] == [{"type": "text", "text": "Fine."}]
    first, second = (request.json for request in provider.requests)
    assert "response_format" in first and "response_format" not in second
    assert "$defs/none" in second["messages"][0]["content"]


@pytest.mark.parametrize("stream", [True, False])
async def test_p36_it_is_tried_only_once(tmp_path: Path, stream: bool) -> None:
    async with Provider([refusal(400)] * 3) as provider, Running(tmp_path, settings(provider)) as gateway:
        answer = await gateway.post("/v1/messages", {**ASK, "stream": stream})
        record = gateway.journal.latest[0]
    assert answer.status == 400
    assert WORDS in answer.json["error"]["message"]
    assert len(provider.requests) == 2
    assert record.outcome != "ok"


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        ({key: value for key, value in ASK.items() if not key.startswith("tool")}, WORDS),
        (ASK, "roles must alternate"),
    ],
)
async def test_p36_without_a_schema_or_with_another_fault_nothing_is_tried_again(
    tmp_path: Path, ask: dict[str, Any], words: str
) -> None:
    status, body = chat_error(400, words)
    answer = Answer(status=status, headers=JSON, body=body)
    async with Provider([answer] * 2) as provider, Running(tmp_path, settings(provider)) as gateway:
        assert (await gateway.post("/v1/messages", ask)).status == 400
    assert len(provider.requests) == 1


@pytest.mark.parametrize("prompt", ["Hi", "one two three " * 2000])
async def test_p36_an_engine_that_cannot_even_count_the_prompt(tmp_path: Path, prompt: str) -> None:
    """Long prompts are counted before they are sent; that needs the grammar, too."""
    heard = tmp_path / "heard"
    ask = {**ASK, "model": "m", "messages": [{"role": "user", "content": prompt}]}
    async with local(tmp_path, m=f"--window 16384 --heard {heard}") as gateway:
        answer = await gateway.post("/v1/messages", ask)
        record = gateway.journal.latest[0]
    assert answer.status == 200, answer.body
    assert answer.json["content"][0]["text"].startswith("one two")
    (body,) = map(json.loads, heard.read_text().splitlines())
    assert body["tools"][0]["function"]["parameters"] == {"type": "object"}
    assert record.losses[0].startswith("grammar: ")


async def test_p28_p36_calls_are_put_right_by_the_true_schema(tmp_path: Path) -> None:
    """An optional empty text is dropped, although the engine was told of any object."""
    schema = {
        "type": "object",
        "properties": {"path": {"type": "string"}, "pages": {"type": "string", "format": "$ref"}},
    }
    tool = {"name": "Read", "input_schema": {**schema, "required": ["path"]}}

    def answer(request: Received) -> Answer | Reply:
        loose = request.json["tools"][0]["function"]["parameters"] == {"type": "object"}
        return Reply(tools=(("Read", {"path": "a", "pages": ""}),)) if loose else refusal(400)

    async with Provider(answer) as provider, Running(tmp_path, settings(provider)) as gateway:
        answered = await gateway.post("/v1/messages", {**ASK, "tools": [tool]})
    assert [block["input"] for block in answered.json["content"]] == [{"path": "a"}]


@pytest.mark.parametrize("stream", [True, False])
async def test_p60_a_provider_held_by_a_schema_only_is_asked_for_a_structured_answer(
    tmp_path: Path, stream: bool
) -> None:
    """What it writes is a call to the client, which sees nothing of the JSON around it."""
    schema = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
    said = Reply(text='{\n  "name": "Read",\n  "arguments": {"path": "a.txt"}\n}')
    quirk = '\nquirks = ["calls_by_schema"]'
    async with Provider(said) as provider, Running(tmp_path, settings(provider) + quirk) as gateway:
        tool = {"name": "Read", "input_schema": schema}
        answer = await gateway.post("/v1/messages", {**ASK, "tools": [tool], "stream": stream})
        sent = provider.requests[0].json
    assert answer.status == 200, answer.body
    assert sent["tool_choice"] == "none" and sent["tools"][0]["function"]["parameters"] == schema
    assert sent["response_format"]["json_schema"]["schema"]["properties"]["name"] == {"const": "Read"}
    if stream:
        text = answer.body.decode()
        pieces = re.findall(r'"partial_json":("(?:[^"\\]|\\.)*")', text)
        assert "".join(map(json.loads, pieces)) == '{"path": "a.txt"}'
        assert '"name":"Read"' in text and '"stop_reason":"tool_use"' in text and "text_delta" not in text
    else:
        (block,) = answer.json["content"]
        assert (block["type"], block["name"], block["input"]) == ("tool_use", "Read", {"path": "a.txt"})
        assert answer.json["stop_reason"] == "tool_use"
