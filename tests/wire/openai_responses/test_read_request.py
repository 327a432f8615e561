"""Bodies of clients: every field, and bodies that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.errors import BadRequest
from landbridge.neutral.parts import Message, Text
from landbridge.neutral.request import OutputFormat, Reasoning, Request, Sampling, ToolChoice
from landbridge.wire.openai_responses.read_request import read_request
from landbridge.wire.openai_responses.types import DIALECT

CASES = Path(__file__).parents[2] / "cases" / "openai_responses"


def read(**fields: Any) -> Request:
    return read_request(json.dumps({"model": "m", "input": "hi", **fields}).encode())


def extras(request: Request) -> dict[str, Any]:
    return {name: json.loads(bytes(raw)) for name, raw in request.extras.get(DIALECT, {}).items()}


def test_the_least_request() -> None:
    assert read() == Request("m", (Message("user", (Text("hi"),)),))


def test_codex() -> None:
    request = read_request((CASES / "codex" / "request.json").read_bytes())
    assert [block.text[:12] for block in request.system] == ["<permissions", "You are an a"]
    assert [message.role for message in request.messages] == [
        *("user", "user", "assistant", "user", "assistant", "user", "user"),
    ]
    assert len(request.tools) == 5
    assert request.tool_choice == ToolChoice("auto", parallel=True)
    assert request.reasoning == Reasoning("on", effort="high", display="auto")
    assert request.stream and request.max_tokens is None
    assert extras(request) == {
        "text.verbosity": "low",
        "store": False,
        "include": ["reasoning.encrypted_content"],
        "prompt_cache_key": "0199-session",
        "client_metadata": {"x-codex-installation-id": "i"},
    }


def test_numbers() -> None:
    request = read(temperature=0.5, top_p=1, max_output_tokens=100)
    assert (request.sampling, request.max_tokens) == (Sampling(temperature=0.5, top_p=1), 100)


@pytest.mark.parametrize(
    ("wire", "reasoning", "kept"),
    [
        ({"effort": "high"}, Reasoning("on", effort="high"), {}),
        ({"effort": "none"}, Reasoning("off"), {}),
        ({"summary": "auto"}, Reasoning(display="auto"), {}),
        (
            {"effort": "low", "summary": "detailed"},
            Reasoning("on", effort="low", display="summarized"),
            {"reasoning.summary": "detailed"},
        ),
        ({"effort": None, "depth": 3}, Reasoning(), {"reasoning.depth": 3}),
        (None, Reasoning(), {}),
    ],
)
def test_reasoning(wire: object, reasoning: Reasoning, kept: dict[str, Any]) -> None:
    request = read(reasoning=wire)
    assert (request.reasoning, extras(request)) == (reasoning, kept)


@pytest.mark.parametrize(
    ("wire", "output", "kept"),
    [
        ({"format": {"type": "text"}}, None, {}),
        ({"format": {"type": "json_object"}, "verbosity": "low"}, OutputFormat(), {"text.verbosity": "low"}),
        (
            {"format": {"type": "json_schema", "name": "a", "description": "d", "strict": True, "schema": {"z": 1}}},
            OutputFormat(Raw(b'{"z": 1}'), "a", "d", True),
            {},
        ),
        ({"format": {"type": "grammar_of_2027"}}, None, {}),
        ({}, None, {}),
    ],
)
def test_text(wire: object, output: OutputFormat | None, kept: dict[str, Any]) -> None:
    request = read(text=wire)
    assert (request.output, extras(request)) == (output, kept)


@pytest.mark.parametrize(
    ("fields", "user"),
    [
        ({"user": "u", "safety_identifier": "s", "prompt_cache_key": "k"}, "u"),
        ({"safety_identifier": "s", "prompt_cache_key": "k"}, "s"),
        ({"prompt_cache_key": "k"}, "k"),
        ({"user": ""}, ""),
    ],
)
def test_p73_who_it_is_for(fields: dict[str, str], user: str) -> None:
    request = read(**fields)
    assert request.user == user
    assert extras(request) == fields, "its own provider gets each under its own name"


def test_law_12_unknown_fields_are_kept() -> None:
    kept = {
        "new_setting": {"z": 1, "a": [1.5]},
        "service_tier": "flex",
        "previous_response_id": "resp_1",
        "store": True,
    }
    request = read(**kept, top_logprobs=None, truncation="disabled", background=False)
    assert extras(request) == kept
    assert extras(read(truncation="auto")) == {"truncation": "auto"}


def test_a_follow_up_needs_no_input() -> None:
    body = {"model": "m", "previous_response_id": "resp_1"}
    assert read_request(json.dumps(body).encode()).messages == ()


@pytest.mark.parametrize(
    ("field", "value", "advice"),
    [
        ("background", True, "stream"),
        ("conversation", "conv_1", "previous_response_id"),
        ("conversation", {"id": "conv_1"}, "input"),
        ("prompt", {"id": "pmpt_1"}, "instructions"),
    ],
)
def test_what_only_openai_keeps_is_refused_by_name(field: str, value: object, advice: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read(**{field: value})
    assert caught.value.message.startswith(f"{field}: ")
    assert advice in caught.value.remedy


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "JSON"),
        (b"[]", "not an object"),
        (b'{"input":"hi"}', "model is missing"),
        (b'{"model":"m"}', "input is missing"),
        (b'{"model":"m","input":[]}', "input is missing"),
        (b'{"model":"m","input":5}', "input:"),
        (b'{"model":5,"input":"hi"}', "model:"),
        (b'{"model":"m","input":"hi","reasoning":5}', "reasoning:"),
        (b'{"model":"m","input":"hi","text":{"format":{}}}', "text.format:"),
        (b'{"model":"m","input":"hi","stream":"yes"}', "stream:"),
        (b'{"model":"m","input":"hi","instructions":[]}', "instructions:"),
        (b'{"model":"m","input":"hi","user":5}', "user:"),
        (b'{"model":"m","input":"\xff"}', "UTF-8"),
        (b'{"model":"m","input":' + b"[" * 5000 + b"]" * 5000 + b"}", ""),
    ],
)
def test_law_9_what_is_wrong_is_said(body: bytes, what: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read_request(body)
    assert what in caught.value.message


def test_instructions_alone_are_enough_of_an_input() -> None:
    body = {"model": "m", "input": [{"role": "developer", "content": "Go on."}]}
    assert read_request(json.dumps(body).encode()).system == (Text("Go on."),)


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_law_9_any_value_in_any_field_is_read_or_refused(value: object) -> None:
    for field in ("input", "tools", "tool_choice", "reasoning", "text", "instructions", "metadata", "include"):
        try:
            read(**{field: value})
        except BadRequest as error:
            assert error.message
