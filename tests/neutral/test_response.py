"""Whole answers and streams are the same thing twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.errors import Cut
from landbridge.neutral.events import (
    BlockStart,
    BlockStop,
    Delta,
    Event,
    Extra,
    Failed,
    Finish,
    Kind,
    Reason,
    Start,
    Usage,
    check_grammar,
)
from landbridge.neutral.parts import Image, Opaque, Text, Thinking, ToolCall
from landbridge.neutral.response import Collector, Response, collect, replay
from tests.laws.strategies import responses


@given(responses())
def test_collect_undoes_replay(response: Response) -> None:
    events = list(replay(response))
    check_grammar(events)
    assert collect(events) == response


@given(responses(), st.randoms(use_true_random=False))
def test_how_a_text_is_cut_makes_no_difference(response: Response, random: object) -> None:
    events: list[Event] = []
    for event in replay(response):
        if isinstance(event, Delta):
            events += [Delta(event.index, character) for character in event.text]
        else:
            events.append(event)
    assert collect(events) == response


def test_every_kind_of_block() -> None:
    events: list[Event] = [
        Start("id", "m", Usage(input=3)),
        BlockStart(0, Kind.THINKING),
        Delta(0, "h"),
        Delta(0, "m"),
        BlockStop(0, "sig", "anthropic"),
        BlockStart(1, Kind.THINKING, redacted=True),
        BlockStop(1, "secret", "anthropic"),
        BlockStart(2, Kind.TEXT),
        Extra(2, "anthropic", "citation", Raw(b"1")),
        Delta(2, "hi"),
        BlockStop(2),
        BlockStart(3, Kind.TOOL, "t1", "Read"),
        BlockStop(3),
        BlockStart(4, Kind.OPAQUE, dialect="anthropic", name="new", raw=Raw(b"{}")),
        BlockStop(4),
        Usage(output=4),
        Finish(Reason.TOOLS),
    ]
    assert collect(events) == Response(
        parts=(
            Thinking("hm", "sig", origin="anthropic"),
            Thinking("", "secret", redacted=True, origin="anthropic"),
            Text("hi"),
            ToolCall("t1", "Read", Raw(b"{}")),
            Opaque("anthropic", "new", Raw(b"{}")),
        ),
        finish=Finish(Reason.TOOLS),
        usage=Usage(input=3, output=4),
        id="id",
        model="m",
        extras=(Extra(2, "anthropic", "citation", Raw(b"1")),),
    )


def test_a_failed_stream_raises_its_error() -> None:
    with pytest.raises(Cut, match="gone"):
        collect([Start(), Failed(Cut("gone"))])


def test_a_stream_without_an_end_is_no_answer() -> None:
    with pytest.raises(AssertionError):
        collect([Start()])


def test_a_stop_without_its_start_adds_nothing() -> None:
    collector = Collector()
    for event in (Start(), BlockStop(0), Finish(Reason.END)):
        collector.feed(event)
    assert collector.response().parts == ()


def test_parts_that_cannot_be_streamed_are_left_out() -> None:
    finish = Finish(Reason.END)
    shown = collect(replay(Response((Image(url="http://x"), Text("a")), finish)))
    assert shown.parts == (Text("a"),)
