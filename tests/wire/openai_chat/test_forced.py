"""Calls that only a schema can force: what is asked of the engine, and where nothing changes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw
from msgspec.structs import replace

from landbridge.neutral.parts import Message, Text
from landbridge.neutral.request import HostedTool, OutputFormat, Request, Tool, ToolChoice
from landbridge.neutral.traits import Traits
from landbridge.wire.openai_chat.write_request import write_request

HELD = Traits(forced_by="schema", strict_tools=False)
READ = Tool("Read", "Reads.", Raw(b'{"type": "object", "properties": {"path": {"type": "string"}}}'))
ODD = Tool("mcp.odd/name", schema=Raw(b'{"properties":{"a":{"$ref":"#/$defs/x"}},"$defs":{"x":{"$ref":"#"}}}'))
BARE = Tool("bare")
ASKED = Request("m", (Message("user", (Text("hi"),)),), tools=(READ, ODD, BARE))
ANY = ToolChoice("any")


def write(choice: ToolChoice | None, traits: Traits = HELD, **fields: Any) -> dict[str, Any]:
    written = write_request(replace(ASKED, tool_choice=choice, **fields), "m", traits)
    body: dict[str, Any] = json.loads(written.body)
    assert written.as_call is (body.get("response_format", {}).get("json_schema", {}).get("name") == "call")
    return body


def schema(body: dict[str, Any]) -> Any:
    assert body["tool_choice"] == "none", "no second grammar, and no parser that takes the text away"
    return body["response_format"]["json_schema"]["schema"]


def test_p60_any_tool_is_one_of_all() -> None:
    found = schema(write(ANY))
    names = [call["properties"]["name"]["const"] for call in found["oneOf"]]
    assert names[0] == "Read" and names[2] == "bare"
    assert names[1].startswith("mcp_odd_name_"), "by the name that is in the prompt"
    for place, call in enumerate(found["oneOf"]):
        assert list(call["properties"]) == ["name", "arguments"] == call["required"]
        assert call["additionalProperties"] is False
        assert call["properties"]["arguments"] == {"$ref": f"#/$defs/{place}"}
    assert found["$defs"]["0"] == json.loads(bytes(READ.schema))
    assert found["$defs"]["2"] == {"type": "object"}


def test_p60_a_named_tool_is_that_one() -> None:
    found = schema(write(ToolChoice("named", "Read")))
    assert found["properties"]["name"] == {"const": "Read"}
    assert list(found["$defs"]) == ["0"]


def test_p60_references_inside_a_schema_move_with_it() -> None:
    inner = schema(write(ANY))["$defs"]["1"]
    assert inner["properties"]["a"] == {"$ref": "#/$defs/1/$defs/x"}
    assert inner["$defs"]["x"] == {"$ref": "#/$defs/1"}


def test_references_elsewhere_and_properties_of_that_name_stay() -> None:
    tool = Tool("t", schema=Raw(b'{"properties":{"$ref":{"type":"string"},"b":{"$ref":"https://x.test/s#/y"}}}'))
    found = schema(write(ANY, tools=(tool,)))["$defs"]["0"]
    assert found["properties"] == {"$ref": {"type": "string"}, "b": {"$ref": "https://x.test/s#/y"}}


@pytest.mark.parametrize("empty", [b"", b"{}", b"{ }", b"true", b"null"])
def test_arguments_are_an_object_in_any_case(empty: bytes) -> None:
    assert schema(write(ANY, tools=(Tool("t", schema=Raw(empty)),)))["$defs"]["0"] == {"type": "object"}


def test_p80_the_prompt_is_the_same_as_without_force() -> None:
    forced, free = write(ANY), write(ToolChoice("auto"))
    for name in ("messages", "tools"):
        assert forced[name] == free[name]


@pytest.mark.parametrize("choice", [None, ToolChoice("auto"), ToolChoice("none")])
def test_what_forces_nothing_is_written_as_ever(choice: ToolChoice | None) -> None:
    assert write(choice) == write(choice, Traits(strict_tools=False))


def test_who_obeys_the_field_is_asked_by_it() -> None:
    assert write(ANY, Traits())["tool_choice"] == "required"


def test_deferred_tools_are_called_by_name_only() -> None:
    late = replace(BARE, deferred=True)
    assert "oneOf" not in schema(write(ANY, tools=(READ, late)))
    assert schema(write(ToolChoice("named", "bare"), tools=(READ, late)))["properties"]["name"] == {"const": "bare"}


def test_a_tool_that_is_not_there_forces_nothing() -> None:
    hosted = HostedTool("openai_chat", "custom", "custom", Raw(b'{"type":"custom"}'))
    assert "response_format" not in write(ToolChoice("named", "custom"), tools=(hosted,))
    assert "response_format" not in write(ANY, tools=(hosted,))


@pytest.mark.parametrize("name", ["grammar", "json_schema"])
def test_a_grammar_of_the_clients_own_stays(name: str) -> None:
    body = write(ANY, extras={"openai_chat": {name: Raw(b'"root ::= \\"a\\""')}})
    assert body["tool_choice"] == "required" and "response_format" not in body


def test_a_format_of_the_clients_gives_way_and_is_a_loss() -> None:
    request = replace(ASKED, tool_choice=ANY, output=OutputFormat(Raw(b'{"type":"object"}'), name="answer"))
    written = write_request(request, "m", HELD)
    assert [loss.path for loss in written.losses if loss.path == "output"]
    assert b'"answer"' not in written.body


def test_without_tools_in_its_template_they_are_told() -> None:
    request = replace(ASKED, tool_choice=ToolChoice("named", "Read"))
    written = write_request(request, "m", replace(HELD, tools=False))
    body = json.loads(written.body)
    assert "tools" not in body and "tool_choice" not in body
    assert body["response_format"]["json_schema"]["schema"]["properties"]["name"] == {"const": "Read"}
    told = body["messages"][0]["content"]
    assert bytes(READ.schema).decode() in told and "Reads." in told and "mcp" not in told
    assert [loss.path for loss in written.losses] == ["tools"]
    assert written == write_request(request, "m", replace(HELD, tools=False)), "the same each time"
