"""Settings with comments are read as the clients read them, and joined without a loss."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.agents import jsonc

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
objects = st.dictionaries(st.text(), values, max_size=4)


def test_comments_and_trailing_commas_are_no_part_of_it() -> None:
    text = """
    // first
    {"url": "http://a//b", /* "no": 1, */ "list": [1, 2, /* end */ ], // more
     "quoted \\" // text": "/* stays */, }",
    }
    """
    assert jsonc.read(text) == {"url": "http://a//b", "list": [1, 2], 'quoted " // text': "/* stays */, }"}


@pytest.mark.parametrize("text", ["", "  \n", "// nothing", "\ufeff{}"])
def test_nothing_is_no_settings(text: str) -> None:
    assert jsonc.read(text) == {}


@pytest.mark.parametrize("text", ["[1]", "{", "{'a': 1}", "null", '{"a": }'])
def test_what_is_no_object_is_said(text: str) -> None:
    with pytest.raises(ValueError):
        jsonc.read(text)


@given(objects)
def test_what_is_written_is_read_again(value: jsonc.Json) -> None:
    assert jsonc.read(jsonc.write(value).decode()) == value
    assert json.loads(jsonc.write(value)) == value


def test_objects_are_joined_and_the_upper_wins() -> None:
    under = {"a": {"x": 1, "y": [1]}, "b": 2, "c": {"z": 1}}
    over = {"a": {"y": [2]}, "b": {"n": 1}, "c": 3}
    assert jsonc.lay_over(under, over) == {"a": {"x": 1, "y": [2]}, "b": {"n": 1}, "c": 3}
    assert under == {"a": {"x": 1, "y": [1]}, "b": 2, "c": {"z": 1}}


@given(objects, objects)
def test_laid_over_twice_is_laid_over_once(under: jsonc.Json, over: jsonc.Json) -> None:
    once = jsonc.lay_over(under, over)
    assert jsonc.lay_over(once, over) == once
    assert jsonc.lay_over(under, {}) == under
