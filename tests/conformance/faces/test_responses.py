"""The reading of responses: what is legal is read, and every breach is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from landbridge.conformance.faces import responses
from landbridge.conformance.play import Call, Says, Text, Thought
from landbridge.conformance.rule import MARK, Want
from landbridge.conformance.said import Said
from landbridge.conformance.seen import Answer
from landbridge.conformance.upstreams.responses import stream, whole
from tests.fakes.spoils import Event, read_events, write_events

ALL = Says((Thought("Hm."), Text("Hi 🙂"), Call("Read", '{"a":1}'), Call("Bash", "{}")))
STREAM = stream(ALL, "1", "m", True)
EVENTS = read_events(STREAM)


def read(body: bytes, *, streamed: bool = True, status: int = 200) -> Said:
    got = Answer(0.0)
    got.status, got.ended = status, "whole"
    got.headers["content-type"] = "text/event-stream" if streamed else "application/json"
    got.pieces.append((0.0, body))
    return responses.read(got)


def renumbered(events: list[Event]) -> bytes:
    return write_events([(name, {**data, "sequence_number": at}) for at, (name, data) in enumerate(events)])


def test_a_legal_stream_is_read_without_a_fault() -> None:
    said = read(STREAM)
    assert said.faults == [] and said.ended
    assert (said.text, said.thinking, said.stop, said.output) == ("Hi 🙂", "Hm.", "tools", 7)
    assert [(call.name, call.args) for call in said.calls] == [("Read", '{"a":1}'), ("Bash", "{}")]


def test_done_at_the_end_is_no_fault() -> None:
    assert read(STREAM + b"data: [DONE]\n\n").faults == []


def test_a_whole_answer_says_the_same() -> None:
    one, other = read(STREAM), read(whole(ALL, "1", "m"), streamed=False)
    for name in ("text", "thinking", "order", "stop", "calls", "id", "model", "output"):
        assert getattr(one, name) == getattr(other, name)


def without(kind: str) -> bytes:
    return renumbered([event for event in EVENTS if event[0] != kind])


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (write_events(EVENTS[1:]), "sequence_number 1 where 0 is next"),
        (without("response.created"), "before response.created"),
        (without("response.completed"), "ends with neither"),
        (without("response.output_item.added"), "which is not open"),
        (without("response.output_item.done"), "are open"),
        (without("response.output_text.delta"), "are not what it holds"),
        (renumbered([*EVENTS, EVENTS[-1]]), "after the end"),
        (STREAM.replace(b"event: response.in_progress", b"event: x"), "whose type is"),
    ],
)
def test_breaches_are_named(body: bytes, fault: str) -> None:
    assert any(fault in each for each in read(body).faults), read(body).faults


@pytest.mark.parametrize(
    "last",
    [
        {"type": "error", "message": "gone", "code": "x"},
        {"type": "error", "error": {"message": "gone"}},
        {"type": "response.failed", "response": {"status": "failed", "error": {"message": "gone", "code": "x"}}},
    ],
)
def test_p11_an_error_ends_the_stream(last: dict[str, Any]) -> None:
    said = read(renumbered([*EVENTS[:2], (last["type"], last)]))
    assert said.error is not None and said.error.message == "gone" and said.error.in_form
    assert said.faults == [] and not said.ended


def test_reasons_to_stop() -> None:
    assert read(stream(Says((Text("x"),), stop="length"), "1", "m", True)).stop == "length"
    assert read(whole(Says((Text("x"),), stop="filter"), "1", "m"), streamed=False).stop == "filter"
    refused = json.loads(whole(Says((Text("No."),)), "1", "m"))
    refused["output"][0]["content"] = [{"type": "refusal", "refusal": "No."}]
    said = read(json.dumps(refused).encode(), streamed=False)
    assert (said.stop, said.text) == ("filter", "No.")
    assert read(json.dumps({"error": {"message": "no"}}).encode(), streamed=False, status=400).error is not None


def test_requests_are_marked() -> None:
    body = responses.write(Want(tools=True)).body
    assert isinstance(body, dict) and str(body).count(MARK) == 1 and len(body["tools"]) == 4 and body["stream"]
    assert responses.ask(input="x", stream=False).body == {"model": "$MODEL", "input": "x", "store": False}
