"""What judgements share judges rightly."""

from __future__ import annotations

import pytest

from landbridge.conformance.node import read_node
from landbridge.conformance.rule import Broken
from landbridge.conformance.rules import judging
from landbridge.conformance.said import Said, SaidCall

CALLS = [SaidCall("a", "Read", '{"x": 1}'), SaidCall("b", "Bash", "{}")]


def test_calls_are_compared_by_name_order_and_meaning() -> None:
    judging.same_calls(Said(calls=CALLS), ("Read", '{"x":1}'), ("Bash", " {} "))
    for wrong in ([("Read", '{"x":1}')], [("Bash", "{}"), ("Read", '{"x":1}')], [("Read", '{"x":2}'), ("Bash", "{}")]):
        with pytest.raises(Broken):
            judging.same_calls(Said(calls=CALLS), *wrong)


def test_ids_have_to_be_there_and_differ() -> None:
    judging.unique_ids(CALLS)
    for ids in (["a", "a"], ["a", ""]):
        with pytest.raises(Broken):
            judging.unique_ids([SaidCall(id, "Read", "{}") for id in ids])


def test_texts_are_compared_exactly() -> None:
    judging.same_text(Said(text="a ", thinking="b"), "a ", "b")
    for said in (Said(text="a", thinking="b"), Said(text="a ", thinking="c")):
        with pytest.raises(Broken):
            judging.same_text(said, "a ", "b")


def test_messages_are_read_whatever_form_their_content_has() -> None:
    messages = read_node(b'[{"role":"user","content":"a"},{"role":"tool","content":[{"type":"text","text":"b"}]}]')
    assert judging.roles(messages) == ["user", "tool"]
    assert [judging.content(message) for message in messages] == ["a", "b"]
    judging.has(judging.words(messages), "b", "it")
    with pytest.raises(Broken, match="it got lost"):
        judging.has("a", "b", "it")


def test_long_texts_are_shown_short() -> None:
    assert judging.short("x" * 500).endswith("...'") and len(judging.short("x" * 500)) < 200
    assert judging.short("a\n") == repr("a\n")
