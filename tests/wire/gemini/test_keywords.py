"""What single keywords of JSON Schema say."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.wire.gemini.keywords import (
    branches,
    follow,
    is_null,
    is_number,
    merged,
    says_nothing,
    spelled,
    type_of,
    values_of,
)


def test_a_schema_without_all_of_is_itself() -> None:
    node = {"type": "object", "allOf": "odd"}
    assert merged(node) is node


def test_all_of_is_what_each_part_demands() -> None:
    one = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "minProperties": 1,
        "maximum": 9,
    }
    two = {"properties": {"b": {}, "a": {"minLength": 1}}, "required": ["a", "b"], "minProperties": 2, "maximum": 5}
    assert merged({"allOf": [one, {"allOf": [two]}, True], "title": "t"}) == {
        "title": "t",
        "type": "object",
        "properties": {"a": {"allOf": [{"type": "string"}, {"minLength": 1}]}, "b": {}},
        "required": ["a", "b"],
        "minProperties": 2,
        "maximum": 5,
    }


def test_enumerations_are_cut_to_what_all_allow() -> None:
    assert merged({"enum": ["a", "b", "c"], "allOf": [{"enum": ["c", "b"]}]})["enum"] == ["b", "c"]
    assert merged({"enum": ["a"], "allOf": [{"enum": ["b"]}]})["enum"] == ["a"], "a contradiction keeps the first"


def test_what_can_stand_once_stays_as_the_first_says() -> None:
    unsaid: list[str] = []
    assert merged({"title": "a", "allOf": [{"title": "b", "pattern": "x"}, {"allOf": [{"pattern": "y"}]}]}, unsaid)
    assert unsaid == ["pattern"]
    assert merged({"type": "string", "allOf": [{"type": "integer", "pattern": "x"}]}) == {
        "type": "string",
        "pattern": "x",
    }
    assert merged({"properties": 1, "allOf": [{"properties": {}}]}) == {"properties": 1}


@pytest.mark.parametrize(
    ("node", "found"),
    [
        ({"anyOf": [1]}, [1]),
        ({"oneOf": [1, 2]}, [1, 2]),
        ({"type": ["string", "null"]}, [{"type": "string"}, {"type": "null"}]),
        ({"type": "string"}, None),
        ({"anyOf": []}, None),
        ({"type": []}, None),
        ({"type": [1]}, None),
    ],
)
def test_of_which_one_must_fit(node: dict[str, Any], found: object) -> None:
    assert branches(node) == found


def test_null_alone() -> None:
    assert is_null({"type": "null"}) and is_null({"type": "NULL"})
    assert not is_null({"type": ["null"]}) and not is_null(None) and not is_null({})


ROOT = {"$defs": {"a/b": {"c~d": 1}}, "list": [1]}


@pytest.mark.parametrize(
    ("reference", "found"),
    [("#", ROOT), ("#/$defs/a~1b/c~0d", 1), ("#/list/0", None), ("#/x/y", None), ("https://x.org", None), ("", None)],
)
def test_references_are_followed(reference: str, found: object) -> None:
    assert follow(ROOT, reference) == found


def test_values() -> None:
    assert values_of({"const": None}) == [None] and values_of({"enum": [1]}) == [1]
    assert values_of({}) == values_of({"enum": "x"}) == []


@pytest.mark.parametrize(
    ("values", "found"),
    [([True], "BOOLEAN"), ([1, 2], "INTEGER"), ([1, 2.5], "NUMBER"), (["a", 1], "STRING"), ([[]], "STRING")],
)
def test_the_type_of_values(values: list[Any], found: str) -> None:
    assert type_of(values) == found


def test_numbers_that_can_be_written_again() -> None:
    assert is_number(1) and is_number(-1.5)
    assert not is_number(True) and not is_number("1") and not is_number(1 << 63) and not is_number(float("inf"))


def test_values_are_spelled_as_json_or_themselves() -> None:
    assert [spelled(value) for value in ("a", 1, 1.5, True)] == ["a", "1", "1.5", "true"]


def test_constraints_that_constrain_nothing() -> None:
    assert says_nothing("propertyNames", {"type": "string"}) and says_nothing("uniqueItems", False)
    assert not says_nothing("propertyNames", {"pattern": "x"}) and not says_nothing("uniqueItems", True)
    assert not says_nothing("multipleOf", 1)
