"""What a response repeats of its request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec import Raw

from landbridge.neutral.parts import Text
from landbridge.neutral.request import OutputFormat, Reasoning, Request, Sampling, Tool, ToolChoice
from landbridge.wire.openai_responses.echo import echo
from landbridge.wire.openai_responses.read_request import read_request
from landbridge.wire.openai_responses.types import encode

CODEX = Path(__file__).parents[2] / "cases" / "openai_responses" / "codex" / "request.json"


def said(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(encode(echo(request)))
    return found


def test_settings_nobody_named_are_the_apis_own() -> None:
    assert said(Request("m", ())) == {
        "background": False,
        "instructions": None,
        "max_output_tokens": None,
        "max_tool_calls": None,
        "metadata": {},
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "prompt_cache_key": None,
        "reasoning": {"effort": None, "summary": None},
        "safety_identifier": None,
        "service_tier": "default",
        "store": False,
        "temperature": None,
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
        "tool_choice": "auto",
        "tools": [],
        "top_logprobs": 0,
        "top_p": None,
        "truncation": "disabled",
        "user": None,
    }


def test_codex_finds_all_its_settings() -> None:
    given = json.loads(CODEX.read_bytes())
    found = said(read_request(CODEX.read_bytes()))
    repeated = ("tools", "tool_choice", "parallel_tool_calls", "reasoning", "store", "prompt_cache_key")
    assert {name: found[name] for name in repeated} == {name: given[name] for name in repeated}
    assert found["text"] == {"format": {"type": "text"}, "verbosity": "low"}
    assert found["instructions"].endswith("You are an agent that works in a shell.")


def test_settings_of_another_dialect_are_repeated_in_this_ones_words() -> None:
    request = Request(
        "m",
        (),
        system=(Text("a"), Text("b")),
        tools=(Tool("Read"),),
        tool_choice=ToolChoice("named", "Read", parallel=False),
        sampling=Sampling(temperature=0.5, top_p=0.9),
        max_tokens=100,
        reasoning=Reasoning("on", effort="low", display="auto"),
        output=OutputFormat(Raw(b'{"z":1}'), "answer", strict=True),
    )
    found = said(request)
    assert (found["instructions"], found["max_output_tokens"]) == ("a\n\nb", 100)
    assert (found["temperature"], found["top_p"]) == (0.5, 0.9)
    assert found["tool_choice"] == {"type": "function", "name": "Read"} and not found["parallel_tool_calls"]
    assert found["reasoning"] == {"effort": "low", "summary": "auto"}
    schema = {"type": "json_schema", "description": None, "name": "answer", "schema": {"z": 1}, "strict": True}
    assert found["text"]["format"] == schema


@pytest.mark.parametrize(
    ("fields", "path", "value"),
    [
        ({"reasoning": {"effort": "none"}}, "reasoning", {"effort": "none", "summary": None}),
        ({"reasoning": {"summary": "detailed"}}, "reasoning", {"effort": None, "summary": "detailed"}),
        (
            {"text": {"format": {"type": "json_object"}}},
            "text",
            {"format": {"type": "json_object"}, "verbosity": "medium"},
        ),
        ({"tool_choice": {"type": "web_search_preview"}}, "tool_choice", {"type": "web_search_preview"}),
        ({"previous_response_id": "resp_0"}, "previous_response_id", "resp_0"),
        ({"metadata": {"a": "b"}}, "metadata", {"a": "b"}),
    ],
)
def test_what_the_client_said(fields: dict[str, Any], path: str, value: object) -> None:
    body = {"model": "m", "input": "hi", **fields}
    assert said(read_request(json.dumps(body).encode()))[path] == value
