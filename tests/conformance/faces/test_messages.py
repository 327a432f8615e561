"""The reading of Messages answers: what is legal is read, and every breach is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from landbridge.conformance.faces import messages
from landbridge.conformance.play import Call, Says, Text, Thought
from landbridge.conformance.rule import MARK, Ask, Want
from landbridge.conformance.said import Said
from landbridge.conformance.seen import Answer
from landbridge.conformance.upstreams.messages import stream, whole
from tests.fakes.spoils import Event, read_events, write_events

ALL = Says((Thought("Hm."), Text("Hi 🙂"), Call("Read", '{"a":1}'), Call("Bash", "{}")))
STREAM = stream(ALL, "1", "m", True)


def answer(body: bytes, *, streamed: bool = True, status: int = 200) -> Answer:
    got = Answer(0.0)
    got.status, got.ended = status, "whole"
    got.headers["content-type"] = "text/event-stream" if streamed else "application/json"
    got.pieces.append((0.0, body))
    return got


def read(*events: Event) -> Said:
    return messages.read(answer(write_events(list(events))))


def test_a_legal_stream_is_read_without_a_fault() -> None:
    said = messages.read(answer(STREAM))
    assert said.faults == [] and said.empty_blocks == [] and said.ended
    assert (said.text, said.thinking, said.stop) == ("Hi 🙂", "Hm.", "tools")
    assert [(call.name, call.args) for call in said.calls] == [("Read", '{"a":1}'), ("Bash", "{}")]
    assert said.order == ["thinking", "text", "call", "call"]
    assert said.output == 7 and said.signatures


def test_a_whole_answer_says_the_same() -> None:
    one, other = messages.read(answer(STREAM)), messages.read(answer(whole(ALL, "1", "m"), streamed=False))
    for name in ("text", "thinking", "order", "stop", "signatures", "id", "model", "output"):
        assert getattr(one, name) == getattr(other, name)


def changed(at: int, **fields: Any) -> list[Event]:
    events = read_events(STREAM)
    events[at] = (events[at][0], {**events[at][1], **fields})
    return events


@pytest.mark.parametrize(
    ("events", "fault"),
    [
        (read_events(STREAM)[1:], "before message_start"),
        (read_events(STREAM)[:-1], "ends with neither"),
        ([*read_events(STREAM), *read_events(STREAM)[-1:]], "after the end"),
        ([*read_events(STREAM)[:1], *read_events(STREAM)], "second message_start"),
        (changed(2, index=5), "where 0 is next"),
        (changed(3, index=5), "not open"),
        (changed(3, delta={"type": "text_delta", "text": "x"}), "a text_delta inside a thinking block"),
        ([("", read_events(STREAM)[0][1]), *read_events(STREAM)[1:]], "without an event line"),
        ([("start", read_events(STREAM)[0][1]), *read_events(STREAM)[1:]], "whose type is"),
        ([each for each in read_events(STREAM) if each[0] != "content_block_stop"], "is open"),
        ([each for each in read_events(STREAM) if each[0] != "message_delta"], "without message_delta"),
    ],
)  # fmt: skip
def test_p1_p4_p6_breaches_are_named(events: list[Event], fault: str) -> None:
    assert any(fault in each for each in read(*events).faults), read(*events).faults


def test_p14_an_error_in_the_stream_ends_it_and_what_was_open_is_known() -> None:
    error = ("error", {"type": "error", "error": {"type": "api_error", "message": "gone"}})
    said = read(*read_events(STREAM)[:4], error)
    assert said.error is not None and said.error.message == "gone" and said.error.in_form and said.error.status == 200
    assert said.left_open == "thinking" and said.faults == [] and not said.ended


def test_blocks_without_a_delta_are_no_fault() -> None:
    events = [each for each in read_events(STREAM) if each[1].get("delta", {}).get("type") != "text_delta"]
    assert read(*events).empty_blocks == ["text"]
    assert read(*events).faults == []


@pytest.mark.parametrize(
    ("body", "in_form", "words"),
    [
        ({"type": "error", "error": {"type": "x", "message": "no"}}, True, "no"),
        ({"error": {"type": "x", "message": "no"}}, False, "no"),
        ({"error": "no"}, False, "no"),
        ({"detail": "no"}, False, "no"),
    ],
)
def test_errors_are_read_whatever_their_form(body: object, in_form: bool, words: str) -> None:
    said = messages.read(answer(json.dumps(body).encode(), streamed=False, status=400))
    assert said.error is not None and said.error.in_form is in_form and said.error.message == words
    page = messages.read(answer(b"<html>", streamed=False, status=500))
    assert page.error is not None and page.error.message == "<html>" and not page.error.in_form


def test_what_is_no_message_is_a_fault() -> None:
    assert messages.read(answer(b"{}", streamed=False)).faults


def test_requests_are_marked_once() -> None:
    for ask in (messages.ask(), messages.ask(messages.user("x")), messages.write(Want(tools=True))):
        assert isinstance(ask, Ask) and str(ask.body).count(MARK) == 1
    body = messages.write(Want(tools=True, stream=False)).body
    assert isinstance(body, dict) and len(body["tools"]) == 4 and "stream" not in body


def test_a_text_alone_is_a_string_and_several_are_blocks() -> None:
    assert messages.user("a") == {"role": "user", "content": "a"}
    assert messages.assistant("a", messages.call("t", file_path="x"))["content"][1]["input"] == {"file_path": "x"}
