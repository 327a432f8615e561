"""Streams in every form Google sends them, and broken ones."""

from __future__ import annotations

import json

import pytest

from landbridge.errors import Cut, Garbled, Overloaded, ProviderLimit
from landbridge.neutral.events import Delta, Event, Failed, Finish, Kind, Reason, Start, check_grammar
from landbridge.neutral.parts import Text, Thinking
from landbridge.neutral.response import collect
from landbridge.wire.gemini import read_stream
from landbridge.wire.gemini.read_stream import StreamReader
from tests.fakes.answers import Tokens
from tests.fakes.gemini import (
    gemini_call,
    gemini_chunk,
    gemini_chunks,
    gemini_error,
    gemini_list,
    gemini_part,
    gemini_record,
    gemini_stream,
    gemini_whole,
)

from .google import ORIGIN, counting, read


def failed(chunks: list[bytes], kind: type[Exception]) -> list[Event]:
    events = read(chunks)
    check_grammar(events)
    assert isinstance(events[-1], Failed) and type(events[-1].error) is kind, events[-1]
    return events


SAID = gemini_record(gemini_chunk([gemini_part("Hel")], usage=Tokens(7, 1)))


def test_a_stream() -> None:
    answer = collect(read([gemini_stream("Hello", thinking="Hm", tools=[("Read", {"path": "a"})])]))
    assert [type(part).__name__ for part in answer.parts] == ["Thinking", "Text", "ToolCall"]
    assert (answer.id, answer.model, answer.finish) == ("resp_1", "gemini-3-pro", Finish(Reason.TOOLS))
    assert (answer.usage.prompt, answer.usage.output) == (11, 7)


def test_p15_characters_cut_at_every_byte() -> None:
    data = gemini_stream("안녕 👩‍👩‍👧 세계", piece=1)
    for cut in range(len(data)):
        assert collect(read([data[:cut], data[cut:]])).parts == (Text("안녕 👩‍👩‍👧 세계"),)


def test_p9_the_end_must_have_been_said() -> None:
    failed([SAID], Cut)
    failed([SAID, b'data: {"candid'], Cut)
    failed([SAID, b'{\n"error": {'], Cut)
    failed([], Cut)
    failed([b"\n\n"], Cut)


def test_p18_the_reason_may_stand_in_every_chunk() -> None:
    chunks = [gemini_chunk([gemini_part(each)], "STOP") for each in ("a", "b", "c")]
    reader = StreamReader(counting(), ORIGIN)
    events = [event for chunk in chunks for event in reader.feed(gemini_record(chunk))]
    assert not reader.ended and [event.text for event in events if isinstance(event, Delta)] == ["a", "b", "c"]
    assert reader.close()[-1] == Finish(Reason.END) and reader.ended


def test_p17_counts_may_come_after_the_end() -> None:
    last = gemini_record(gemini_chunk(None, usage=Tokens(7, 9)))
    assert collect(read([SAID, gemini_record(gemini_chunk([], "STOP")), last])).usage.output == 9


def test_google_breaks_off_with_bare_json() -> None:
    """As recorded: an indented object between the records, without `data:`."""
    _, error = gemini_error(503, "This model is currently experiencing high demand.")
    events = failed([SAID + error + b"\n"], Overloaded)
    assert isinstance(events[0], Start) and Delta(0, "Hel") in events
    reader = StreamReader(counting(), ORIGIN)
    reader.feed(SAID)
    assert isinstance(reader.feed(error + b"\r\n")[-1], Failed), "it is known as soon as it is whole"
    failed([SAID + error], Overloaded)


def test_an_error_may_be_a_record() -> None:
    compact = json.dumps(json.loads(gemini_error(429, "slow", delay="3s")[1])).encode()
    events = failed([SAID + b"data: " + compact + b"\n\n"], ProviderLimit)
    assert isinstance(events[-1], Failed) and events[-1].error.retry_after == 3.0
    failed([compact], ProviderLimit)


def test_bare_json_that_never_ends_is_left_behind() -> None:
    end = gemini_record(gemini_chunk([gemini_part("lo")], "STOP"))
    assert collect(read([SAID, b"{\nnothing\n", end])).parts == (Text("Hello"),)


def test_bare_json_is_only_held_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_stream, "_LONGEST", 100)
    reader = StreamReader(counting(), ORIGIN)
    assert reader.feed(SAID + b"{\n" + b'"x",\n' * 100) and reader.feed(b"}\n") == []
    assert isinstance(reader.close()[-1], Failed)


def test_one_answer_instead_of_a_stream() -> None:
    for whole in (gemini_whole("Hi", thinking="Hm"), json.dumps(gemini_chunk([gemini_part("Hi")], "STOP")).encode()):
        assert collect(read([whole])).parts[-1] == Text("Hi")
        assert read([whole[:20], whole[20:]]) == read([whole])


def test_a_list_instead_of_records() -> None:
    chunks = gemini_chunks("Hello", thinking="Hm", piece=2)
    answer = collect(read([gemini_list(chunks)]))
    assert answer.parts == (Thinking("Hm"), Text("Hello"))
    failed([gemini_list(chunks)[:-9]], Cut)
    failed([b"[ ]"], Garbled)
    failed([gemini_list([*chunks[:-1], json.loads(gemini_error(503, "busy")[1])])], Overloaded)


def test_a_list_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbridge.wire.opening.MAX_RECORD", 10)
    failed([b"[{}", b" " * 20], Garbled)


def test_p100_a_web_page() -> None:
    events = failed([b"\xef\xbb\xbf  <html><title>Sign in</title>"], Garbled)
    assert isinstance(events[-1], Failed) and "Sign in" in events[-1].error.message


@pytest.mark.parametrize("start", [b"", b"\n", b"\xef\xbb\xbf", b": hello\n\n", b"\xef\n"])
def test_what_stands_before_the_first_record(start: bytes) -> None:
    assert collect(read([start[:1], start[1:], gemini_stream("Hi")])).parts == (Text("Hi"),)


def test_what_is_no_event_stream() -> None:
    failed([b"Service unavailable\n"], Garbled)


def test_a_chunk_of_another_shape() -> None:
    failed([SAID, b'data: {"candidates":[{"content":[]}]}\n\n'], Garbled)
    failed([SAID, b"data: no json\n\n"], Garbled)


def test_other_records_disturb_nothing() -> None:
    others = b"event: telemetry\ndata: no json\n\ndata: [DONE]\n\ndata:  \n\nid: 1\n\n"
    assert collect(read([SAID, others, gemini_record(gemini_chunk([], "STOP"))])).parts == (Text("Hel"),)


def test_p10_after_an_error_nothing_is_read() -> None:
    reader = StreamReader(counting(), ORIGIN)
    reader.feed(SAID)
    assert reader.feed(gemini_error(500, "x")[1] + b"\n") and reader.ended
    assert reader.feed(SAID) == [] and reader.close() == []


def test_a_record_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbridge.wire.sse.MAX_RECORD", 100)
    failed([b"data: ", b"x" * 200], Garbled)


def test_a_call_leaves_at_once() -> None:
    reader = StreamReader(counting(), ORIGIN)
    events = reader.feed(gemini_record(gemini_chunk([gemini_call("f", {"a": 1}, signature="c2ln")])))
    assert [getattr(event, "kind", None) for event in events[1:2]] == [Kind.TOOL]
    assert getattr(events[-1], "signature", "") == "c2ln", "with its signature, before anything follows"
