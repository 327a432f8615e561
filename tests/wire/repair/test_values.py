"""Arguments inside markup: their keys, their types, and where their text ends."""

from __future__ import annotations

import json

import pytest

from landbridge.wire.repair.cursor import Broken, Cursor, NoCall, Waits
from landbridge.wire.repair.values import FOREIGN, as_text, checked_key, closes, exact, joined, read_object, typed

from .tools import SHAPES


def at(text: str) -> Cursor:
    return Cursor(text, SHAPES)


@pytest.mark.parametrize(
    ("key", "value", "plain", "whole"),
    [
        ("limit", "5", 5, 5),
        ("limit", "\n5\n", 5, 5),
        ("limit", "many", "many", "many"),
        ("offset", "null", None, None),
        ("file_path", "5", "5", "5"),
        ("file_path", "\n/a\n", "/a", "\n/a\n"),
        ("file_path", "\n\n", "", "\n\n"),
        ("unknown", "5", "5", "5"),
    ],
)
def test_p30_values_get_their_types_of_the_schema(key: str, value: str, plain: object, whole: object) -> None:
    """Some markup puts each value on lines of its own; elsewhere line breaks are the value's."""
    assert json.loads(typed(at(""), "Read", key, value)) == plain
    assert json.loads(exact(at(""), "Read", key, value)) == whole


def test_p30_an_object_is_read_and_mended() -> None:
    cursor = at('{"a": True,} rest')
    assert read_object(cursor) == ('{"a": true}', ("python_word", "trailing_comma"))
    assert (cursor.text[cursor.at :], cursor.named) == (" rest", True)
    with pytest.raises(NoCall):
        read_object(at("none"))
    with pytest.raises(Waits):
        read_object(at('{"a": '))
    with pytest.raises(Broken):
        read_object(at('{"a" "b"}'))


def test_p30_keys_look_like_keys() -> None:
    assert checked_key("file_path") == "file_path"
    for key in ("", "a b", "<a>", "a\nb"):
        with pytest.raises(Broken):
            checked_key(key)


def test_p30_objects_are_joined_of_json() -> None:
    assert json.loads(joined({'a"b': "1", "c": as_text("\n<x>")})) == {'a"b': 1, "c": "\n<x>"}
    assert joined({}) == "{}"


def test_p30_closing_tags_may_stand_after_blanks() -> None:
    cursor = at(" \n</x>y")
    assert closes(cursor, "</x>") and cursor.text[cursor.at :] == "y"
    assert not closes(cursor, "</x>")
    with pytest.raises(Waits):
        closes(at(" </"), "</x>")


@pytest.mark.parametrize(
    "text",
    [
        "<tool_call>",
        "<function=f>",
        "<parameter=p>",
        "<arg_key>",
        "[TOOL_CALLS]",
        "<|python_tag|>",
        "<｜DSML｜",
        "<|tool_call",
    ],
)
def test_p30_markup_inside_a_value_is_noticed(text: str) -> None:
    assert FOREIGN.search(f"a {text} b")
    assert not FOREIGN.search(f"a {text[1:]} b")
