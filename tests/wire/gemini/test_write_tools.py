"""Tools and the choice among them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw
from msgspec.structs import replace

from landbridge.neutral.parts import Message, Text, ToolReference, ToolResult
from landbridge.neutral.request import HostedTool, Request, Tool, ToolChoice
from landbridge.neutral.traits import Traits
from landbridge.wire.gemini.types import encode
from landbridge.wire.gemini.write_tools import write_choice, write_tools
from landbridge.wire.written import Loss

COMPLETE = Traits()
SCHEMA = Raw(b'{ "type":"object","properties":{"n":{"type":"integer","exclusiveMinimum":0,"multipleOf":5}} }')


def request(*tools: Tool | HostedTool, **more: Any) -> Request:
    return Request("m", (Message("user", (Text("Hi"),)),), tools=tools, **more)


def written(wish: Request, traits: Traits = COMPLETE) -> tuple[Any, list[Loss]]:
    losses: list[Loss] = []
    return json.loads(encode(write_tools(wish, traits, losses))), losses


def test_schemas_pass_byte_for_byte() -> None:
    losses: list[Loss] = []
    wire = write_tools(request(Tool("f", "d", SCHEMA)), COMPLETE, losses)
    assert encode(wire) == (
        b'{"tools":[{"functionDeclarations":[{"name":"f","description":"d","parametersJsonSchema":'
        + bytes(SCHEMA)
        + b"}]}]}"
    )
    assert losses == []


def test_gemini_is_not_held_to_schemas() -> None:
    _, losses = written(request(Tool("f", strict=True), Tool("g", strict=False)))
    assert [loss.path for loss in losses] == ["tools[0].strict"]


def test_p35_or_come_down_to_the_older_field() -> None:
    wire, losses = written(
        request(Tool("f", schema=SCHEMA), Tool("g"), Tool("h", schema=Raw(b'{"type":"object"}'))),
        Traits(schema="openapi"),
    )
    assert wire["tools"][0]["functionDeclarations"] == [
        {"name": "f", "parameters": {"type": "OBJECT", "properties": {"n": {"type": "INTEGER", "minimum": 1}}}},
        {"name": "g"},
        {"name": "h"},
    ]
    assert losses == [Loss("tools[0].schema.properties.n.multipleOf", "this constraint has no place")]


def test_the_same_tools_are_not_written_again() -> None:
    wish = request(Tool("f", schema=SCHEMA))
    one, other = (write_tools(each, COMPLETE, [])["tools"] for each in (wish, replace(wish, model="n")))
    assert one is other
    assert write_tools(wish, Traits(schema="openapi"), [])["tools"] is not one


def test_googles_own_tools_come_after_the_functions_and_others_are_lost() -> None:
    own = HostedTool("gemini", "googleSearch", "googleSearch", Raw(b'{"googleSearch":{}}'))
    wire, losses = written(request(own, Tool("f"), HostedTool("anthropic", "web_search_1", "web_search", Raw(b"{}"))))
    assert wire["tools"] == [{"functionDeclarations": [{"name": "f"}]}, {"googleSearch": {}}]
    assert [loss.path for loss in losses] == ["tools[2]"]


def test_fields_of_its_own_go_back() -> None:
    fields = {"behavior": Raw(b'"BLOCKING"')}
    wire, _ = written(
        request(Tool("f", extras=fields, dialect="gemini"), Tool("g", extras=fields, dialect="anthropic"))
    )
    assert wire["tools"][0]["functionDeclarations"] == [{"name": "f", "behavior": "BLOCKING"}, {"name": "g"}]


def test_p80_loaded_tools_come_last_in_the_order_of_their_mention() -> None:
    tools = (Tool("b", deferred=True), Tool("a", deferred=True), Tool("x"), Tool("never", deferred=True))
    loads = Message("user", (ToolResult("1", (ToolReference("a"),)), ToolReference("b"), ToolReference("a")))
    wire, _ = written(replace(request(*tools), messages=(loads,)))
    assert [each["name"] for each in wire["tools"][0]["functionDeclarations"]] == ["x", "a", "b"]
    assert written(request(Tool("a", deferred=True)))[0] == {}


def test_names_come_in_googles_letters() -> None:
    wire, losses = written(request(Tool("3d"), Tool("x" * 200)))
    names = [each["name"] for each in wire["tools"][0]["functionDeclarations"]]
    assert names[0] == "lbn_3d" and len(names[1]) == 128
    assert [loss.path for loss in losses] == ["tools[1].name"], "only what cannot come back is lost"


def test_a_model_without_tools_gets_none() -> None:
    assert written(request(Tool("f")), Traits(tools=False)) == ({}, [Loss("tools", "this model has no tools")])
    assert written(request()) == ({}, [])


def choice(
    wish: ToolChoice | None, traits: Traits = COMPLETE, extras: dict[str, bytes] | None = None
) -> tuple[Any, list[str]]:
    losses: list[Loss] = []
    own = {name: Raw(raw) for name, raw in (extras or {}).items()}
    wire = write_choice(request(Tool("f"), tool_choice=wish, extras={"gemini": own}), traits, losses)
    return json.loads(encode(wire)).get("toolConfig"), [loss.path for loss in losses]


@pytest.mark.parametrize(
    ("wish", "calling"),
    [
        (ToolChoice("auto"), {"mode": "AUTO"}),
        (ToolChoice("any"), {"mode": "ANY"}),
        (ToolChoice("none"), {"mode": "NONE"}),
        (ToolChoice("named", "3d"), {"mode": "ANY", "allowedFunctionNames": ["lbn_3d"]}),
    ],
)
def test_p60_all_four_choices(wish: ToolChoice, calling: object) -> None:
    assert choice(wish) == ({"functionCallingConfig": calling}, [])


def test_p60_parallel_calls_cannot_be_turned_off() -> None:
    assert choice(ToolChoice("auto", parallel=False)) == (
        {"functionCallingConfig": {"mode": "AUTO"}},
        ["tool_choice.parallel"],
    )
    assert choice(ToolChoice("auto", parallel=True))[1] == []


def test_p60_a_model_that_cannot_be_told() -> None:
    assert choice(ToolChoice("any"), Traits(tool_choice=False)) == (None, ["tool_choice"])
    assert choice(ToolChoice("auto"), Traits(tool_choice=False)) == (None, [])
    assert choice(ToolChoice("named", "f"), Traits(forced_tools=False)) == (None, ["tool_choice"])
    assert choice(ToolChoice("none"), Traits(forced_tools=False)) == ({"functionCallingConfig": {"mode": "NONE"}}, [])


def test_its_own_configuration_goes_back() -> None:
    own = {
        "toolConfig.functionCallingConfig": b'{"mode":"VALIDATED"}',
        "toolConfig.retrievalConfig": b"{}",
        "labels": b"{}",
    }
    expected = {"functionCallingConfig": {"mode": "VALIDATED"}, "retrievalConfig": {}}
    assert choice(ToolChoice("auto"), extras=own) == (expected, [])
    assert choice(None, extras=own) == (expected, [])
    assert choice(None, Traits(tools=False), own) == (expected, [])
    assert choice(None) == (None, [])
