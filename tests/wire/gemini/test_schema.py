"""JSON Schema down to Google's subset (P35)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from landbridge.wire.gemini.schema import ANY, to_openapi, to_parameters

Lost = list[str]


def down(schema: object) -> tuple[Any, Lost]:
    converted = to_openapi(Raw(json.dumps(schema).encode()))
    return json.loads(bytes(converted.schema)), [where for where, _ in converted.lost]


def parameters(schema: object) -> tuple[Any, Lost]:
    converted = to_parameters(Raw(json.dumps(schema).encode()))
    return json.loads(bytes(converted.schema) or b"null"), [where for where, _ in converted.lost]


def object_of(**properties: object) -> dict[str, object]:
    return {"type": "object", "properties": properties}


STRING = {"type": "STRING"}


@pytest.mark.parametrize(
    ("schema", "converted"),
    [
        ({"type": "string", "minLength": 1, "pattern": "^a"}, {"type": "STRING", "pattern": "^a", "minLength": 1}),
        ({"type": "STRING"}, STRING),
        ({"type": "STRING", "nullable": True}, {"type": "STRING", "nullable": True}),
        ({"type": "string", "$schema": "x", "$id": "y", "$comment": "z", "default": "d", "examples": [1]}, STRING),
        ({"type": "string", "format": "uri"}, STRING),
        ({"type": "string", "format": "date-time"}, {"type": "STRING", "format": "date-time"}),
        ({"type": "integer", "format": "int64"}, {"type": "INTEGER", "format": "int64"}),
        ({"type": "number", "format": "date-time"}, {"type": "NUMBER"}),
        ({"type": ["string", "null"]}, {"type": "STRING", "nullable": True}),
        ({"type": "string", "enum": ["a", None]}, {"type": "STRING", "nullable": True, "enum": ["a"]}),
        ({"const": "a"}, {"type": "STRING", "enum": ["a"]}),
        ({"type": "boolean", "enum": [True, False]}, {"type": "BOOLEAN"}),
        ({"type": "integer", "exclusiveMinimum": 0}, {"type": "INTEGER", "minimum": 1}),
        ({"type": "integer", "exclusiveMaximum": 10, "maximum": 5}, {"type": "INTEGER", "maximum": 5}),
        ({"type": "integer", "minimum": 3, "exclusiveMinimum": True}, {"type": "INTEGER", "minimum": 4}),
        ({"minimum": 1}, {"type": "NUMBER", "minimum": 1}),
        ({"maxLength": 3}, {"type": "STRING", "maxLength": 3}),
        ({"items": {"type": "string"}}, {"type": "ARRAY", "items": STRING}),
        ({"type": "array", "items": {"type": "string"}, "uniqueItems": False}, {"type": "ARRAY", "items": STRING}),
        ({"type": "object", "additionalProperties": False}, {"type": "OBJECT"}),
        ({"type": "object", "propertyNames": {"type": "string"}, "additionalProperties": {}}, {"type": "OBJECT"}),
    ],
)
def test_p35_what_means_the_same_in_other_words(schema: object, converted: object) -> None:
    assert down(schema) == (converted, [])


@pytest.mark.parametrize(
    ("schema", "converted", "where"),
    [
        ({"type": "integer", "multipleOf": 5}, {"type": "INTEGER"}, ".multipleOf"),
        ({"type": "number", "exclusiveMinimum": 0}, {"type": "NUMBER", "minimum": 0}, ".exclusiveMinimum"),
        ({"type": "integer", "enum": [1, 2], "minimum": 1}, {"type": "STRING", "enum": ["1", "2"]}, ".enum"),
        ({"type": "integer", "const": 5, "format": "int32"}, {"type": "STRING", "enum": ["5"]}, ".enum"),
        ({"enum": ["a", ""]}, {"type": "STRING", "enum": ["a"]}, ".enum"),
        ({"enum": [""]}, STRING, ".enum"),
        ({"enum": [True]}, {"type": "BOOLEAN"}, ".enum"),
        ({"type": "boolean", "const": True}, {"type": "BOOLEAN"}, ".enum"),
        ({"type": "object", "enum": [{}]}, {"type": "OBJECT"}, ".enum"),
        (
            {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
            {"type": "ARRAY", "items": STRING},
            ".uniqueItems",
        ),
        ({"type": "object", "additionalProperties": {"type": "string"}}, {"type": "OBJECT"}, ".additionalProperties"),
        ({"type": "object", "propertyNames": {"pattern": "x"}}, {"type": "OBJECT"}, ".propertyNames"),
        ({"type": "string", "not": {"const": "a"}}, STRING, ".not"),
        ({"type": "string", "if": {}, "then": {}, "else": {}}, STRING, ".if"),
        ({"type": "array"}, {"type": "ARRAY", "items": ANY}, ".items"),
        ({"description": "d"}, {"description": "d", **ANY}, ""),
        (True, ANY, ""),
        ({"type": "null"}, {"type": "STRING", "nullable": True}, ""),
        ({"type": ["null"]}, {"type": "STRING", "nullable": True}, ""),
        ({"type": "odd"}, ANY, ""),
        ({"allOf": [{"pattern": "a"}, {"pattern": "b"}]}, {"type": "STRING", "pattern": "a"}, ".pattern"),
    ],
)
def test_p35_a_constraint_without_a_place_is_reported(schema: object, converted: object, where: str) -> None:
    assert down(schema) == (converted, [where])


def test_nothing_at_all_cannot_be_said() -> None:
    assert down({"anyOf": [False, {"type": "string"}]}) == ({"anyOf": [ANY, STRING]}, [".anyOf[0]"] * 2)


def test_p35_properties_may_have_any_name() -> None:
    names = (
        "properties",
        "$schema",
        "type",
        "required",
        "anyOf",
        "additionalProperties",
        "const",
        "$ref",
        "exclusiveMinimum",
    )
    schema = {**object_of(**{name: {"type": "string"} for name in names}), "required": list(names)}
    found, lost = down(schema)
    assert found == {"type": "OBJECT", "properties": dict.fromkeys(names, STRING), "required": list(names)}
    assert lost == []


def test_only_known_properties_are_required_or_ordered() -> None:
    schema = {**object_of(a={"type": "string"}), "required": ["a", "b", {}, [], 5], "propertyOrdering": ["c"]}
    assert down(schema)[0] == {"type": "OBJECT", "properties": {"a": STRING}, "required": ["a"]}


def test_p35_one_of_and_unions_of_types_become_any_of() -> None:
    number = {"type": "NUMBER"}
    assert down({"oneOf": [{"type": "string"}, {"type": "number"}], "title": "t"})[0] == {
        "title": "t",
        "anyOf": [STRING, number],
    }
    assert down({"type": ["string", "number", "null"], "description": "d"})[0] == {
        "description": "d",
        "anyOf": [STRING, number],
        "nullable": True,
    }
    assert down({"anyOf": [{"type": "null"}, {"type": "string"}], "description": "d"})[0] == {
        **STRING,
        "description": "d",
        "nullable": True,
    }
    assert down({"type": ["object", "null"], "properties": {"a": {"type": "string"}}})[0]["properties"] == {"a": STRING}


def test_what_all_of_a_choice_share_stands_in_each() -> None:
    schema = {
        **object_of(a={"type": "string"}, b={"type": "string"}),
        "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
    }
    found, lost = down(schema)
    assert [(each["type"], list(each["properties"]), each["required"]) for each in found["anyOf"]] == [
        ("OBJECT", ["a", "b"], ["a"]),
        ("OBJECT", ["a", "b"], ["b"]),
    ]
    assert lost == []
    assert down({"anyOf": [{"type": "string"}, {"type": "number"}], "oneOf": [{}]})[1] == [".oneOf"]


def test_p35_references_are_put_in_their_place() -> None:
    schema = {
        **object_of(a={"$ref": "#/$defs/name", "description": "here"}, b={"$ref": "#/definitions/pair"}),
        "$defs": {"name": {"type": "string", "minLength": 1, "description": "there"}},
        "definitions": {"pair": {"type": "array", "items": {"$ref": "#/$defs/name"}}},
    }
    found, lost = down(schema)
    assert found["properties"]["a"] == {"type": "STRING", "description": "here", "minLength": 1}
    assert found["properties"]["b"]["items"] == {"type": "STRING", "description": "there", "minLength": 1}
    assert "$defs" not in found and lost == []


def test_all_of_references() -> None:
    parts = {"a": object_of(x={"type": "string"}), "b": {**object_of(y={"type": "string"}), "required": ["y"]}}
    found, _ = down({"allOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/b"}, True], "$defs": parts})
    assert found == {"type": "OBJECT", "properties": {"x": STRING, "y": STRING}, "required": ["y"]}


def test_p35_a_schema_within_itself_is_cut() -> None:
    tree = {**object_of(name={"type": "string"}, children={"type": "array", "items": {"$ref": "#"}})}
    found, lost = down(tree)
    inner = found["properties"]["children"]["items"]
    assert inner["properties"]["children"]["items"] == {"type": "OBJECT"}
    assert len(lost) == 1 and lost[0].startswith(".properties.children.items")
    loop = {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}
    assert down(loop) == ({"type": "OBJECT"}, [""])


def test_a_reference_to_nowhere_is_an_object() -> None:
    assert down({"$ref": "https://example.com/schema"}) == ({"type": "OBJECT"}, [""])


def test_a_schema_that_references_make_endless_is_cut() -> None:
    levels = {f"l{n}": object_of(a={"$ref": f"#/$defs/l{n + 1}"}, b={"$ref": f"#/$defs/l{n + 1}"}) for n in range(30)}
    found, lost = down({"$ref": "#/$defs/l0", "$defs": {**levels, "l30": {"type": "string"}}})
    assert found["type"] == "OBJECT" and "" in lost
    assert len(json.dumps(found)) < 500_000


def test_rows_of_items_become_a_choice() -> None:
    row = [{"type": "string"}, {"type": "number"}]
    both = {"type": "ARRAY", "items": {"anyOf": [STRING, {"type": "NUMBER"}]}}
    assert down({"type": "array", "prefixItems": row}) == (both, [".prefixItems"])
    assert down({"type": "array", "items": row}) == (both, [".prefixItems"])
    assert down({"type": "array", "prefixItems": row[:1], "items": row[1]})[0] == both
    assert down({"type": "array", "prefixItems": row[:1], "items": False})[0] == {"type": "ARRAY", "items": STRING}


@pytest.mark.parametrize("text", [b"no json", b"[" * 5000, b'{"a":' * 5000])
def test_what_is_no_json_is_an_object(text: bytes) -> None:
    converted = to_openapi(Raw(text))
    assert bytes(converted.schema) == b'{"type":"OBJECT"}' and converted.lost


def test_a_schema_nested_too_deeply_is_an_object() -> None:
    depth = 900
    text = b'{"type":"array","items":' * depth + b"{}" + b"}" * depth
    assert json.loads(bytes(to_openapi(Raw(text)).schema))["type"] in ("ARRAY", "OBJECT")


def test_parameters_are_an_object_with_properties_or_nothing() -> None:
    full = object_of(a={"type": "string"})
    assert parameters(full) == ({"type": "OBJECT", "properties": {"a": STRING}}, [])
    assert parameters({"type": "object", "properties": {}}) == (None, [])
    assert parameters({"type": "string"}) == parameters({}) == (None, [])
    assert bytes(to_parameters(Raw(b"")).schema) == b""


def test_parameters_that_are_a_choice_become_one_object() -> None:
    one, two = (
        {**object_of(a={"type": "string"}, k={"const": "x"}), "required": ["k", "a"]},
        object_of(k={"const": "y"}),
    )
    found, lost = parameters({"anyOf": [one, {**two, "required": ["k"]}, {"type": "string"}]})
    assert found["required"] == ["k"] and list(found["properties"]) == ["k", "a"] and found["type"] == "OBJECT"
    assert lost == [""]
    assert parameters({"anyOf": [{"type": "string"}, {"type": "number"}]})[0] is None
