"""Bodies as lines: JSON that reads as JSON, long texts folded, and what differs marked where it stands."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from landbridge.dashboard.pages.requests_json import FOLD, PLAIN, Body, body_of, marks_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


def written(body: Body) -> str:
    return "\n".join(f"{name}{value}" for _, name, value, _, _ in body.lines)


@given(VALUES.filter(lambda value: not isinstance(value, str)))
def test_law_the_lines_are_the_value(value: Any) -> None:
    assert json.loads(written(body_of(value, {}))) == value


def test_long_texts_are_folded_and_kept() -> None:
    long = "a" * (FOLD * 3)
    body = body_of({"x": long, "y": "short"}, {})
    assert body.texts == [long]
    _, name, value, _, text = body.lines[1]
    assert (name, len(value) < FOLD + 10, value.endswith("…,"), text) == ('"x": ', True, True, 0)
    assert body.lines[2][4] == PLAIN


def test_text_stays_text() -> None:
    body = body_of(f"event: x\ndata: {'z' * 500}\n", {})
    assert [line[4] for line in body.lines] == [PLAIN, 0]
    assert body.lines[0][2] == "event: x" and body.texts[0].startswith("data: zzz")


def marked(body: Body) -> dict[str, str]:
    return {f"{name}{value}".strip(","): kind for _, name, value, kind, _ in body.lines if kind}


def test_what_differs_is_marked_at_its_very_place() -> None:
    before = {"max_tokens": 64, "top_k": 5, "system": "Be brief, please.", "messages": [{"role": "user", "n": 1}]}
    after = {
        "max_completion_tokens": 64,
        "messages": [{"role": "user", "n": 2}],
        "stream": True,
        "say": "Be brief, please.",
    }
    marks = marks_of(before, after)
    old, new = body_of(before, marks.before), body_of(after, marks.after)
    assert marked(old) == {
        '"max_tokens": 64': "moved",
        '"top_k": 5': "left out",
        '"system": "Be brief, please."': "moved",
        '"n": 1': "changed",
    }
    assert marked(new) == {
        '"max_completion_tokens": 64': "moved",
        '"n": 2': "changed",
        '"stream": true': "added",
        '"say": "Be brief, please."': "moved",
    }
    assert old.marked == 4, "lines that follow each other with one mark count once"
    assert {change.kind for change in marks.changes} == {"moved", "left out", "added", "changed"}


def test_what_moved_is_marked_with_all_that_is_in_it() -> None:
    before = {"input_schema": {"type": "object", "properties": {"path": {"type": "string"}}}}
    after = {"function": {"parameters": {"type": "object", "properties": {"path": {"type": "string"}}}}}
    marks = marks_of(before, after)
    assert all(line[3] == "moved" for line in body_of(before, marks.before).lines[1:-1])


def test_text_that_is_json_is_marked_as_a_whole() -> None:
    marks = marks_of({"args": '{"a": 1}'}, {"args": '{"a": 2}'})
    assert marked(body_of({"args": '{"a": 1}'}, marks.before)) == {'"args": "{\\"a\\": 1}"': "changed"}


def test_streams_are_not_compared() -> None:
    assert marks_of("data: 1", {"a": 1}) == ({}, {}, [])
