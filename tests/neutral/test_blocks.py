"""The block machine: its rules one by one, then all of them over random interleavings."""

from __future__ import annotations

import pytest
from hypothesis import given
from msgspec import Raw

from landbridge.neutral.blocks import Blocks, is_whole
from landbridge.neutral.events import (
    BlockStart,
    BlockStop,
    Delta,
    Event,
    Extra,
    Finish,
    Kind,
    Reason,
    Start,
    check_grammar,
)
from landbridge.neutral.parts import Text, Thinking, ToolCall
from landbridge.neutral.response import collect
from tests.laws.strategies import Story, stories

TEXT, THINKING, TOOL = Kind.TEXT, Kind.THINKING, Kind.TOOL


def play(story: Story) -> list[list[Event]]:
    """What leaves the machine for each fragment; the last list is that of `close`."""
    blocks = Blocks()
    out: list[list[Event]] = []
    announced: set[int] = set()
    for each in story.fragments:
        if each.kind is TOOL and each.call not in announced:
            announced.add(each.call)
            out.append(blocks.add(TOOL, each.text, each.call, *story.calls[each.call]))
        else:
            out.append(blocks.add(each.kind, each.text, each.call if each.kind is TOOL else None))
    return [*out, blocks.close()]


def stream(story: Story) -> list[Event]:
    """All of it as one stream."""
    return [Start(), *(event for events in play(story) for event in events), Finish(Reason.END)]


@given(stories())
def test_any_interleaving_follows_the_grammar(story: Story) -> None:
    check_grammar(stream(story))


@given(stories())
def test_nothing_is_lost_doubled_or_invented(story: Story) -> None:
    parts = collect(stream(story)).parts
    assert "".join(part.text for part in parts if isinstance(part, Text)) == story.said(TEXT)
    assert "".join(part.text for part in parts if isinstance(part, Thinking)) == story.said(THINKING)
    calls = sorted((part.id, part.name, bytes(part.args).decode()) for part in parts if isinstance(part, ToolCall))
    assert calls == sorted((id, name, story.said(TOOL, at)) for at, (id, name) in enumerate(story.calls))


@given(stories())
def test_no_ghost_blocks(story: Story) -> None:
    parts = collect(stream(story)).parts
    assert all(part.text for part in parts if isinstance(part, (Text, Thinking)))
    assert all(part.name for part in parts if isinstance(part, ToolCall))


@given(stories(orderly=True))
def test_orderly_streams_are_never_delayed(story: Story) -> None:
    waits_for_end = False
    for each, events in zip(story.fragments, play(story), strict=False):
        # A call without any arguments is whole only when its provider says so, at the end.
        waits_for_end = waits_for_end or (
            each.kind is TOOL and not any(other.text for other in story.fragments if other.call == each.call)
        )
        if not waits_for_end:
            assert "".join(event.text for event in events if isinstance(event, Delta)) == each.text


def test_p5_p6_kinds_come_in_any_order_one_block_after_the_other() -> None:
    blocks = Blocks()
    assert blocks.add(TEXT, "a") == [BlockStart(0, TEXT), Delta(0, "a")]
    assert blocks.add(THINKING, "b") == [BlockStop(0), BlockStart(1, THINKING), Delta(1, "b")]
    assert blocks.add(TEXT, "c") == [BlockStop(1), BlockStart(2, TEXT), Delta(2, "c")]
    assert blocks.close() == [BlockStop(2)]


def test_p2_p3_the_fragment_that_opens_a_block_is_not_lost() -> None:
    blocks = Blocks()
    blocks.add(THINKING, "hm")
    assert blocks.add(TOOL, '{"a":', 0, "id", "f") == [
        BlockStop(0),
        BlockStart(1, TOOL, "id", "f"),
        Delta(1, '{"a":'),
    ]


def test_p23_p24_interleaved_calls_wait_for_the_open_one() -> None:
    blocks = Blocks()
    blocks.add(TOOL, '{"a"', 0, "x", "f")
    assert blocks.add(TOOL, '{"b"', 1, "y", "g") == []
    assert blocks.add(TEXT, "and") == []
    assert blocks.add(TEXT, " so") == []
    assert blocks.add(TOOL, ":2}", 1) == []
    assert blocks.add(TOOL, "", 0) == []
    assert blocks.add(TOOL, ":1}", 0) == [
        Delta(0, ":1}"),
        BlockStop(0),
        BlockStart(1, TOOL, "y", "g"),
        Delta(1, '{"b":2}'),
        BlockStop(1),
        BlockStart(2, TEXT),
        Delta(2, "and so"),
    ]
    assert blocks.close() == [BlockStop(2)]


def test_p26_a_call_without_arguments_gets_an_empty_object() -> None:
    blocks = Blocks()
    assert blocks.add(TOOL, "", 0, "x", "f") == [BlockStart(0, TOOL, "x", "f")]
    assert blocks.close() == [Delta(0, "{}"), BlockStop(0)]


def test_what_waits_behind_a_broken_call_is_delivered_at_the_end() -> None:
    blocks = Blocks()
    blocks.add(TOOL, "{", 0, "x", "f")
    blocks.add(TOOL, "", 1, "y", "g")
    assert blocks.close() == [BlockStop(0), BlockStart(1, TOOL, "y", "g"), Delta(1, "{}"), BlockStop(1)]


@pytest.mark.parametrize("kind", [TEXT, THINKING])
def test_an_empty_fragment_opens_nothing(kind: Kind) -> None:
    assert Blocks().add(kind, "") == []


