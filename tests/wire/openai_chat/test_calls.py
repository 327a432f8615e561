"""Which call a fragment belongs to."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec import Raw

from landbridge.neutral.blocks import Blocks
from landbridge.neutral.events import BlockStart, Delta, Event, Finish, Reason, Start, check_grammar
from landbridge.wire.openai_chat.calls import Calls, Misplaced
from landbridge.wire.openai_chat.types import Call, Function


def fragment(arguments: Any = None, name: str | None = None, **more: Any) -> Call:
    return Call(function=Function(name, Raw(msgspec.json.encode(arguments))), **more)


def joined(*fragments: Call) -> list[tuple[str, str, str]]:
    calls = Calls(Blocks(), lambda prefix: prefix + "new")
    events: list[Event] = [event for each in fragments for event in calls.add(each)]
    events += calls.close()
    starts = [event for event in events if isinstance(event, BlockStart)]
    return [
        (start.id, start.name, "".join(e.text for e in events if isinstance(e, Delta) and e.index == start.index))
        for start in starts
    ]


def test_by_index() -> None:
    assert joined(fragment('{"a"', "f", index=0, id="x"), fragment(":1}", index=0)) == [("x", "f", '{"a":1}')]


def test_p22_index_0_for_every_call() -> None:
    same_index = [fragment('{"a":1}', "f", index=0, id="x"), fragment('{"a":2}', "f", index=0, id="y")]
    assert joined(*same_index) == [("x", "f", '{"a":1}'), ("y", "f", '{"a":2}')]
    without_ids = [fragment('{"a":1}', "f", index=0), fragment('{"a":2}', "f", index=0)]
    assert [call[2] for call in joined(*without_ids)] == ['{"a":1}', '{"a":2}']
    other_name = [fragment("{", "f", index=0), fragment("}", index=0), fragment("{}", "g", index=0)]
    assert [call[1] for call in joined(*other_name)] == ["f", "g"]


def test_a_backend_that_repeats_name_and_id_is_one_call() -> None:
    assert joined(fragment('{"a"', "f", index=0, id="x"), fragment(":1}", "f", index=0, id="x")) == [
        ("x", "f", '{"a":1}')
    ]


def test_without_index_the_id_or_the_latest_call_counts() -> None:
    assert joined(fragment('{"a"', "f", id="x"), fragment(":1}", id="x")) == [("x", "f", '{"a":1}')]
    assert joined(fragment('{"a"', "f", id="x"), fragment(":1}")) == [("x", "f", '{"a":1}')]
    assert joined(fragment('{"a"', "f", id="x"), fragment(":1}", id="made-up")) == [("x", "f", '{"a":1}')]
    assert [call[0] for call in joined(fragment("{}", "f", id="x"), fragment("{}", "f", id="y"))] == ["x", "y"]


def test_a_missing_id_is_made_once() -> None:
    assert joined(fragment("{", "f", index=0), fragment("}", index=0)) == [("call_new", "f", "{}")]


def test_a_name_may_come_after_the_id_and_first_arguments() -> None:
    assert joined(fragment('{"a"', index=0, id="x"), fragment(":1}", "f", index=0)) == [("x", "f", '{"a":1}')]


def test_arguments_as_an_object_stay_as_they_are_written() -> None:
    assert joined(fragment({"b": 1, "a": 2}, "f", index=0, id="x")) == [("x", "f", '{"b":1,"a":2}')]


def completed(fragments: list[Call], repeated: list[Call]) -> list[tuple[str, str]]:
    """Name and arguments of calls that a last message repeats."""
    calls = Calls(Blocks(), lambda prefix: prefix + "new")
    events: list[Event] = [event for each in fragments for event in calls.add(each)]
    events += [*calls.complete(repeated), *calls.close()]
    check_grammar([Start(), *events, Finish(Reason.TOOLS)])
    starts = [event for event in events if isinstance(event, BlockStart)]
    return [
        (start.name, "".join(e.text for e in events if isinstance(e, Delta) and e.index == start.index))
        for start in starts
    ]


def test_p27_arguments_that_never_came_are_in_the_last_message() -> None:
    streamed = [fragment("", "f", index=0, id="x"), fragment("", "g", index=1, id="y"), fragment('{"b":2}', index=1)]
    repeated = [fragment('{"a":1}', "f", id="x"), fragment('{"b":3}', "g", id="y")]
    assert completed(streamed, repeated) == [("f", '{"a":1}'), ("g", '{"b":2}')]
    assert completed(streamed, repeated[::-1]) == [("f", '{"a":1}'), ("g", '{"b":2}')]
    without_ids = [fragment('{"a":1}', "f"), fragment('{"b":3}', "g")]
    assert completed(streamed, without_ids) == [("f", '{"a":1}'), ("g", '{"b":2}')]
    assert completed([], repeated) == [("f", '{"a":1}'), ("g", '{"b":3}')]


def test_p27_a_last_message_adds_no_calls_and_no_strange_arguments() -> None:
    streamed = [fragment("", "f", index=0, id="x")]
    assert completed(streamed, [fragment('{"a":1}', "g")]) == [("f", "{}")]
    more = [fragment("", "f", id="x"), fragment('{"a":1}', "g", id="y")]
    assert completed(streamed, more) == [("f", "{}")]


def test_a_call_that_never_gets_a_name_is_misplaced() -> None:
    with pytest.raises(Misplaced):
        joined(fragment("{}", index=0, id="x"))
