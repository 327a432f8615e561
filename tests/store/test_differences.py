"""What became of a value on its way into another form: found by what it is, not by where it stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.store.differences import Change, differences, each_difference

CASES = Path(__file__).parent.parent / "cases"


def said(before: Any, after: Any) -> list[tuple[str, str, str, int]]:
    return [(each.kind, each.before, each.after, each.count) for each in differences(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ({"a": 1, "b": [True, None]}, {"b": [True, None], "a": 1}, []),
        ({"a": 1}, {"a": 2}, [("changed", "a", "a", 1)]),
        ({"a": True}, {"a": 1}, [("changed", "a", "a", 1)]),
        ({"a": 1}, {}, [("left out", "a", "", 1), ("added", "", "all of it", 1)]),
        ({"a": {}}, {"a": []}, [("changed", "a", "a", 1)]),
        # under another name: numbers only where they can be meant
        ({"max_tokens": 64}, {"max_completion_tokens": 64}, [("moved", "max_tokens", "max_completion_tokens", 1)]),
        ({"n": 1}, {"m": 1}, [("left out", "n", "", 1), ("added", "", "m", 1)]),
        ({"a": 7, "b": 7}, {"c": 7}, [("left out", "a", "", 1), ("left out", "b", "", 1), ("added", "", "c", 1)]),
        # what moved with all that is in it is one change
        (
            {"tools": [{"input_schema": {"x": "ab", "y": {"z": "cd"}}}, {"input_schema": {"x": "ef"}}]},
            {"tools": [{"parameters": {"x": "ab", "y": {"z": "cd"}}}, {"parameters": {"x": "ef"}}]},
            [("moved", "tools[*].input_schema", "tools[*].parameters", 3)],
        ),
        # text that is JSON is looked into
        (
            {"input": {"path": "/a"}},
            {"arguments": '{"path": "/a"}'},
            [("moved", "input", "arguments as JSON", 1)],
        ),
        # texts that were joined
        (
            {"system": [{"text": "You are brief."}, {"text": "You are kind now."}]},
            {"content": "You are brief.\n\nYou are kind now."},
            [("moved", "system[*].text", "content", 2)],
        ),
        ("some text", "some text", []),
        ("one", "two", [("changed", "all of it", "all of it", 1)]),
    ],
)
def test_changes(before: Any, after: Any, changes: list[tuple[str, str, str, int]]) -> None:
    assert said(before, after) == changes


def test_one_by_one_they_have_their_very_places() -> None:
    before, after = {"a": [{"x": 1}, {"x": 2}]}, {"a": [{"x": 3}, {"x": 4}]}
    assert said(before, after) == [("changed", "a[*].x", "a[*].x", 2)]
    each = each_difference(before, after)
    assert [(one.before, one.old, one.new) for one in each] == [("a[0].x", 1, 3), ("a[1].x", 2, 4)]


def test_values_are_told() -> None:
    assert differences({"a": "x" * 20, "b": 1}, {"b": 2}) == [
        Change("changed", "b", "b", 1, 2),
        Change("left out", "a", old="x" * 20),
    ]
    (within,) = differences({"a": "a part of it"}, {"b": "here is a part of it, and more"})
    assert (within.kind, within.within) == ("moved", True)


def test_a_real_request_of_claude_code() -> None:
    before = json.loads((CASES / "anthropic" / "claude_code" / "request.json").read_bytes())
    after = json.loads((CASES / "anthropic" / "claude_code" / "to.openai_chat.request.json").read_bytes())
    changes = {(each.kind, each.before or each.after): each for each in differences(before, after)}
    assert changes["moved", "tools[*].input_schema"].after == "tools[*].function.parameters"
    assert changes["moved", "messages[*].content[*].tool_use_id"].after == "messages[*].tool_call_id"
    assert changes["left out", "context_management.edits[0].keep"].old == "all"
    assert changes["added", "stream_options.include_usage"].new is True


values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 500) | st.text("ab ", max_size=14),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b", "text"]), inner, max_size=3),
    max_leaves=12,
)


def leaves(value: Any, path: str = "") -> dict[str, str]:
    """Everything that is no list and no object, or an empty one."""
    if value and isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        return {at: leaf for name, each in inner for at, leaf in leaves(each, f"{path}/{name}").items()}
    return {path: repr(value)}


@given(values)
def test_law_nothing_differs_from_itself(value: Any) -> None:
    assert differences(value, value) == []


@given(values, values)
def test_law_every_value_is_accounted_for(before: Any, after: Any) -> None:
    changes = differences(before, after)
    old, new = leaves(before), leaves(after)
    count = {kind: sum(each.count for each in changes if each.kind == kind) for kind in KINDS}
    within = sum(each.count for each in changes if each.within)
    assert count["moved"] + count["changed"] + count["left out"] == len(old.items() - new.items())
    gained = len(new.items() - old.items())
    assert count["moved"] - within + count["changed"] + count["added"] <= gained
    assert within or count["moved"] + count["changed"] + count["added"] == gained


KINDS = ("moved", "changed", "left out", "added")