def test_an_empty_fragment_that_announces_no_tool_opens_nothing() -> None:
    assert Blocks().add(TOOL, "", 0) == []


@pytest.mark.parametrize("id", ["", "x"])
@pytest.mark.parametrize("blank", ["", " ", "\n"])
def test_a_blank_fragment_after_its_closed_tool_opens_nothing(blank: str, id: str) -> None:
    blocks = Blocks()
    blocks.add(TOOL, "{}", 0, "x", "f")
    blocks.add(TEXT, "a")
    assert blocks.add(TOOL, blank, 0, id) == []


def test_p22_a_name_after_its_closed_tool_is_a_new_call() -> None:
    blocks = Blocks()
    blocks.add(TOOL, "{}", 0, "x", "f")
    blocks.add(TEXT, "a")
    assert blocks.add(TOOL, "", 0, "y", "f") == [BlockStop(1), BlockStart(2, TOOL, "y", "f")]


def test_p23_a_whole_block_waits_for_the_open_call() -> None:
    """A ciphertext or a hosted call that comes between the arguments of a call does not end it."""
    blocks = Blocks()
    events = blocks.add(Kind.TOOL, '{"a":', key=0, id="call_1", name="Read")
    assert blocks.put(BlockStart(0, Kind.THINKING, redacted=True), BlockStop(0, "s", "other")) == []
    assert blocks.add(Kind.THINKING, "Hm") == []
    events += blocks.add(Kind.TOOL, "1}", key=0)
    events += blocks.close()
    assert events == [
        BlockStart(0, Kind.TOOL, "call_1", "Read"),
        Delta(0, '{"a":'),
        Delta(0, "1}"),
        BlockStop(0),
        BlockStart(1, Kind.THINKING, redacted=True),
        BlockStop(1, "s", "other"),
        BlockStart(2, Kind.THINKING),
        Delta(2, "Hm"),
        BlockStop(2),
    ]


def test_a_signature_that_comes_too_late_is_not_taken() -> None:
    blocks = Blocks()
    blocks.add(Kind.THINKING, "Hm", key=0)
    assert blocks.sign("early", "other", Kind.THINKING, key=0)
    blocks.add(Kind.TEXT, "Hi")
    assert not blocks.sign("late", "other", Kind.THINKING, key=0)
    assert not blocks.sign("never", "other", Kind.TEXT, key=7)


def test_a_signature_leaves_with_the_stop_of_its_block() -> None:
    blocks = Blocks()
    blocks.add(TOOL, "{", 0, "x", "f")
    blocks.add(TOOL, "{", 1, "y", "g")
    blocks.sign("s1", "gemini", TOOL, 1)
    blocks.sign("s0", "gemini", TOOL, 0)
    blocks.sign("s9", "gemini", TEXT)
    stops = [event for event in blocks.close() if isinstance(event, BlockStop)]
    assert stops == [BlockStop(0, "s0", "gemini"), BlockStop(1, "s1", "gemini")]


def test_a_whole_block_is_numbered_in_place() -> None:
    blocks = Blocks()
    blocks.add(TEXT, "a")
    start = BlockStart(9, Kind.OPAQUE, dialect="gemini", name="code", raw=Raw(b"{}"))
    assert blocks.put(start, BlockStop(9, "s", "gemini")) == [
        BlockStop(0),
        BlockStart(1, Kind.OPAQUE, dialect="gemini", name="code", raw=Raw(b"{}")),
        BlockStop(1, "s", "gemini"),
    ]
    assert blocks.add(TEXT, "b") == [BlockStart(2, TEXT), Delta(2, "b")]


def test_p22_it_knows_which_calls_are_complete() -> None:
    blocks = Blocks()
    assert not blocks.is_complete(0)
    blocks.add(TOOL, '{"a":', 0, "x", "f")
    blocks.add(TOOL, "{}", 1, "y", "g")
    assert (blocks.is_complete(0), blocks.is_complete(1)) == (False, True)
    blocks.add(TOOL, "1}", 0)
    assert (blocks.is_complete(0), blocks.is_complete(1)) == (True, True)
    blocks.add(TEXT, "a")
    assert blocks.is_complete(0)


def test_records_beside_the_blocks_name_the_open_one() -> None:
    blocks = Blocks()
    assert blocks.aside("openai_chat", "logprobs", Raw(b"1")) == [Extra(-1, "openai_chat", "logprobs", Raw(b"1"))]
    blocks.add(TEXT, "a")
    assert blocks.aside("openai_chat", "logprobs", Raw(b"1")) == [Extra(0, "openai_chat", "logprobs", Raw(b"1"))]


@pytest.mark.parametrize("text", ["{}", '{"a":1}\n', " [1, 2] ", '"a"', "1", "true", "null", "false"])
def test_whole_json(text: str) -> None:
    assert is_whole(text)
    blocks = Blocks()
    blocks.add(TOOL, text, 0, "x", "f")
    assert blocks.is_complete(0)


@pytest.mark.parametrize("text", ["", " ", "{", '{"a":1', '{"a":1}}', "tru", "nul", '"\ud800"', "[1,]"])
def test_unfinished_json(text: str) -> None:
    assert not is_whole(text)
    blocks = Blocks()
    blocks.add(TOOL, text, 0, "x", "f")
    assert not blocks.is_complete(0)


def test_json_nested_without_end_is_no_defect() -> None:
    assert not is_whole("[" * 200_000)
