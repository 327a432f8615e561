"""Structured answers and forced calls of a real local model: held by a grammar, in every client's way of asking."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from landbridge.engines import keeper as engines
from tests.fakes.landbridge import Served

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]

PERSON: dict[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 12}, "age": {"type": "integer"}, "left": {"enum": ["yes"]}},
    "required": ["name", "age", "left"],
    "additionalProperties": False,
}
NOWHERE: dict[str, Any] = {"type": "object", "properties": {"a": {"$ref": "#/$defs/none"}}}
ASKED: dict[str, Any] = {
    "model": "smollm2",
    "max_tokens": 80,
    "temperature": 0,
    "messages": [{"role": "user", "content": "A person."}],
}
WAYS: dict[str, Any] = {
    "/v1/messages": lambda schema: {"output_config": {"format": {"type": "json_schema", "schema": schema}}},
    "/v1/messages?older": lambda schema: {"output_format": {"type": "json_schema", "schema": schema}},
    "/v1/chat/completions": lambda schema: {
        "response_format": {"type": "json_schema", "json_schema": {"name": "person", "schema": schema}}
    },
}


@pytest.fixture
async def served(tmp_path: Path, models: Path) -> AsyncIterator[Served]:
    """A landbridge with the local model."""
    async with Served(tmp_path / "served", "[models.smollm2]\nthreads = 1\n", models=models) as served:
        yield served


async def ask(served: Served, path: str, fields: dict[str, Any]) -> str:
    """What the model says."""
    status, body = await served.post(path, {**ASKED, **fields})
    assert status == 200, body
    text: str = body["content"][0]["text"] if "content" in body else body["choices"][0]["message"]["content"]
    return text


async def test_a_local_model_is_held_to_a_schema(served: Served) -> None:
    for path, field in WAYS.items():
        person = json.loads(await ask(served, path, field(PERSON)))
        assert set(person) == {"name", "age", "left"}
        assert isinstance(person["age"], int) and person["left"] == "yes"
    anything = await ask(served, "/v1/chat/completions", {"response_format": {"type": "json_object"}})
    assert anything.lstrip().startswith("{"), "without an end it has more to say than it may"


async def test_p36_a_schema_that_makes_no_grammar_costs_the_grammar_only(served: Served) -> None:
    for path, field in WAYS.items():
        assert await ask(served, path, {**field(NOWHERE), "max_tokens": 8})
    assert served.log.count("goes on without a grammar") == len(WAYS)
    assert "cannot resolve $ref" in served.log


WEATHER = {
    "type": "object",
    "properties": {"city": {"$ref": "#/$defs/word"}, "unit": {"enum": ["celsius"]}},
    "required": ["city", "unit"],
    "$defs": {"word": {"type": "string", "maxLength": 8}},
}
LATER = {"type": "object", "properties": {"days": {"type": "integer", "maximum": 9}}, "required": ["days"]}
TOOLS = {"weather": WEATHER, "later": LATER}


def anthropic(name: str | None) -> tuple[str, dict[str, Any]]:
    tools = [{"name": each, "description": each, "input_schema": schema} for each, schema in TOOLS.items()]
    choice = {"type": "tool", "name": name} if name else {"type": "any"}
    return "/v1/messages", {**ASKED, "tools": tools, "tool_choice": choice}


def chat(name: str | None) -> tuple[str, dict[str, Any]]:
    tools = [{"type": "function", "function": {"name": each, "parameters": schema}} for each, schema in TOOLS.items()]
    choice = {"type": "function", "function": {"name": name}} if name else "required"
    return "/v1/chat/completions", {**ASKED, "tools": tools, "tool_choice": choice}


def responses(name: str | None) -> tuple[str, dict[str, Any]]:
    tools = [{"type": "function", "name": each, "parameters": schema} for each, schema in TOOLS.items()]
    choice = {"type": "function", "name": name} if name else "required"
    asked = {"model": "smollm2", "input": "Hi.", "max_output_tokens": 80, "temperature": 0}
    return "/v1/responses", {**asked, "tools": tools, "tool_choice": choice}


def gemini(name: str | None) -> tuple[str, dict[str, Any]]:
    functions = [{"name": each, "parametersJsonSchema": schema} for each, schema in TOOLS.items()]
    calling = {"mode": "ANY", **({"allowedFunctionNames": [name]} if name else {})}
    asked = {
        "contents": [{"role": "user", "parts": [{"text": "Hi."}]}],
        "generationConfig": {"maxOutputTokens": 80, "temperature": 0},
        "tools": [{"functionDeclarations": functions}],
        "toolConfig": {"functionCallingConfig": calling},
    }
    return "/v1beta/models/smollm2:generateContent", asked


def call_in(body: dict[str, Any]) -> tuple[str, Any]:
    """Name and arguments of the only thing an answer has."""
    if "candidates" in body:
        (part,) = body["candidates"][0]["content"]["parts"]
        return part["functionCall"]["name"], part["functionCall"]["args"]
    if "content" in body:
        (block,) = body["content"]
        assert body["stop_reason"] == "tool_use"
        return block["name"], block["input"]
    if "output" in body:
        (item,) = body["output"]
        return item["name"], json.loads(item["arguments"])
    (choice,) = body["choices"]
    assert choice["finish_reason"] == "tool_calls" and not choice["message"].get("content")
    (call,) = choice["message"]["tool_calls"]
    return call["function"]["name"], json.loads(call["function"]["arguments"])


def holds(name: str, arguments: Any) -> bool:
    """Whether the arguments follow the schema."""
    if name == "later":
        return set(arguments) == {"days"} and isinstance(arguments["days"], int)
    return set(arguments) == {"city", "unit"} and len(arguments["city"]) <= 8 and arguments["unit"] == "celsius"


async def test_p60_a_local_model_that_must_call_does(served: Served) -> None:
    """Its template has no tools, and it would rather talk."""
    for ask, wanted in ((anthropic, None), (chat, "weather"), (responses, "later"), (gemini, "later"), (chat, None)):
        status, body = await served.post(*ask(wanted))
        assert status == 200, body
        name, arguments = call_in(body)
        assert name in TOOLS and wanted in (None, name)
        assert holds(name, arguments), arguments


async def test_p24_p60_a_forced_call_is_streamed_in_fragments(tmp_path: Path, models: Path) -> None:
    template = Path(engines.__file__).with_name("templates") / "qwen2.5-coder.jinja"
    settings = f'[models.smollm2]\nthreads = 1\ntemplate = "{template}"\n'
    async with Served(tmp_path / "served", settings, models=models) as served:
        path, asked = anthropic("weather")
        async with (
            aiohttp.ClientSession() as session,
            session.post(served.router + path, json={**asked, "stream": True}) as answer,
        ):
            lines = (await answer.text()).splitlines()
    events = [json.loads(line[6:]) for line in lines if line.startswith("data: ")]
    begun = [event["content_block"] for event in events if event["type"] == "content_block_start"]
    assert [(block["type"], block["name"]) for block in begun] == [("tool_use", "weather")]
    pieces = [event["delta"]["partial_json"] for event in events if event["type"] == "content_block_delta"]
    assert len(pieces) > 5
    assert holds("weather", json.loads("".join(pieces)))
    assert events[-2]["delta"]["stop_reason"] == "tool_use"


async def test_p36_p60_a_call_without_a_grammar_of_its_schema_is_forced_all_the_same(served: Served) -> None:
    path, asked = anthropic(None)
    asked["tools"] = [{"name": "odd", "description": "Odd.", "input_schema": NOWHERE}]
    status, body = await served.post(path, {**asked, "max_tokens": 30})
    assert status == 200, body
    (block,) = body["content"]
    assert (block["type"], block["name"]) == ("tool_use", "odd")
    assert "goes on without a grammar" in served.log
