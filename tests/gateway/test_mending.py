"""What answers go through, in what order, and what is counted of it."""

from __future__ import annotations

from msgspec import Raw

from landbridge.errors import Crashed
from landbridge.gateway.hollow import Hollow
from landbridge.gateway.ids import new_id
from landbridge.gateway.mending import Mending
from landbridge.gateway.originals import Originals
from landbridge.gateway.watch import Watch
from landbridge.neutral.events import (
    BlockStart,
    BlockStop,
    Delta,
    Event,
    Failed,
    Finish,
    Kind,
    Reason,
    Start,
    Usage,
    check_grammar,
)
from landbridge.neutral.parts import Message, Text, ToolCall
from landbridge.neutral.request import Request, Tool
from landbridge.neutral.response import collect
from landbridge.wire.openai_chat.called import Called
from landbridge.wire.repair.repairs import Repairs

ASKED = Request(
    model="m",
    messages=(Message("user", (Text("Q"),)),),
    tools=(Tool("f", schema=Raw(b'{"type":"object","properties":{"n":{"type":"integer"}}}')),),
)
CALL = '<tool_call>{"name": "f", "arguments": {"n": 1}}</tool_call>'


def mending(*, repairs: bool = False, hollow: bool = False) -> Mending:
    made = Mending(Watch(Originals(), lambda: 9))
    if repairs:
        made.repairs = Repairs(ASKED, new_id)
    if hollow:
        made.hollow = Hollow()
    return made


def said(text: str) -> list[Event]:
    return [Start(), BlockStart(0, Kind.TEXT), Delta(0, text), BlockStop(0), Usage(output=3), Finish(Reason.END)]


def test_an_answer_has_begun_with_its_first_block() -> None:
    made = mending()
    assert made.feed([Start(), Usage(input=3), Failed(Crashed("It died."))])
    assert [made.answered] == [False], "somebody else may answer"
    made = mending()
    made.feed([Start(), BlockStart(0, Kind.TEXT)])
    assert made.answered


def test_calls_made_of_text_are_repaired_and_counted_over_all_rounds() -> None:
    made = mending(repairs=True)
    events = [*made.feed(said(CALL)), *made.close()]
    check_grammar(events)
    (call,) = [part for part in collect(events).parts if isinstance(part, ToolCall)]
    assert (call.name, bytes(call.args)) == ("f", b'{"n": 1}')
    first = made.counts
    assert sum(first.values()) >= 1
    made.go_on()
    assert made.counts == first and made.repairs is None
    made.repairs = Repairs(ASKED, new_id)
    made.feed(said(CALL))
    assert sum(made.counts.values()) == 2 * sum(first.values())


def test_a_forced_call_comes_before_repairs() -> None:
    made = mending(repairs=True)
    made.called = Called(new_id)
    response = made.whole(collect(said('{"name": "f", "arguments": {"n": 2}}')))
    (call,) = [part for part in response.parts if isinstance(part, ToolCall)]
    assert (call.name, bytes(call.args)) == ("f", b'{"n": 2}')


def test_an_empty_answer_is_asked_for_again_and_that_is_counted() -> None:
    made = mending(hollow=True)
    first = made.feed([Start(), Usage(output=0), Finish(Reason.END)])
    assert [made.goes_on] == [True]
    assert not any(isinstance(event, Finish) for event in first)
    made.ask_again()
    assert (made.goes_on, made.counts) == (False, {"empty answer": 1})
    assert isinstance(made.feed(said("Yes."))[-1], Finish)


def test_without_repairs_nothing_is_held_back() -> None:
    made = mending()
    assert made.close() == [] and made.counts == {}
    assert made.whole(collect(said("Yes."))).parts == (Text("Yes."),)
