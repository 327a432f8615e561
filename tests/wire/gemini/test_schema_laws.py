"""Laws of schemas (P35): only allowed keywords, nothing happens twice, never an exception.

Over schemas of chance, and over the tools of Claude Code and Gemini CLI.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.wire.gemini.json_schema import to_json_schema
from landbridge.wire.gemini.schema import COUNTS, FORMATS, KEYWORDS, LIMITS, TYPES, to_openapi, to_parameters
from tests.laws.mangle import mangled

TOOLS: dict[str, list[dict[str, Any]]] = json.loads((Path(__file__).parent / "agent_tools.json").read_text())
"""Schemas of the tools of agents by client, as recorded, without their descriptions."""
EACH = [
    pytest.param(tool["schema"], id=f"{client}-{tool['name']}") for client, tools in TOOLS.items() for tool in tools
]

_values = (
    st.none() | st.booleans() | st.integers(-(1 << 70), 1 << 70) | st.floats(allow_nan=False) | st.text(max_size=4)
)
_words = st.sampled_from(["string", "number", "integer", "boolean", "array", "object", "null", "STRING", "odd"])
_names = st.sampled_from(["a", "b", "type", "properties", "$ref", "$schema", ""])


def _node(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, max_size=3)
    number = st.integers(-5, 5) | st.floats(allow_nan=False) | st.booleans()
    return st.fixed_dictionaries(
        {},
        optional={
            "type": _words | st.lists(_words, max_size=3),
            "properties": st.dictionaries(_names, inner, max_size=3),
            "required": st.lists(_names | _values | st.just([]), max_size=3),
            "items": inner | several,
            "prefixItems": several,
            "anyOf": several,
            "oneOf": several,
            "allOf": several,
            "not": inner,
            "enum": st.lists(_values, max_size=3),
            "const": _values,
            "format": st.sampled_from(["date-time", "uri", "int32", "enum", "float"]),
            "nullable": st.booleans(),
            "additionalProperties": inner,
            "propertyNames": inner,
            "patternProperties": st.dictionaries(_names, inner, max_size=2),
            "$ref": st.sampled_from(["#", "#/$defs/a", "#/properties/a", "#/anyOf/0", "x"]),
            "$defs": st.dictionaries(_names, inner, max_size=2),
            "default": _values,
            "description": st.text(max_size=4),
            "pattern": st.just("^a"),
            **dict.fromkeys((*COUNTS, *LIMITS, "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), number),
        },
    )


schemas = st.recursive(st.booleans() | _node(st.just({"type": "string"})), _node, max_leaves=12)


def encoded(schema: object) -> Raw:
    return Raw(json.dumps(schema).encode())


def places(node: Any) -> Iterator[dict[str, Any]]:
    """All schemas inside a converted one, itself first."""
    yield node
    for inner in [*node.get("properties", {}).values(), *node.get("anyOf", ())]:
        yield from places(inner)
    if "items" in node:
        yield from places(node["items"])


def check(node: dict[str, Any]) -> None:
    """What Google refuses does not stand there."""
    assert node.keys() <= KEYWORDS
    assert ("anyOf" in node) != ("type" in node), "a place has a type or a choice"
    if "anyOf" in node:
        assert len(node["anyOf"]) != 1 and node.keys() <= {"anyOf", "title", "description", "nullable"}
        return
    assert node["type"] in TYPES.values()
    assert node.get("format", "enum") in ("enum", *FORMATS.get(node["type"], ()))
    assert ("items" in node) == (node["type"] == "ARRAY")
    if "enum" in node:
        assert (
            node["type"] == "STRING" and node["enum"] and all(isinstance(each, str) and each for each in node["enum"])
        )
    assert set(node.get("required", ())) <= set(node.get("properties", ()))
    assert all(isinstance(node[name], int | float) for name in (*COUNTS, *LIMITS) if name in node)


@given(schema=schemas)
def test_p35_only_allowed_keywords_and_nothing_happens_twice(schema: object) -> None:
    converted = to_openapi(encoded(schema))
    root = json.loads(bytes(converted.schema))
    for place in places(root):
        check(place)
    again = to_openapi(converted.schema)
    assert json.loads(bytes(again.schema)) == root
    assert again.lost == ()
    assert to_openapi(encoded(schema)) == converted, "the same schema gives the same bytes"


@given(schema=schemas)
def test_p35_parameters_are_an_object_or_nothing(schema: object) -> None:
    converted = bytes(to_parameters(encoded(schema)).schema)
    if converted:
        root = json.loads(converted)
        assert root["type"] == "OBJECT" and root["properties"]
        check(root)


@given(data=st.data())
def test_p35_json_of_any_shape_is_survived(data: st.DataObject) -> None:
    tool = data.draw(st.sampled_from([tool for tools in TOOLS.values() for tool in tools]))
    schema = encoded(mangled(data, mangled(data, tool["schema"])))
    for place in places(json.loads(bytes(to_openapi(schema).schema))):
        check(place)
    to_parameters(schema)
    to_json_schema(schema)


@pytest.mark.parametrize("schema", EACH)
def test_p35_agents_tools_come_down_whole(schema: dict[str, Any]) -> None:
    converted = to_parameters(encoded(schema))
    if not schema.get("properties"):
        assert not bytes(converted.schema)
        return
    root = json.loads(bytes(converted.schema))
    for place in places(root):
        check(place)
    assert list(root["properties"]) == list(schema["properties"])
    assert root.get("required", []) == schema.get("required", [])


def test_agents_tools_lose_little() -> None:
    """What is lost is known: free-form arguments, limits that exclude themselves, a second pattern."""
    lost = {
        f"{client}.{tool['name']}{where}"
        for client, tools in TOOLS.items()
        for tool in tools
        for where, _ in to_parameters(encoded(tool["schema"])).lost
    }
    assert lost == {"claude_code.Workflow.properties.args", "claude_code.SendMessage.properties.to.pattern"}
