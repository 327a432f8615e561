"""Bodies of Messages clients: every field, and bodies that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec import Raw

from landbridge.errors import BadRequest
from landbridge.neutral.parts import Message, Opaque, Text, Thinking, ToolCall, ToolReference, ToolResult
from landbridge.neutral.request import HostedTool, OutputFormat, Reasoning, Request, Sampling, Tool, ToolChoice
from landbridge.wire.anthropic.read_request import read_request

CASES = Path(__file__).parents[2] / "cases" / "anthropic"
HI: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def read(**fields: Any) -> Request:
    return read_request(json.dumps({**HI, **fields}).encode())


def extras(request: Request) -> dict[str, Any]:
    return {name: json.loads(bytes(raw)) for name, raw in request.extras.get("anthropic", {}).items()}


def said(*turns: tuple[str, object]) -> tuple[Message, ...]:
    return read(messages=[{"role": role, "content": content} for role, content in turns]).messages


def test_the_least_request() -> None:
    assert read() == Request("m", (Message("user", (Text("hi"),)),))


def test_claude_codes_request() -> None:
    request = read_request((CASES / "claude_code" / "request.json").read_bytes())
    assert request.system[0].text.startswith("x-anthropic-billing-header:")
    assert [bool(bytes(text.cache)) for text in request.system] == [False, True, True]
    assert [message.role for message in request.messages[:2]] == ["user", "system"]
    assert request.reasoning == Reasoning("adaptive", effort="high", display="omitted")
    assert request.max_tokens == 32000 and request.stream
    assert json.loads(request.user)["session_id"]
    assert [tool.name for tool in request.tools if isinstance(tool, Tool) and tool.deferred]
    assert "context_management" in extras(request)


def test_p42_p43_system_turns_stay_where_they_are() -> None:
    turns = said(
        ("user", "hi"),
        ("system", "Environment"),
        ("assistant", "Yes?"),
        ("user", "go"),
        ("system", [{"type": "text", "text": "9000 tokens left", "cache_control": {"type": "ephemeral"}}]),
    )
    assert [(turn.role, turn.parts[0]) for turn in turns if turn.role == "system"] == [
        ("system", Text("Environment")),
        ("system", Text("9000 tokens left", cache=Raw(b'{"type": "ephemeral"}'))),
    ]
    assert [turn.role for turn in turns] == ["user", "system", "assistant", "user", "system"]


def test_p42_p45_other_roles() -> None:
    assert [turn.role for turn in said(("developer", "x"), ("narrator", "y"))] == ["system", "user"]


def test_a_string_and_a_list_are_the_same_request() -> None:
    as_text = said(("user", "hi"), ("system", "note"), ("assistant", "yes"))
    as_lists = said(*((role, [{"type": "text", "text": text}]) for role, text in _texts(as_text)))
    assert as_text == as_lists
    assert read(system="Be brief.").system == read(system=[{"type": "text", "text": "Be brief."}]).system


def _texts(messages: tuple[Message, ...]) -> list[tuple[str, str]]:
    return [(turn.role, part.text) for turn in messages for part in turn.parts if isinstance(part, Text)]


def test_tool_turns() -> None:
    call = {"type": "tool_use", "id": "a", "name": "ToolSearch", "input": {"q": 1}}
    answer = {
        "type": "tool_result",
        "tool_use_id": "a",
        "is_error": True,
        "content": [{"type": "tool_reference", "tool_name": "WebFetch"}],
    }
    thought = {"type": "thinking", "thinking": "", "signature": "c2ln"}
    turns = said(("user", "hi"), ("assistant", [thought, call]), ("user", [answer, {"type": "text", "text": "and"}]))
    assert turns[1].parts == (
        Thinking(signature="c2ln", origin="anthropic"),
        ToolCall("a", "ToolSearch", Raw(b'{"q": 1}')),
    )
    assert turns[2].parts == (ToolResult("a", (ToolReference("WebFetch"),), is_error=True), Text("and"))


def results(calls: list[str], ids: list[str]) -> list[str]:
    turns = said(
        ("assistant", [{"type": "tool_use", "id": id, "name": "f", "input": {}} for id in calls]),
        ("system", "a note between"),
        ("user", [{"type": "tool_result", **({"tool_use_id": id} if id else {})} for id in ids]),
    )
    return [part.id for part in turns[2].parts if isinstance(part, ToolResult)]


@pytest.mark.parametrize(
    ("calls", "ids", "paired"),
    [
        (["a"], [""], ["a"]),
        (["a", "b"], ["", ""], ["a", "b"]),
        (["a", "b"], ["b", ""], ["b", "a"]),
        (["a", "b", "c"], ["", "b", ""], ["a", "b", "c"]),
        (["a"], ["", ""], ["a", ""]),
        ([], [""], [""]),
        (["a"], ["x"], ["x"]),
    ],
)
def test_p31_results_without_an_id_are_paired_by_place(calls: list[str], ids: list[str], paired: list[str]) -> None:
    assert results(calls, ids) == paired


def test_tools() -> None:
    wire = [
        {
            "name": "Read",
            "description": "Reads.",
            "input_schema": {"type": "object", "$schema": "x"},
            "cache_control": {"type": "ephemeral"},
            "eager_input_streaming": True,
        },
        {"type": "custom", "name": "WebFetch", "input_schema": {}, "strict": True, "defer_loading": True},
        {"name": "Bare", "description": None, "input_schema": None, "defer_loading": False},
    ]
    assert read(tools=wire).tools == (
        Tool(
            "Read",
            "Reads.",
            Raw(b'{"type": "object", "$schema": "x"}'),
            cache=Raw(b'{"type": "ephemeral"}'),
            extras={"eager_input_streaming": Raw(b"true")},
        ),
        Tool("WebFetch", schema=Raw(b"{}"), strict=True, deferred=True),
        Tool("Bare"),
    )


@pytest.mark.parametrize(
    "tool",
    [
        {"type": "web_search_20250305", "name": "web_search", "max_uses": 8},
        {"type": "mcp_toolset", "mcp_server_name": "calendar"},
        {"type": "new_20300101", "name": "new"},
    ],
)
def test_law_12_hosted_tools_stay_as_they_are_written(tool: dict[str, Any]) -> None:
    raw = Raw(json.dumps(tool).encode())
    assert read(tools=[tool]).tools == (HostedTool("anthropic", tool["type"], tool.get("name", ""), raw),)


@pytest.mark.parametrize(
    ("wire", "choice"),
    [
        ({"type": "auto"}, ToolChoice("auto")),
        ({"type": "auto", "disable_parallel_tool_use": True}, ToolChoice("auto", parallel=False)),
        ({"type": "auto", "disable_parallel_tool_use": False}, ToolChoice("auto", parallel=True)),
        ({"type": "any"}, ToolChoice("any")),
        ({"type": "any", "disable_parallel_tool_use": True}, ToolChoice("any", parallel=False)),
        ({"type": "none"}, ToolChoice("none")),
        ({"type": "tool", "name": "Read"}, ToolChoice("named", "Read")),
        ({"type": "tool", "name": "Read", "disable_parallel_tool_use": True}, ToolChoice("named", "Read", False)),
    ],
)
def test_p60_every_tool_choice(wire: dict[str, Any], choice: ToolChoice) -> None:
    assert read(tool_choice=wire).tool_choice == choice


@pytest.mark.parametrize(
    ("thinking", "reasoning"),
    [
        (None, Reasoning()),
        ({"type": "enabled", "budget_tokens": 31999}, Reasoning("on", budget=31999)),
        ({"type": "enabled"}, Reasoning("on")),
        ({"type": "disabled"}, Reasoning("off")),
        ({"type": "adaptive"}, Reasoning("adaptive")),
        ({"type": "adaptive", "display": "updates"}, Reasoning("adaptive", display="updates")),
        ({"type": "adaptive", "block_binding": {"x": 1}}, Reasoning("adaptive")),
        ({"type": "new"}, Reasoning("adaptive")),
    ],
)
def test_p45_every_way_to_think(thinking: object, reasoning: Reasoning) -> None:
    assert read(thinking=thinking).reasoning == reasoning


def test_effort_and_structured_output() -> None:
    format = {"type": "json_schema", "schema": {"type": "object"}}
    schema = Raw(b'{"type": "object"}')
    request = read(output_config={"effort": "max", "format": format, "task_budget": {"tokens": 5}})
    assert request.reasoning == Reasoning(effort="max")
    assert request.output == OutputFormat(schema)
    assert extras(request) == {"output_config.task_budget": {"tokens": 5}}
    assert read(output_format=format).output == OutputFormat(schema)
    assert read(output_format=format, output_config={"effort": "low"}).output == OutputFormat(schema)
    assert read(output_config=None, output_format=None).output is None


def test_law_12_a_format_nobody_knows_is_kept() -> None:
    request = read(output_config={"format": {"type": "grammar", "text": "x"}})
    assert request.output is None
    assert extras(request) == {"output_config.format": {"type": "grammar", "text": "x"}}


def test_the_plain_fields() -> None:
    request = read(max_tokens=5, temperature=0, top_p=0.5, top_k=3, stop_sequences=["END", "."], stream=True)
    assert (request.max_tokens, request.stop, request.stream) == (5, ("END", "."), True)
    assert request.sampling == Sampling(temperature=0, top_p=0.5, top_k=3)
    assert request.extras == {}


def test_the_user_and_what_else_metadata_holds() -> None:
    assert (read(metadata={"user_id": "u"}).user, read(metadata={"user_id": "u"}).extras) == ("u", {})
    both = read(metadata={"user_id": "u", "team": 5})
    assert (both.user, extras(both)) == ("u", {"metadata": {"user_id": "u", "team": 5}})
    assert read(metadata={"user_id": None}).user == read(metadata=None).user == ""


def test_p45_law_12_fields_nobody_knows_are_kept_as_they_are_written() -> None:
    body = b'{"model":"m","messages":[{"role":"user","content":"hi","output_config":{}}],"new":{"b": 1, "a": 2.50}}'
    request = read_request(body)
    assert bytes(request.extras["anthropic"]["new"]) == b'{"b": 1, "a": 2.50}'
    assert request.messages == (Message("user", (Text("hi"),)),)


def test_p46_context_management_is_kept_for_anthropic_alone() -> None:
    edits = {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]}
    assert extras(read(context_management=edits, safeguards=[{"type": "x"}])) == {
        "context_management": edits,
        "safeguards": [{"type": "x"}],
    }


def test_a_system_prompt_that_is_no_text_is_kept_aside() -> None:
    hologram = {"type": "hologram", "beam": 1}
    request = read(system=[{"type": "text", "text": "Be brief."}, hologram])
    assert request.system == (Text("Be brief."),)
    assert extras(request) == {"system[1]": hologram}


def test_an_unknown_block_in_a_message_stays_in_its_place() -> None:
    (turn,) = said(("user", [{"type": "new", "x": 1}, {"type": "text", "text": "hi"}]))
    assert turn.parts == (Opaque("anthropic", "new", Raw(b'{"type": "new", "x": 1}')), Text("hi"))


def test_null_is_absent() -> None:
    names = (
        *("system", "tools", "tool_choice", "thinking", "output_config", "output_format", "metadata", "max_tokens"),
        *("temperature", "top_p", "top_k", "stop_sequences", "stream", "new"),
    )
    assert read(**dict.fromkeys(names)) == read()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"model": None}, "model is missing"),
        ({"model": 5}, "model: Expected `str`"),
        ({"messages": None}, "messages is missing or empty"),
        ({"messages": []}, "messages is missing or empty"),
        ({"messages": "hi"}, "messages: Expected `array`"),
        ({"messages": ["hi"]}, "messages[0]: Expected `object`"),
        ({"messages": [{"content": "hi"}]}, "messages[0]: Object missing required field `role`"),
        ({"messages": [*HI["messages"], {"role": 5}]}, "messages[1].role: Expected `str`"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0].text is not"),
        ({"system": 5}, "system is neither text nor a list of blocks"),
        ({"temperature": "hot"}, "temperature: Expected"),
        ({"max_tokens": 1.5}, "max_tokens: Expected `int`"),
        ({"stream": "yes"}, "stream: Expected `bool`"),
        ({"stop_sequences": [5]}, "stop_sequences[0]: Expected `str`"),
        ({"tools": {}}, "tools: Expected `array`"),
        ({"tools": [{"input_schema": {}}]}, "tools[0].name is missing"),
        ({"tools": [{"name": 5}]}, "tools[0].name: Expected `str`"),
        ({"tool_choice": "auto"}, "tool_choice: Expected `object`"),
        ({"tool_choice": {"type": "maybe"}}, "tool_choice.type: 'maybe' is no choice"),
        ({"tool_choice": {"type": "tool"}}, "tool_choice.name is missing"),
        ({"thinking": {"budget_tokens": 5}}, "thinking: Object missing required field `type`"),
        ({"output_config": {"effort": 5}}, "output_config.effort: Expected"),
        ({"metadata": {"user_id": 5}}, "metadata.user_id: Expected `str`"),
    ],
)
def test_what_is_wrong_is_said_with_its_path(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read(**fields)
    assert caught.value.message.startswith(words)


@pytest.mark.parametrize("field", ["tools", "metadata", "system", "new", "messages"])
def test_a_body_without_bottom_is_refused(field: str) -> None:
    deep = "[" * 3000 + "]" * 3000
    fields = {"model": '"m"', "messages": '[{"role":"user","content":"x"}]', field: deep}
    body = ",".join(f'"{name}":{text}' for name, text in fields.items())
    with pytest.raises(BadRequest):
        read_request(f"{{{body}}}".encode())


def test_results_within_results_are_read_or_refused_at_any_depth() -> None:
    """They need little of the JSON parser's depth, but several calls of ours each; any of these may be one too many."""
    seen = set()
    for depth in range(200, 400, 4):
        content = '{"type":"tool_result","content":[' * depth + "]}" * depth
        try:
            read_request(f'{{"model":"m","messages":[{{"role":"user","content":[{content}]}}]}}'.encode())
            seen.add("")
        except BadRequest as error:
            seen.add(error.message.partition("is nested too deeply")[1])
    assert seen == {"", "is nested too deeply"}


def test_tools_that_come_again_are_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    tools = [{"name": f"tool_{number}", "input_schema": {"n": number}, "x": number} for number in range(3)]
    first, again, fewer = read(tools=tools), read(tools=tools, model="other"), read(tools=tools[:2])
    assert first.tools == again.tools and first.tools[:2] == fewer.tools
    monkeypatch.setattr("landbridge.wire.anthropic.read_request.REMEMBERED", 0)
    assert read(tools=tools).tools == first.tools, "what is too large to remember is read all the same"


@pytest.mark.parametrize("again", [1, 2])
def test_tools_that_cannot_be_read_are_an_error_each_time(again: int) -> None:
    for _ in range(again):
        with pytest.raises(BadRequest, match="name is missing"):
            read(tools=[{"input_schema": {}}])
