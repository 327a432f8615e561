"""Tools and the choice among them."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.errors import BadRequest
from landbridge.neutral.request import HostedTool, Tool, ToolChoice
from landbridge.wire.gemini import read_tools as module
from landbridge.wire.gemini.fields import Fields, read_fields
from landbridge.wire.gemini.read_tools import read_choice, read_tools


def fields(**values: object) -> Fields:
    return read_fields(json.dumps(values).encode(), "")


def tools(*wire: object) -> tuple[Tool | HostedTool, ...]:
    return read_tools(fields(tools=list(wire)))


def declared(**declaration: object) -> Tool:
    (tool,) = tools({"functionDeclarations": [declaration]})
    assert isinstance(tool, Tool)
    return tool


def test_a_json_schema_stays_byte_for_byte() -> None:
    body = b'{"tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{ "type":"object" ,"x":1.50}}]}]}'
    (tool,) = read_tools(read_fields(body, ""))
    assert tool == Tool("f", schema=Raw(b'{ "type":"object" ,"x":1.50}'), dialect="gemini")


def test_the_older_schema_becomes_json_schema() -> None:
    tool = declared(name="f", parameters={"type": "OBJECT", "properties": {"a": {"type": "STRING", "nullable": True}}})
    assert json.loads(bytes(tool.schema)) == {"type": "object", "properties": {"a": {"type": ["string", "null"]}}}


def test_the_newer_schema_wins_and_none_is_none() -> None:
    both = declared(name="f", parameters={"type": "OBJECT"}, parameters_json_schema={"type": "object"})
    assert bytes(both.schema) == b'{"type": "object"}'
    assert bytes(declared(name="f").schema) == b"" == bytes(declared(name="f", parameters=None).schema)


def test_fields_only_google_knows_stay_with_the_tool() -> None:
    tool = declared(name="lbn_3d", description="d", behavior="BLOCKING", response={"type": "STRING"})
    assert (tool.name, tool.description, tool.dialect) == ("3d", "d", "gemini")
    assert {name: bytes(raw) for name, raw in tool.extras.items()} == {
        "behavior": b'"BLOCKING"',
        "response": b'{"type": "STRING"}',
    }


def test_googles_own_tools_are_hosted() -> None:
    found = tools(
        {"google_search": {}}, {"functionDeclarations": {"name": "f"}, "codeExecution": {"x": 1}}, {"newTool": {}}
    )
    assert [(type(tool).__name__, tool.name) for tool in found] == [
        ("HostedTool", "googleSearch"),
        ("Tool", "f"),
        ("HostedTool", "codeExecution"),
        ("HostedTool", "newTool"),
    ]
    assert isinstance(found[0], HostedTool) and bytes(found[0].raw) == b'{"googleSearch":{}}'


def test_one_tool_is_a_list_of_one_and_none_is_none() -> None:
    assert [tool.name for tool in read_tools(fields(tools={"functionDeclarations": [{"name": "f"}]}))] == ["f"]
    assert read_tools(fields()) == () == tools()


def test_the_same_definitions_are_the_same_object(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = {"functionDeclarations": [{"name": "f"}]}
    assert tools(wire) is tools(wire)
    monkeypatch.setattr(module, "REMEMBERED", 10)
    assert tools(wire) == tools(wire) and tools(wire) is not tools(wire)


@pytest.mark.parametrize(
    ("wire", "path"),
    [
        ({"functionDeclarations": [{}]}, r"tools\[0\]\.functionDeclarations\[0\]\.name is missing"),
        ({"functionDeclarations": [{"name": 1}]}, r"tools\[0\]\.functionDeclarations\[0\]\.name: Expected"),
        ({"functionDeclarations": 1}, r"tools\[0\]\.functionDeclarations\[0\]: Expected"),
        (1, r"tools\[0\]: Expected"),
    ],
)
def test_what_is_wrong_is_said_with_its_path(wire: object, path: str) -> None:
    with pytest.raises(BadRequest, match=path):
        tools(wire)


_texts = st.sampled_from(["f", "lbn_3d", "", None, 1])
_schemas = st.sampled_from([{"type": "object"}, {"type": "STRING", "nullable": True}, None, 1])
_declarations = st.fixed_dictionaries(
    {"name": _texts},
    optional={
        "description": _texts,
        "parameters": _schemas,
        "parametersJsonSchema": _schemas,
        "parameters_json_schema": _schemas,
        "behavior": _texts,
    },
)


@given(_declarations | _texts)
def test_any_declaration_is_read_alike_in_one_pass(declaration: object) -> None:
    def read() -> object:
        try:
            return module._decode_tools(json.dumps([{"functionDeclarations": [declaration]}]).encode())
        except BadRequest as error:
            return error.message

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "_plain", msgspec.json.Decoder(type(None)))
        slow = read()
    assert read() == slow


def choice(**calling: object) -> tuple[ToolChoice | None, dict[str, object]]:
    extras: dict[str, Raw] = {}
    found = read_choice(fields(toolConfig={"functionCallingConfig": calling}), extras)
    return found, {name: json.loads(bytes(raw)) for name, raw in extras.items()}


@pytest.mark.parametrize(
    ("mode", "found"),
    [
        ("AUTO", ToolChoice("auto")),
        ("any", ToolChoice("any")),
        ("NONE", ToolChoice("none")),
        ("MODE_UNSPECIFIED", None),
    ],
)
def test_p60_modes(mode: str, found: ToolChoice | None) -> None:
    assert choice(mode=mode) == (found, {})


def test_p60_one_allowed_function_is_named() -> None:
    assert choice(mode="ANY", allowedFunctionNames=["f"]) == (ToolChoice("named", "f"), {})


def test_what_a_neutral_choice_cannot_say_stays() -> None:
    several = {"mode": "ANY", "allowedFunctionNames": ["f", "g"]}
    assert choice(**several) == (ToolChoice("any"), {"toolConfig.functionCallingConfig": several})
    assert choice(mode="VALIDATED") == (ToolChoice("auto"), {"toolConfig.functionCallingConfig": {"mode": "VALIDATED"}})
    assert choice(mode="ANY", new=1)[0] == ToolChoice("any")
    extras: dict[str, Raw] = {}
    assert read_choice(fields(toolConfig={"retrievalConfig": {"a": 1}}), extras) is None
    assert list(extras) == ["toolConfig.retrievalConfig"]
    assert read_choice(fields(), extras) is None
