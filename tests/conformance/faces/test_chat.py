"""The reading of chat completions: what is legal is read, and every breach is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from landbridge.conformance.faces import chat
from landbridge.conformance.play import Call, Says, Text, Thought
from landbridge.conformance.rule import MARK, Want
from landbridge.conformance.said import Said
from landbridge.conformance.seen import Answer
from landbridge.conformance.upstreams.chat import stream, whole
from tests.fakes.spoils import read_events, write_events

ALL = Says((Thought("Hm."), Text("Hi 🙂"), Call("Read", '{"a":1}'), Call("Bash", "{}")))
STREAM = stream(ALL, "1", "m", True)
CHUNKS = [data for _, data in read_events(STREAM)]


def read(body: bytes, *, streamed: bool = True, status: int = 200) -> Said:
    got = Answer(0.0)
    got.status, got.ended = status, "whole"
    got.headers["content-type"] = "text/event-stream" if streamed else "application/json"
    got.pieces.append((0.0, body))
    return chat.read(got)


def again(*chunks: Any) -> Said:
    return read(write_events([("", chunk) for chunk in chunks]))


def test_a_legal_stream_is_read_without_a_fault() -> None:
    said = read(STREAM)
    assert said.faults == [] and said.ended
    assert (said.text, said.thinking, said.stop, said.output) == ("Hi 🙂", "Hm.", "tools", 7)
    assert [(call.name, call.args) for call in said.calls] == [("Read", '{"a":1}'), ("Bash", "{}")]


def test_a_whole_answer_says_the_same() -> None:
    one, other = read(STREAM), read(whole(ALL, "1", "m"), streamed=False)
    for name in ("text", "thinking", "order", "stop", "calls", "id", "model", "output"):
        assert getattr(one, name) == getattr(other, name)


@pytest.mark.parametrize(
    ("chunks", "fault"),
    [
        (CHUNKS[:-1], "ends with neither"),
        ([*CHUNKS, CHUNKS[0]], "after the end"),
        ([*CHUNKS[:-3], CHUNKS[-1]], "without a finish reason"),
        ([*CHUNKS[:-1], CHUNKS[-3], CHUNKS[-1]], "second finish reason"),
        ([CHUNKS[0], {**CHUNKS[1], "id": "other"}, *CHUNKS[2:]], "two ids"),
        ([{**CHUNKS[0], "object": "chunk"}, *CHUNKS[1:]], "whose object is"),
    ],
)
def test_breaches_are_named(chunks: list[Any], fault: str) -> None:
    assert any(fault in each for each in again(*chunks).faults), again(*chunks).faults


def test_calls_without_index_or_name_are_faults() -> None:
    piece = {**CHUNKS[0], "choices": [{"delta": {"tool_calls": [{"function": {"arguments": "{}"}}]}}]}
    faults = again(piece, *CHUNKS[-3:]).faults
    assert any("without an index" in each for each in faults) and any("without id or name" in each for each in faults)


def test_p11_an_error_ends_the_stream() -> None:
    said = again(CHUNKS[0], {"error": {"type": "x", "message": "gone"}}, "[DONE]")
    assert said.error is not None and said.error.message == "gone"
    assert said.faults == [] and not said.ended


def test_errors_are_read_whatever_their_form() -> None:
    for body, in_form in (({"error": {"message": "no", "type": None}}, True), ({"error": {"message": "no"}}, False)):
        said = read(json.dumps(body).encode(), streamed=False, status=400)
        assert said.error is not None and said.error.message == "no" and said.error.in_form is in_form
    assert read(b"{}", streamed=False).faults


def test_requests_are_marked_and_ask_for_usage() -> None:
    body = chat.write(Want(tools=True)).body
    assert isinstance(body, dict) and str(body).count(MARK) == 1
    assert body["stream_options"] == {"include_usage": True} and len(body["tools"]) == 4
    assert "stream_options" not in str(chat.ask(usage=False).body)
