"""Google's subset to JSON Schema."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.wire.gemini.json_schema import to_json_schema
from landbridge.wire.gemini.schema import to_openapi


def up(schema: object) -> object:
    return json.loads(bytes(to_json_schema(Raw(json.dumps(schema).encode()))))


def test_json_schema_stays_byte_for_byte() -> None:
    schema = Raw(b'{ "type" : "object", "properties": {"TYPE": {"type":["string","null"]}}, "minItems": 1.0 }')
    assert to_json_schema(schema) is schema


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ({"type": "STRING"}, {"type": "string"}),
        ({"type": "TYPE_UNSPECIFIED", "description": "d"}, {"description": "d"}),
        ({"type": "STRING", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "STRING", "nullable": False}, {"type": "string"}),
        ({"type": "STRING", "format": "enum", "enum": ["a"]}, {"type": "string", "enum": ["a"]}),
        ({"type": "STRING", "enum": ["a"], "nullable": True}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"type": "INTEGER", "enum": ["1", "20"]}, {"type": "integer", "enum": [1, 20]}),
        ({"type": "NUMBER", "enum": ["1.5", 2]}, {"type": "number", "enum": [1.5, 2]}),
        ({"type": "INTEGER", "enum": ["x"]}, {"type": "integer", "enum": ["x"]}),
        ({"type": "ARRAY", "minItems": "2", "max_items": 3}, {"type": "array", "minItems": 2, "maxItems": 3}),
        ({"any_of": [{"type": "STRING"}], "nullable": True}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ({"type": "STRING", "example": "x", "property_ordering": ["a"]}, {"type": "string"}),
        ({"nullable": True}, {}),
        ({"type": "Odd", "nullable": True}, {"type": ["Odd", "null"]}),
    ],
)
def test_what_becomes_of_googles_own(older: object, newer: object) -> None:
    assert up(older) == newer


def test_schemas_inside_schemas() -> None:
    older = {
        "type": "OBJECT",
        "properties": {"nullable": {"type": "ARRAY", "items": {"type": "STRING"}}, "type": {"type": "NUMBER"}},
        "propertyOrdering": ["type"],
        "required": ["type"],
    }
    assert up(older) == {
        "type": "object",
        "properties": {"nullable": {"type": "array", "items": {"type": "string"}}, "type": {"type": "number"}},
        "required": ["type"],
    }


@pytest.mark.parametrize(
    "odd",
    [
        {"type": "STRING", "properties": [1], "anyOf": {"a": 1}, "items": True, "enum": 1},
        {"type": 5, "nullable": True},
        {"type": "STRING", "minLength": "many"},
        ["STRING", {"nullable": True}],
    ],
)
def test_odd_values_stay(odd: object) -> None:
    assert json.dumps(up(odd))


def test_what_cannot_be_written_again_stays() -> None:
    for text in (b'{"type":"STRING","default":1e999}', b'{"nullable":', b'{"nullable":' + b"[" * 5000):
        assert bytes(to_json_schema(Raw(text))) in (text, b'{"type":"string","default":null}')
    huge = Raw(b'{"type":"STRING","default":%d}' % (1 << 70))
    assert json.loads(bytes(to_json_schema(huge)))["default"] == 1 << 70


SUBSET = st.recursive(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["STRING", "NUMBER", "BOOLEAN"])},
        optional={"nullable": st.just(True), "description": st.text(max_size=5), "title": st.text(max_size=3)},
    ),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"type": st.just("ARRAY"), "items": inner}, optional={"minItems": st.integers(0, 9)}),
        st.fixed_dictionaries(
            {
                "type": st.just("OBJECT"),
                "properties": st.dictionaries(st.text(max_size=9), inner, min_size=1, max_size=3),
            }
        ),
        st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=2, max_size=3)}),
    ),
    max_leaves=8,
)


@given(schema=SUBSET)
def test_law_5_the_subset_comes_back(schema: object) -> None:
    again = to_openapi(to_json_schema(Raw(json.dumps(schema).encode())))
    assert json.loads(bytes(again.schema)) == schema
    assert again.lost == ()
