"""The call in a text that a schema held to be one, however it is cut."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from msgspec.structs import replace

from landbridge.errors import Cut
from landbridge.neutral.blocks import is_whole
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
from landbridge.neutral.parts import Text, Thinking, ToolCall
from landbridge.neutral.response import Response, collect
from landbridge.wire.openai_chat.called import MAX_HEAD, Called

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(['"}', "\\", '\\"}', "{[", "é☃😀"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
ARGUMENTS = st.dictionaries(st.text(max_size=5), VALUES, max_size=4)


def stream(pieces: list[str], reason: Reason = Reason.END) -> list[Event]:
    """An answer of one text in pieces."""
    said: list[Event] = [Delta(0, piece) for piece in pieces]
    return [Start(), BlockStart(0, Kind.TEXT), *said, BlockStop(0), Usage(output=3), Finish(reason)]


def called(events: list[Event]) -> list[Event]:
    """What comes of them, fed one by one."""
    stage = Called(lambda prefix: f"{prefix}1")
    out = [event for each in events for event in stage.feed([each])]
    check_grammar(out)
    return out


def cut(text: str, places: list[int]) -> list[str]:
    marks = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[a:b] for a, b in pairwise(marks)]


@given(ARGUMENTS, st.sampled_from([None, 1, 4]), st.lists(st.integers(0, 10_000), max_size=12), st.booleans())
def test_any_cut_gives_the_call(arguments: dict[str, Any], indent: int | None, places: list[int], ascii: bool) -> None:
    own = json.dumps(arguments, indent=indent, ensure_ascii=ascii)
    text = f'{{\n  "name": "Read", "arguments" : {own}\n }}'
    for pieces in ([text], list(text), cut(text, places)):
        events = called(stream(pieces))
        answer = collect(events)
        assert answer.parts == (ToolCall("call_1", "Read", Raw(own.encode())),)
        assert answer.finish.reason is Reason.TOOLS


def test_p24_fragments_leave_in_the_call_they_came_in() -> None:
    stage = Called(lambda prefix: f"{prefix}1")
    stage.feed([Start(), BlockStart(0, Kind.TEXT)])
    assert stage.feed([Delta(0, '{"name":"Re')]) == []
    assert stage.feed([Delta(0, 'ad","arguments":{"pa')]) == [
        BlockStart(0, Kind.TOOL, "call_1", "Read"),
        Delta(0, '{"pa'),
    ]
    for piece in ('th":"', "a}", '\\"', '"', ",", '"b":{}', "}"):
        assert stage.feed([Delta(0, piece)]) == [Delta(0, piece)]
    assert stage.feed([Delta(0, "}\n")]) == []
    assert stage.feed([BlockStop(0)]) == [BlockStop(0)]


@pytest.mark.parametrize("value", ["1", '"a"', "null", "[1,{}]", '"}"'])
def test_a_value_that_is_no_object_comes_whole(value: str) -> None:
    text = '{"name":"t","arguments": ' + value + " }"
    for pieces in ([text], list(text)):
        (part,) = collect(called(stream(pieces))).parts
        assert isinstance(part, ToolCall) and json.loads(bytes(part.args)) == json.loads(value)


@pytest.mark.parametrize(
    "text", ["Hello", "[1]", '{"foo": 1}', "{", " ", '{"name": 1, "arguments": {}}', "{" + "x" * 2000]
)
def test_text_that_is_no_call_stays(text: str) -> None:
    for pieces in ([text], list(text)):
        answer = collect(called(stream(pieces)))
        assert answer.parts == (Text(text),)
        assert answer.finish.reason is Reason.END


def test_what_cannot_be_a_call_is_not_held_for_ever() -> None:
    stage = Called(lambda prefix: f"{prefix}1")
    stage.feed([Start(), BlockStart(0, Kind.TEXT)])
    assert len(stage.feed([Delta(0, "{" + "x" * MAX_HEAD)])) == 2
    assert stage.feed([Delta(0, "y")]) == [Delta(0, "y")]


@given(st.integers(0, 60))
def test_a_call_that_was_cut_off_keeps_what_came(length: int) -> None:
    text = '{"name": "Read", "arguments": {"a": {"b": "}"}, "c": []}}'[:length]
    answer = collect(called(stream([text], Reason.LENGTH)))
    assert answer.finish.reason is Reason.LENGTH
    (part,) = answer.parts
    if isinstance(part, ToolCall):
        args = bytes(part.args).decode()
        assert text.startswith('{"name": "Read", "arguments": ' + args)
        assert is_whole(args) is (length >= 56)
    else:
        assert part == Text(text) and length < 31


def test_a_whole_answer_is_read_the_same() -> None:
    said = Response((Text('{"name":"t","arguments":{"a":1}}'),), Finish(Reason.END), Usage(output=3), "id", "m")
    found = Called(lambda prefix: f"{prefix}1").whole(said)
    assert found == replace(said, parts=(ToolCall("call_1", "t", Raw(b'{"a":1}')),), finish=Finish(Reason.TOOLS))


def test_thinking_before_it_and_records_beside_it_stay() -> None:
    odds = Extra(1, "openai_chat", "logprobs", Raw(b"{}"))
    events: list[Event] = [
        Start(), BlockStart(0, Kind.THINKING), Delta(0, "{hm"), BlockStop(0),
        BlockStart(1, Kind.TEXT), odds, Delta(1, '{"name":"t",'), odds, Delta(1, '"arguments":{'), odds, Delta(1, "}}"),
        BlockStop(1), Finish(Reason.END),
    ]  # fmt: skip
    answer = collect(called(events))
    assert answer.parts == (Thinking("{hm"), ToolCall("call_1", "t", Raw(b"{}")))
    assert [extra.index for extra in answer.extras] == [-1, -1, 1]


def test_only_the_first_text_can_be_the_call() -> None:
    call = '{"name":"t","arguments":{}}'
    events: list[Event] = [Start()]
    for index in (0, 1):
        events += [BlockStart(index, Kind.TEXT), Delta(index, call), BlockStop(index)]
    assert collect(called([*events, Finish(Reason.END)])).parts == (ToolCall("call_1", "t"), Text(call))


def test_p9_a_broken_answer_stays_broken() -> None:
    for piece in ('{"na', '{"name":"t","arguments":{"a'):
        events: list[Event] = [Start(), BlockStart(0, Kind.TEXT), Delta(0, piece), Failed(Cut("broke off"))]
        assert isinstance(called(events)[-1], Failed)
