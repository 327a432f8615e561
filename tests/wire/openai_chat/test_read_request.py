"""Bodies of clients: every field, and bodies that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.errors import BadRequest
from landbridge.neutral.parts import Image, Message, Text, Thinking, ToolCall, ToolResult
from landbridge.neutral.request import HostedTool, OutputFormat, Reasoning, Request, Sampling, Tool, ToolChoice
from landbridge.wire.openai_chat import read_request as module
from landbridge.wire.openai_chat.read_request import read_request

AGENT = Path(__file__).parents[2] / "cases" / "openai_chat" / "agent_request" / "request.json"
HI: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def read(**fields: Any) -> Request:
    return read_request(json.dumps({**HI, **fields}).encode())


def test_the_least_request() -> None:
    assert read() == Request("m", (Message("user", (Text("hi"),)),))


def test_an_agents_request() -> None:
    request = read_request(AGENT.read_bytes())
    assert request.system == (Text("You are an agent."),)
    assert request.messages == (
        Message("user", (Text("Look at this"), Image(data="iVBORw0KGgo=", media_type="image/png", detail="low"))),
        Message(
            "assistant",
            (Thinking("I will read."), ToolCall("call_1", "Read", Raw(b'{"path": "a"}')), ToolCall("call_2", "List")),
        ),
        Message("user", (ToolResult("call_1", (Text("text of a"),)), ToolResult("call_2", (Text("a b"),)))),
        Message("system", (Text("Be brief."),)),
        Message("user", (Text("And now?"),)),
    )
    tool, hosted = request.tools
    assert isinstance(tool, Tool) and (tool.name, tool.description, tool.strict) == ("Read", "Reads", False)
    assert isinstance(hosted, HostedTool) and hosted.type == "web_search"

    assert request.tool_choice == ToolChoice("named", "Read", parallel=False)
    assert request.sampling == Sampling(temperature=0.5, seed=7)
    assert (request.max_tokens, request.stop, request.user) == (8000, ("END",), "u1")
    assert request.reasoning == Reasoning("on", effort="high")
    assert request.output is not None and (request.output.name, request.output.strict) == ("answer", True)
    assert request.stream and request.stream_usage
    assert {name: json.loads(bytes(raw)) for name, raw in request.extras["openai_chat"].items()} == {
        "logit_bias": {"50256": -100}
    }


def test_search_options_are_a_hosted_tool() -> None:
    asked = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    (tool,) = read_request(json.dumps({**asked, "web_search_options": {"a": 1}}).encode()).tools
    assert tool == HostedTool("openai_chat", "web_search_options", "web_search", Raw(b'{"a": 1}'))
    assert read_request(json.dumps({**asked, "web_search_options": None}).encode()).tools == ()
    with pytest.raises(BadRequest, match="web_search_options"):
        read_request(json.dumps({**asked, "web_search_options": 5}).encode())


def test_stream_without_usage() -> None:
    assert not read(stream=True).stream_usage
    assert read(stream=True, stream_options={"include_usage": True}).stream_usage


@pytest.mark.parametrize(
    ("wire", "choice"),
    [
        ("auto", ToolChoice("auto")),
        ("required", ToolChoice("any")),
        ("none", ToolChoice("none")),
        ({"type": "function", "function": {"name": "f"}}, ToolChoice("named", "f")),
        ({"type": "allowed_tools", "allowed_tools": {"mode": "auto"}}, ToolChoice("auto")),
    ],
)
def test_p60_tool_choice(wire: object, choice: ToolChoice) -> None:
    assert read(tool_choice=wire).tool_choice == choice


def test_the_old_functions() -> None:
    request = read(functions=[{"name": "f", "parameters": {"type": "object"}}], function_call={"name": "f"})
    assert request.tools == (Tool("f", schema=Raw(b'{"type": "object"}')),)
    assert request.tool_choice == ToolChoice("named", "f")
    assert read(function_call="none").tool_choice == ToolChoice("none")


def test_both_names_of_the_limit_and_both_forms_of_stop() -> None:
    assert read(max_tokens=5).max_tokens == 5
    assert read(max_tokens=5, max_completion_tokens=6).max_tokens == 6
    assert read(stop=["a", "b"]).stop == ("a", "b")


def test_reasoning_off_and_plain_json() -> None:
    assert read(reasoning_effort="none").reasoning == Reasoning("off")
    assert read(reasoning={"enabled": False}) == read(reasoning_effort="none")
    assert read(response_format={"type": "json_object"}).output == OutputFormat()
    assert read(response_format={"type": "text"}).output is None


def test_null_is_absent() -> None:
    names = ("tools", "tool_choice", "stop", "temperature", "max_tokens", "response_format", "user", "n", "new")
    assert read(**dict.fromkeys(names)) == read()


def test_law_12_unknown_fields_are_kept_as_they_are_written() -> None:
    body = b'{"model":"m","messages":[],"new":{"b": 1, "a": 2.50}}'
    assert bytes(read_request(body).extras["openai_chat"]["new"]) == b'{"b": 1, "a": 2.50}'


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"n": 2}, "n: only one choice is supported across dialects"),
        ({"model": None}, "model is missing"),
        ({"model": 5}, "model: Expected `str`"),
        ({"messages": None}, "messages is missing"),
        ({"messages": "hi"}, "messages: Expected `array`"),
        ({"temperature": "hot"}, "temperature: "),
        ({"tool_choice": "maybe"}, "tool_choice: 'maybe'"),
        ({"tools": [{"type": "function"}]}, "tools[0].function is missing"),
        ({"tools": [{"type": "function", "function": {"name": 5}}]}, "tools[0].function.name: "),
        ({"stop": [5]}, "stop[0]: "),
    ],
)
def test_what_is_wrong_is_said_with_its_path(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read(**fields)
    assert caught.value.message.startswith(words)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"[]",
        b'"x"',
        b'{"model":"m","messages":[}',
        b'{"model":"m\xff","messages":[]}',
        b'{"model":"m","messages":[{"role":"user","content":"\\ud800"}]}',
        b'{"model":"m","messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
    ids=["empty", "text", "list", "string", "broken", "utf8", "surrogate", "deep"],
)
def test_law_9_bodies_that_are_none(body: bytes) -> None:
    with pytest.raises(BadRequest):
        read_request(body)


_texts = st.sampled_from(["function", "f", "", None, 1])
_functions = st.fixed_dictionaries(
    {"name": _texts},
    optional={
        "description": _texts,
        "parameters": st.sampled_from([{"type": "object"}, None, 1]),
        "strict": st.sampled_from([True, None, 1]),
        "new": _texts,
    },
)
_definitions = st.fixed_dictionaries(
    {"function": _functions | _texts},
    optional={
        "type": st.sampled_from(["function", "function", "custom", None]),
        "name": _texts,
        "cache_control": st.sampled_from([{"type": "ephemeral"}, None]),
        "new": _texts,
    },
)


@given(st.lists(_definitions, max_size=3))
def test_any_definitions_are_read_alike_in_one_pass(definitions: list[object]) -> None:
    def read() -> object:
        try:
            return module._decode_tools(json.dumps(definitions).encode())
        except BadRequest as error:
            return error.message

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "_plain_tools", msgspec.json.Decoder(type(None)))
        slow = read()
    assert read() == slow


def test_tools_that_come_again_are_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    tools = [{"type": "function", "function": {"name": f"tool_{n}", "parameters": {"n": n}}} for n in range(3)]
    first, again, fewer = read(tools=tools), read(tools=tools, model="other"), read(tools=tools[:2])
    assert first.tools is again.tools, "so that writers know them by their identity"
    assert first.tools[:2] == fewer.tools
    old = read(tools=tools, functions=[{"name": "old"}])
    assert old.tools[:3] == first.tools and old.tools[3] == Tool("old")
    monkeypatch.setattr("landbridge.wire.openai_chat.read_request.REMEMBERED", 0)
    assert read(tools=tools).tools == first.tools, "what is too large to remember is read all the same"
