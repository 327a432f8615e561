"""Definitions and choices for providers of the dialect."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw
from msgspec.structs import replace

from landbridge.neutral.parts import NONE, Message, Text, ToolCall, ToolReference, ToolResult
from landbridge.neutral.request import HostedTool, Request, Tool, ToolChoice
from landbridge.neutral.traits import Traits
from landbridge.wire.fields import Fields
from landbridge.wire.openai_responses.read_tools import read_tools
from landbridge.wire.openai_responses.types import DIALECT
from landbridge.wire.openai_responses.write_tools import write_choice, write_tools
from landbridge.wire.written import Loss

READ = Tool("Read", "Reads.", Raw(b'{ "type" : "object" }'))
LATE = Tool("WebFetch", deferred=True)
SPAWN = {"type": "function", "name": "spawn", "description": "Starts one.", "parameters": {"type": "object"}}
CLIENTS = [
    {
        "type": "namespace",
        "name": "agents",
        "description": "Other agents.",
        "tools": [SPAWN, {**SPAWN, "name": "wait"}],
    },
    {"type": "custom", "name": "apply_patch", "description": "Edits.", "format": {"type": "text"}, "async": True},
    {"type": "web_search", "filters": None},
    {"type": "namespace", "name": "agents", "description": "", "tools": [{**SPAWN, "name": "late"}]},
]


def offer(*tools: Tool | HostedTool, history: tuple[Message, ...] = (), **traits: Any) -> tuple[list[Any], list[Loss]]:
    raw, losses = write_tools(Request("m", history, tools=tools), Traits(**traits))
    return ([] if raw is NONE else json.loads(bytes(raw))), list(losses)


def test_a_function() -> None:
    wire = {"type": "function", "name": "Read", "description": "Reads.", "parameters": {"type": "object"}}
    assert offer(READ) == ([{**wire, "strict": False}], [])
    assert offer(replace(READ, strict=True)) == ([{**wire, "strict": True}], [])
    assert offer(READ, strict_tools=False) == ([wire], [])
    found, lost = offer(replace(READ, strict=True), strict_tools=False)
    assert (found, [loss.path for loss in lost]) == ([wire], ["tools[0].strict"])
    assert offer(Tool("List"))[0][0]["parameters"] == {"type": "object", "properties": {}}


def test_p80_schemas_go_byte_for_byte() -> None:
    raw, _ = write_tools(Request("m", (), tools=(READ,)), Traits())
    assert b'"parameters":{ "type" : "object" }' in bytes(raw)


def test_definitions_of_the_dialect_come_back_as_they_were() -> None:
    tools = read_tools(Fields({"tools": Raw(json.dumps(CLIENTS).encode())}))
    written, losses = offer(*tools, strict_tools=False)
    assert (written, losses) == (CLIENTS, [])


def test_fields_of_other_dialects_stay_out() -> None:
    eager = Tool("Edit", extras={"eager_input_streaming": Raw(b"true")})
    assert set(offer(eager)[0][0]) == {"type", "name", "parameters", "strict"}
    hosted = HostedTool("anthropic", "web_search_20250305", "web_search", Raw(b"{}"))
    written, (loss,) = offer(hosted)
    assert written == [] and "web_search" in loss.why


def test_p33_an_illegal_name_is_changed_and_said() -> None:
    written, (loss,) = offer(Tool("functions.exec"))
    assert written[0]["name"].startswith("functions_exec_") and written[0]["name"] in loss.why


def test_p40_p80_deferred_tools_come_last_once_they_are_loaded() -> None:
    other = Tool("WebSearch", deferred=True)
    found = ToolResult("a", (ToolReference("WebSearch"), ToolReference("gone")))
    history = (
        Message("assistant", (ToolCall("a", "find"),)),
        Message("user", (found, ToolReference("WebFetch"), Text("x"))),
    )
    assert [tool["name"] for tool in offer(LATE, READ, other)[0]] == ["Read"]
    assert [tool["name"] for tool in offer(LATE, READ, other, history=history)[0]] == ["Read", "WebSearch", "WebFetch"]


@pytest.mark.parametrize(
    ("choice", "traits", "fields", "losses"),
    [
        (None, {}, {}, 0),
        (ToolChoice("auto"), {}, {"tool_choice": "auto"}, 0),
        (ToolChoice("any"), {}, {"tool_choice": "required"}, 0),
        (ToolChoice("none"), {}, {"tool_choice": "none"}, 0),
        (ToolChoice("named", "Read"), {}, {"tool_choice": {"type": "function", "name": "Read"}}, 0),
        (
            ToolChoice("named", "agents__spawn"),
            {},
            {"tool_choice": {"type": "function", "name": "spawn", "namespace": "agents"}},
            0,
        ),
        (ToolChoice("named", "apply_patch"), {}, {"tool_choice": {"type": "custom", "name": "apply_patch"}}, 0),
        (ToolChoice(parallel=False), {}, {"tool_choice": "auto", "parallel_tool_calls": False}, 0),
        (ToolChoice(parallel=False), {"parallel_tools": False}, {"tool_choice": "auto"}, 1),
        (ToolChoice(parallel=True), {"parallel_tools": False}, {"tool_choice": "auto"}, 0),
        (ToolChoice("any"), {"tool_choice": False}, {}, 1),
        (ToolChoice("auto"), {"tool_choice": False}, {}, 0),
        (ToolChoice("any"), {"forced_tools": False}, {"tool_choice": "auto"}, 1),
    ],
)
def test_p60_tool_choice(choice: ToolChoice | None, traits: dict[str, Any], fields: object, losses: int) -> None:
    tools = read_tools(Fields({"tools": Raw(json.dumps(CLIENTS).encode())}))
    lost: list[Loss] = []
    request = Request("m", (), tools=(READ, *tools), tool_choice=choice)
    assert write_choice(request, Traits(**traits), lost) == fields
    assert len(lost) == losses


def test_the_same_definitions_are_written_once() -> None:
    request = Request("m", (), tools=(READ, HostedTool(DIALECT, "x", "x", Raw(b"{}"))))
    assert write_tools(request, Traits())[0] is write_tools(replace(request, model="n"), Traits())[0]
    assert write_tools(request, Traits(strict_tools=False))[0] is not write_tools(request, Traits())[0]
