"""The stream reader: Anthropic's own streams in every cut, and what other servers get wrong."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.errors import Cut, Garbled, GatewayError, Overloaded, ProviderFault, TooLong
from landbridge.neutral.events import Delta, Event, Extra, Failed, Finish, Reason, Start, Usage, check_grammar
from landbridge.neutral.parts import Opaque, Part, Text, Thinking, ToolCall
from landbridge.neutral.response import Response, collect
from landbridge.wire.anthropic.read_stream import StreamReader
from landbridge.wire.anthropic.response import read_response
from landbridge.wire.anthropic.signatures import pack
from tests.fakes.answers import Json, Tokens, anthropic_record, anthropic_stream, records

CASES = Path(__file__).parents[2] / "cases" / "anthropic"
STREAMS = sorted(path.parent.name for path in CASES.glob("*/stream.sse"))
START: Json = {"type": "message_start", "message": {"id": "msg_1", "model": "m", "usage": {"input_tokens": 3}}}
STOP: Json = {"type": "message_stop"}


def counting() -> Callable[[str], str]:
    numbers = count()
    return lambda prefix: f"{prefix}{next(numbers)}"


def read(chunks: Iterable[bytes]) -> list[Event]:
    reader = StreamReader(counting(), "provider:lab")
    events = [event for chunk in chunks for event in reader.feed(chunk)]
    events += reader.close()
    assert reader.ended
    check_grammar(events)
    return events


def start(index: int, type: str = "text", **fields: Any) -> Json:
    return {"type": "content_block_start", "index": index, "content_block": {"type": type, **fields}}


def tool(index: int, id: str = "toolu_1", name: str = "Read", input: object = None) -> Json:
    return start(index, "tool_use", id=id, name=name, input={} if input is None else input)


def delta(index: int, **fields: Any) -> Json:
    kinds = {"text": "text_delta", "thinking": "thinking_delta", "partial_json": "input_json_delta"}
    kinds |= {"signature": "signature_delta", "citation": "citations_delta"}
    return {"type": "content_block_delta", "index": index, "delta": {"type": kinds[next(iter(fields))], **fields}}


def stop(index: int) -> Json:
    return {"type": "content_block_stop", "index": index}


def end(reason: str | None = "end_turn", **usage: Any) -> Json:
    return {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 7, **usage}}


def events_of(*wire: Json) -> list[Event]:
    return read(map(anthropic_record, wire))


def answer(*wire: Json, reason: str | None = "end_turn") -> Response:
    return collect(events_of(START, *wire, end(reason), STOP))


def parts(*wire: Json) -> list[Part]:
    return list(answer(*wire).parts)


def call(args: str, id: str = "toolu_1", name: str = "Read") -> ToolCall:
    return ToolCall(id, name, Raw(args.encode()))


@pytest.mark.parametrize("case", STREAMS)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_law_1_golden_streams_in_any_cut(case: str, size: int) -> None:
    stream = (CASES / case / "stream.sse").read_bytes()
    whole = read([stream])
    assert read(stream[at : at + size] for at in range(0, len(stream), size)) == whole
    crlf = stream.replace(b"\n", b"\r\n")
    assert read(crlf[at : at + size] for at in range(0, len(crlf), size)) == whole


def test_p15_letters_cut_anywhere() -> None:
    stream = anthropic_stream(text="안녕 👩‍👩‍👧🦊", thinking="흠", tools=[("Read", {"경로": "🦊"})])
    whole = read([stream])
    for at in range(len(stream)):
        assert read([stream[:at], stream[at:]]) == whole


def test_law_4_a_stream_says_what_the_whole_answer_says() -> None:
    case = CASES / "text"
    streamed = collect(read([(case / "stream.sse").read_bytes()]))
    assert streamed == read_response((case / "response.json").read_bytes(), counting(), "provider:lab")


def test_a_well_behaved_stream_maps_block_for_block() -> None:
    stream = anthropic_stream(
        "Hi 안녕", [("Read", '{"a": 1}'), ("List", "{}")], "Hm.", Tokens(10, 7, 4), id="msg_1", signature="c2ln"
    )
    events = read([stream])
    assert events[0] == Start("msg_1", "m", Usage(input=6, output=1, cache_read=4, cache_write=0, cache_write_1h=0))
    assert collect(events) == Response(
        (
            Thinking("Hm.", "c2ln", origin="anthropic"),
            Text("Hi 안녕"),
            call('{"a": 1}', "toolu_1_0"),
            call("{}", "toolu_1_1", "List"),
        ),
        Finish(Reason.TOOLS),
        Usage(input=6, output=7, cache_read=4, cache_write=0, cache_write_1h=0),
        id="msg_1",
        model="m",
    )


def test_law_11_every_fragment_leaves_at_once() -> None:
    reader = StreamReader(counting(), "lab")
    for record in records(anthropic_stream("Hello there", [("Read", {"a": 1})], "Hm and hm", piece=2)):
        fragment = b"_delta" in record.split(b'"delta"')[-1] and b"signature" not in record
        text = "".join(event.text for event in reader.feed(record) if isinstance(event, Delta))
        assert bool(text) == (fragment and b'"partial_json":""' not in record)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("end_turn", Reason.END),
        ("max_tokens", Reason.LENGTH),
        ("stop_sequence", Reason.STOP_SEQUENCE),
        ("tool_use", Reason.TOOLS),
        ("pause_turn", Reason.PAUSE),
        ("refusal", Reason.REFUSAL),
        ("model_context_window_exceeded", Reason.CONTEXT_FULL),
        ("new_reason", Reason.END),
    ],
)
def test_p66_every_stop_reason(word: str, reason: Reason) -> None:
    assert answer(start(0), delta(0, text="x"), stop(0), reason=word).finish == Finish(reason)


def test_the_stop_sequence_is_said() -> None:
    last = {"type": "message_delta", "delta": {"stop_reason": "stop_sequence", "stop_sequence": "END"}}
    assert events_of(START, last, STOP)[-1] == Finish(Reason.STOP_SEQUENCE, "END")


@pytest.mark.parametrize(("block", "reason"), [(start(0, text="x"), Reason.END), (tool(0), Reason.TOOLS)])
def test_p19_an_end_without_a_reason_is_told_by_the_content(block: Json, reason: Reason) -> None:
    assert answer(block, stop(0), reason=None).finish == Finish(reason)
    assert events_of(START, block, stop(0), STOP)[-1] == Finish(reason)


def test_usage_in_every_place() -> None:
    events = events_of(START, start(0), delta(0, text="x"), stop(0), end(cache_read_input_tokens=5), STOP)
    assert collect(events).usage == Usage(input=3, output=7, cache_read=5)
    without = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}
    assert collect(events_of(START, without, STOP)).usage == Usage(input=3)


# --- blocks that others get wrong


def test_p1_deltas_for_a_block_that_was_never_opened() -> None:
    assert parts(delta(0, text="a"), delta(0, text="b"), stop(0)) == [Text("ab")]
    assert parts(delta(0, thinking="a"), delta(1, text="b")) == [Thinking("a"), Text("b")]
    assert parts(delta(0, partial_json="{}"), stop(0)) == [], "arguments of nobody knows what"
    assert parts(stop(5), start(0, text="x"), stop(0), stop(0)) == [Text("x")]


def test_p2_p5_text_and_thinking_in_any_order() -> None:
    wire = [start(0), delta(0, text="a"), stop(0), start(1, "thinking"), delta(1, thinking="b"), stop(1)]
    assert parts(*wire, start(2), delta(2, text="c"), stop(2)) == [Text("a"), Thinking("b"), Text("c")]


def test_p4_deltas_of_another_type_than_their_block() -> None:
    wire = [start(0), delta(0, text="a"), delta(0, thinking="b"), delta(0, text="c"), stop(0)]
    assert parts(*wire) == [Text("a"), Thinking("b"), Text("c")]
    assert parts(start(0, "thinking"), delta(0, text="a"), stop(0)) == [Text("a")]
    assert parts(start(0), delta(0, text="a"), delta(0, partial_json="{}"), stop(0)) == [Text("a")]


def test_p4_one_start_is_enough() -> None:
    again = {**START, "message": {"id": "msg_2", "usage": {"input_tokens": 9}}}
    events = events_of(START, start(0), delta(0, text="x"), again, stop(0), end(), STOP)
    assert [event for event in events if isinstance(event, Start)] == [Start("msg_1", "m", Usage(input=3))]
    assert collect(events).parts == (Text("x"),)


def test_p6_overlapping_blocks_come_one_after_the_other() -> None:
    wire = [tool(0, "a"), tool(1, "b"), delta(1, partial_json='{"b"'), delta(0, partial_json='{"a":')]
    wire += [delta(0, partial_json="1}"), delta(1, partial_json=":2}"), stop(0), stop(1)]
    assert parts(*wire) == [call('{"a":1}', "a"), call('{"b":2}', "b")]
    assert parts(start(0), start(1, "thinking"), delta(1, thinking="t"), delta(0, text="x"), stop(1), stop(0)) == [
        Thinking("t"),
        Text("x"),
    ]


def test_p21_two_calls_at_one_index_are_two_calls() -> None:
    wire = [tool(0, "a"), delta(0, partial_json='{"a":1}'), tool(0, "b"), delta(0, partial_json='{"b":2}'), stop(0)]
    assert parts(*wire) == [call('{"a":1}', "a"), call('{"b":2}', "b")]
    assert parts(*wire[:2], stop(0), *wire[2:]) == [call('{"a":1}', "a"), call('{"b":2}', "b")]
    assert parts(wire[0], *wire[:2], stop(0)) == [call('{"a":1}', "a")], "the same start twice"


@pytest.mark.parametrize(
    ("given", "pieces", "args"),
    [
        (None, ['{"a":', "1}"], '{"a":1}'),
        (None, ["", '{"a":', "", "1}"], '{"a":1}'),
        ({"a": 1}, [], '{"a":1}'),
        ({"a": 1}, ['{"a":2}'], '{"a":2}'),
        (None, [], "{}"),
        (None, ["", ""], "{}"),
        (None, list('{"경로": "🦊"}'), '{"경로": "🦊"}'),
    ],
)
def test_p25_p26_p27_arguments_once_wherever_they_are(given: Any, pieces: list[str], args: str) -> None:
    wire = [tool(0, input=given), *(delta(0, partial_json=piece) for piece in pieces), stop(0)]
    assert parts(*wire) == [call(args)]


def test_p29_arguments_that_are_no_json_stay_what_they_are() -> None:
    assert parts(tool(0), delta(0, partial_json='{"a": tru'), stop(0)) == [call('{"a": tru')]


def test_ids_are_made_where_there_are_none_and_unpacked_where_they_were_packed() -> None:
    assert parts(tool(0, ""), stop(0)) == [call("{}", "toolu_0")]
    assert parts(tool(0, "lbid_ZnVuY3Rpb25zLlJlYWQ6MA"), stop(0)) == [call("{}", "functions.Read:0")]


def test_signatures() -> None:
    wire = [start(0, "thinking", thinking="", signature=""), delta(0, thinking="Hm.")]
    assert parts(*wire, delta(0, signature="c2"), delta(0, signature="ln"), stop(0)) == [
        Thinking("Hm.", "c2ln", origin="anthropic")
    ]
    assert parts(*wire, stop(0)) == [Thinking("Hm.")]
    packed = pack("sig", "gemini")
    assert parts(*wire, delta(0, signature=packed), stop(0)) == [Thinking("Hm.", "sig", origin="gemini")]


def test_thinking_that_is_not_shown_keeps_its_proof() -> None:
    assert parts(start(0, "thinking"), delta(0, signature="c2ln"), stop(0), start(1, text="x"), stop(1)) == [
        Thinking("", "c2ln", origin="anthropic"),
        Text("x"),
    ]
    assert parts(start(0, "redacted_thinking", data="ZZ"), stop(0)) == [
        Thinking(signature="ZZ", redacted=True, origin="anthropic")
    ]
    assert parts(start(0, "thinking"), stop(0), start(1, "redacted_thinking"), stop(1)) == [], "nothing was thought"


def test_citations_are_kept_beside_their_block() -> None:
    events = events_of(START, start(0), delta(0, text="x"), delta(0, citation={"a": 1}), stop(0), end(), STOP)
    assert [event for event in events if isinstance(event, Extra)] == [
        Extra(0, "anthropic", "citations_delta", Raw(b'{"a":1}'))
    ]


def test_law_12_a_block_nobody_knows_is_kept_whole() -> None:
    search = start(0, "server_tool_use", id="srvtoolu_1", name="web_search", input={})
    wire = [search, delta(0, partial_json='{"query":'), delta(0, partial_json='"x"}'), stop(0)]
    (part,) = parts(*wire)
    assert isinstance(part, Opaque) and (part.dialect, part.name) == ("anthropic", "server_tool_use")
    assert json.loads(bytes(part.raw)) == {**search["content_block"], "input": {"query": "x"}}
    (broken,) = parts(search, delta(0, partial_json='{"query":'), stop(0))
    assert isinstance(broken, Opaque) and json.loads(bytes(broken.raw)) == search["content_block"]


def test_law_12_events_fields_and_deltas_nobody_knows_disturb_nothing() -> None:
    strangers: list[Json] = [
        {"type": "ping"},
        {"type": "mood", "x": [1]},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "mood_delta", "mood": "good"}},
        {"type": "content_block_delta", "index": 0},
        {"type": "content_block_delta", "index": None, "delta": {"type": "text_delta", "text": None}},
        {"type": "message_delta"},
    ]
    wire = [START, start(0, mood="good"), delta(0, text="a"), delta(0, text="b"), stop(0), end(), STOP]
    plain = collect(events_of(*wire))
    for stranger in strangers:
        for place in range(1, len(wire)):
            found = collect(events_of(*wire[:place], stranger, *wire[place:]))
            assert (found.parts, found.finish) == (plain.parts, plain.finish)


def test_a_delta_without_a_type_is_told_by_its_field() -> None:
    bare = {"type": "content_block_delta", "index": 0, "delta": {"text": "x"}}
    assert parts(start(0), bare, stop(0)) == [Text("x")]


def test_the_event_line_names_what_the_data_does_not() -> None:
    stream = (
        b'event: message_start\ndata: {}\n\nevent: content_block_start\ndata: {"content_block":{"type":"text"}}\n\n'
    )
    stream += b'event: content_block_delta\ndata: {"delta":{"text":"x"}}\n\nevent: message_stop\ndata: {}\n\n'
    assert collect(read([stream])).parts == (Text("x"),)


def test_p8_a_stream_without_event_lines_is_understood() -> None:
    stream = anthropic_stream(text="Hi", tools=[("Read", {"a": 1})])
    bare = b"".join(record.partition(b"\n")[2] for record in records(stream))
    assert read([bare]) == read([stream])


@pytest.mark.parametrize("wire", [[start(0), delta(0, text="x"), stop(0)], [tool(0), stop(0)], [stop(0)], []])
def test_p7_a_stream_without_its_start_is_legal_here(wire: list[Json]) -> None:
    events = events_of(*wire, end(), STOP)
    assert events[0] == Start()
    assert isinstance(events[-1], Finish)


# --- ends


def test_p10_the_reader_ends_with_the_terminal_frame() -> None:
    reader = StreamReader(counting(), "lab")
    stream = anthropic_stream(text="x")
    assert isinstance(reader.feed(stream)[-1], Finish)
    assert reader.ended
    assert reader.feed(stream) == [] and reader.close() == []


def test_p10_nothing_after_the_terminal_frame_is_read() -> None:
    after = b"data: {not json\n\n" + anthropic_stream(text="more")
    assert read([anthropic_stream(text="x") + after]) == read([anthropic_stream(text="x")])


@pytest.mark.parametrize(
    "wire",
    [
        [],
        [START],
        [START, start(0), delta(0, text="x")],
        [START, start(0), delta(0, text="x"), stop(0)],
        [START, tool(0), delta(0, partial_json='{"a":1}'), stop(0)],
        [START, start(0), delta(0, text="x"), stop(0), end(None)],
    ],
)
def test_p9_an_end_that_was_not_said_is_a_cut(wire: list[Json]) -> None:
    events = events_of(*wire)
    assert isinstance(events[-1], Failed)
    assert events[-1].error.__class__ is Cut and events[-1].error.origin == "provider:lab"


def test_a_stop_reason_is_an_end_even_without_the_last_frame() -> None:
    events = events_of(START, start(0), delta(0, text="x"), end("max_tokens"))
    assert events[-1] == Finish(Reason.LENGTH)
    assert collect(events).parts == (Text("x"),), "and closes what nobody closed"


def test_the_last_frame_needs_no_blank_line() -> None:
    assert read([anthropic_stream(text="x").rstrip(b"\n")]) == read([anthropic_stream(text="x")])


def test_p14_an_error_in_the_stream() -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}
    events = events_of(START, start(0), delta(0, text="x"), error, stop(0), end(), STOP)
    assert isinstance(events[-1], Failed)
    assert events[-1].error.__class__ is Overloaded and "busy" in events[-1].error.message
    assert [event.text for event in events if isinstance(event, Delta)] == ["x"]


@pytest.mark.parametrize("error", [{}, {"error": None}, {"error": "busy"}, {"error": {"type": 5}}])
def test_p11_an_error_of_any_shape_is_one(error: Json) -> None:
    last = events_of(START, {"type": "error", **error})[-1]
    assert isinstance(last, Failed) and isinstance(last.error, ProviderFault)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"type":"error","error":{"type":"overloaded_error","message":"busy"}}', Overloaded),
        (b'{"error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8 maximum"}}', TooLong),
        (b"<html><title>Sign in</title>", Garbled),
        (b'{"type":"message","content":[]}', Garbled),
        (b"data: {not json\n\n", Garbled),
        (b"event: message_start\ndata: [1]\n\n", Garbled),
        (b"data: " + b"[" * 5000 + b"\n\n", Garbled),
        (b"", Cut),
        (b" \r\n", Cut),
        (b": still here\n\n", Cut),
    ],
)
def test_p100_what_is_no_stream_is_said(body: bytes, kind: type[GatewayError]) -> None:
    for chunks in ([body], [body[:3], body[3:]]):
        (last,) = read(chunks)
        assert isinstance(last, Failed)
        assert last.error.__class__ is kind


def test_a_record_without_end_is_garbage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbridge.wire.sse.MAX_RECORD", 500)
    *_, last = read([anthropic_record(START), b"data: ", *[b"x" * 100] * 6, anthropic_record(STOP)])
    assert isinstance(last, Failed) and last.error.__class__ is Garbled


def test_what_came_before_the_garbage_is_kept() -> None:
    events = read([anthropic_record(START) + anthropic_record(delta(0, text="x")) + b"data: {not json\n\n"])
    assert [event.text for event in events if isinstance(event, Delta)] == ["x"]
    assert isinstance(events[-1], Failed) and "{not json" in events[-1].error.message


def test_a_block_that_cannot_be_read_is_text() -> None:
    assert parts({"type": "content_block_start", "index": 0, "content_block": 5}, delta(0, text="x")) == [Text("x")]


_wire = st.one_of(
    st.builds(start, st.integers(0, 2), st.sampled_from(["text", "thinking", "redacted_thinking", "new"])),
    st.builds(tool, st.integers(0, 2), st.sampled_from(["a", "b", ""])),
    st.builds(lambda at, text: delta(at, text=text), st.integers(0, 2), st.sampled_from(["", "x"])),
    st.builds(lambda at, text: delta(at, thinking=text), st.integers(0, 2), st.sampled_from(["", "t"])),
    st.builds(lambda at, text: delta(at, partial_json=text), st.integers(0, 2), st.sampled_from(["", "{", "}", "{}"])),
    st.builds(lambda at: delta(at, signature="s"), st.integers(0, 2)),
    st.builds(stop, st.integers(0, 2)),
    st.sampled_from([START, end(), end(None), {"type": "ping"}]),
)


@given(st.lists(_wire, max_size=20), st.booleans())
def test_law_2_p1_p6_any_order_of_events_gives_a_legal_stream(wire: list[Json], ends: bool) -> None:
    events = events_of(*wire, *([STOP] if ends else []))
    assert isinstance(events[-1], Finish) or not ends
    if isinstance(events[-1], Finish):
        deltas = [event["delta"] for event in wire if event["type"] == "content_block_delta"]
        heard = collect(events).parts
        assert "".join(part.text for part in heard if isinstance(part, Text)) == _joined(deltas, "text")
        assert "".join(part.text for part in heard if isinstance(part, Thinking)) == _joined(deltas, "thinking")


def _joined(deltas: list[Json], field: str) -> str:
    return "".join(delta.get(field, "") for delta in deltas)


@pytest.mark.parametrize("case", STREAMS)
def test_law_9_garbage_never_raises(case: str) -> None:
    stream = (CASES / case / "stream.sse").read_bytes()
    generator = random.Random(case)
    for _ in range(60):
        broken = bytearray(stream)
        for _ in range(generator.randint(1, 4)):
            at = generator.randrange(len(broken))
            broken[at : at + generator.randint(0, 3)] = generator.randbytes(generator.randint(0, 3))
        read([bytes(broken)])
