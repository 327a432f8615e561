"""The reading of Gemini's answers: what is legal is read, and every breach is named."""

from __future__ import annotations

import json

from landbridge.conformance.faces import gemini
from landbridge.conformance.play import Call, Says, Text, Thought
from landbridge.conformance.rule import MARK, Want
from landbridge.conformance.said import Said
from landbridge.conformance.seen import Answer
from landbridge.conformance.upstreams.gemini import stream, whole

ALL = Says((Thought("Hm."), Text("Hi 🙂"), Call("Read", '{"a":1}'), Call("Bash", "{}")))
STREAM = stream(ALL, "1", "m", True)
RECORDS = [part + b"\r\n\r\n" for part in STREAM.split(b"\r\n\r\n") if part]
ERROR = json.dumps({"error": {"code": 502, "message": "gone", "status": "UNAVAILABLE"}}).encode()


def read(body: bytes, *, streamed: bool = True, status: int = 200) -> Said:
    got = Answer(0.0)
    got.status, got.ended = status, "whole"
    got.headers["content-type"] = "text/event-stream" if streamed else "application/json"
    got.pieces.append((0.0, body))
    return gemini.read(got)


def test_a_stream_and_a_whole_answer_say_the_same() -> None:
    one, other = read(STREAM), read(whole(ALL, "1", "m"), streamed=False)
    assert one.faults == [] and one.ended
    assert (one.text, one.thinking, one.stop, one.output) == ("Hi 🙂", "Hm.", "tools", 7)
    for name in ("text", "thinking", "order", "stop", "calls", "id", "model", "output"):
        assert getattr(one, name) == getattr(other, name)


def test_breaches_are_named() -> None:
    assert "neither a finish reason nor an error" in read(b"".join(RECORDS[:-1])).faults[0]
    assert "content after the finish reason" in read(STREAM + RECORDS[0]).faults[0]
    assert "no finish reason" in read(b"{}", streamed=False).faults[0]
    odd = whole(Says((Call("Read", '"x"'),)), "1", "m")
    assert "no object" in read(odd, streamed=False).faults[0]


def test_p11_an_error_ends_the_stream_as_a_record_or_bare() -> None:
    for tail in (ERROR, b"data: " + ERROR):
        said = read(b"".join(RECORDS[:2]) + tail + b"\n\n")
        assert said.error is not None and said.error.message == "gone" and said.error.in_form
        assert said.faults == [] and not said.ended
    refused = read(ERROR, streamed=False, status=502)
    assert refused.error is not None and refused.error.type == "UNAVAILABLE"
    assert "after the error" in read(b"data: " + ERROR + b"\n\n" + RECORDS[0]).faults[0]


def test_reasons_to_stop() -> None:
    assert read(stream(Says((Text("x"),), stop="length"), "1", "m", True)).stop == "length"
    assert read(stream(Says((Text("x"),), stop="filter"), "1", "m", True)).stop == "filter"
    assert read(stream(Says((Text("x"),)), "1", "m", True)).stop == "end"


def test_requests_are_marked_and_the_stream_is_in_the_path() -> None:
    want = gemini.write(Want(tools=True))
    assert isinstance(want.body, dict) and str(want.body).count(MARK) == 1
    assert want.path == gemini.STREAM_PATH and want.query == "alt=sse"
    assert gemini.write(Want(stream=False)).path == gemini.PATH
    assert gemini.ask(version="v1").path == "/v1/models/$MODEL:streamGenerateContent"
    assert len(want.body["tools"][0]["functionDeclarations"]) == 4
