"""What a schema says of its arguments."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from landbridge.neutral.request import HostedTool, Tool
from landbridge.wire.repair.shapes import Shape, Shapes

from .tools import READ, SHAPES, TOOLS


def shape(schema: Any) -> Shape:
    return Shapes([Tool("t", schema=Raw(schema if isinstance(schema, bytes) else json.dumps(schema).encode()))]).of("t")


def test_names_are_those_of_functions() -> None:
    hosted = HostedTool("anthropic", "web_search_20250305", "web_search", Raw(b"{}"))
    shapes = Shapes([*TOOLS, hosted])
    assert "Read" in shapes and "web_search" not in shapes
    assert shapes.any_begins("Re") and shapes.any_begins("") and not shapes.any_begins("Reads")
    assert not Shapes([hosted]) and not Shapes([])


def test_p33_tools_are_known_by_the_targets_names_too() -> None:
    shapes = SHAPES.renamed({"mcp_Read_1a2b3c4d": "Read", "gone": "Nobody"})
    assert shapes.of("mcp_Read_1a2b3c4d") == SHAPES.of("Read") == shapes.of("Read")
    assert "mcp_Read_1a2b3c4d" in shapes and "Read" in shapes and shapes.any_begins("mcp_")
    assert "gone" not in shapes and "mcp_Read_1a2b3c4d" not in SHAPES
    assert SHAPES.renamed({}) is SHAPES


def test_p28_optional_strings() -> None:
    assert SHAPES.of("Read").optional == {"pages"}
    assert SHAPES.of("Bash").optional == {"description"}
    assert SHAPES.of("Edit").optional == frozenset()
    assert SHAPES.of("Nobody") == Shape({})
    assert SHAPES.of("Read") is SHAPES.of("Read")


def test_what_is_required() -> None:
    assert SHAPES.of("Edit").required == {"file_path", "old_string", "new_string"}
    assert SHAPES.of("Stop").required == frozenset()
    assert shape({"required": ["a"], "anyOf": [{}]}).required == {"a"}, "also where nothing is surely optional"


def test_types() -> None:
    types = SHAPES.of("Read").types
    assert types["limit"] == {"integer"}
    assert types["offset"] == {"integer", "null"}


@pytest.mark.parametrize(
    ("schema", "optional"),
    [
        ({"type": ["string", "null"]}, True),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, True),
        ({"oneOf": [{"type": "string"}]}, True),
        ({"type": "string", "enum": ["a", "b"]}, True),
        ({"type": "string", "enum": ["a", ""]}, False),
        ({"type": "string", "const": ""}, False),
        ({"anyOf": [{"type": "string", "enum": [""]}, {"type": "string"}]}, False),
        ({"anyOf": [{"type": "string"}, {}]}, False),
        ({"type": ["string", "integer"]}, False),
        ({"type": "integer"}, False),
        ({}, False),
        (True, False),
        ({"type": 5}, False),
    ],
)
def test_p28_what_an_optional_string_is(schema: Any, optional: bool) -> None:
    assert ("p" in shape({"properties": {"p": schema}}).optional) is optional


@pytest.mark.parametrize("word", ["anyOf", "oneOf", "allOf", "dependentRequired"])
def test_nothing_is_optional_where_that_depends(word: str) -> None:
    read = shape({"properties": {"p": {"type": "string"}}, word: [{"required": ["p"]}]})
    assert read.optional == frozenset()
    assert read.types == {"p": {"string"}}


@pytest.mark.parametrize("schema", [b"", b"{", b"[]", b"true", b'{"properties": 5}', b'{"required": "p"}', b"\xff"])
def test_of_a_broken_schema_nothing_is_known(schema: bytes) -> None:
    assert shape(schema) == Shape({})


def test_a_schema_nested_without_end() -> None:
    deep = b'{"anyOf":[' * 100_000 + b"]}" * 100_000
    assert shape(b'{"properties":{"p":' + deep + b"}}").optional == frozenset()
    assert READ.name == "Read"
