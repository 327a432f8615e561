"""The stream reader: golden streams in every cut, and what only a stream can do wrong."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from landbridge.errors import Cut, Garbled, GatewayError, ProviderFault, ProviderLimit, Refused, TooLong
from landbridge.neutral.events import Delta, Event, Failed, Finish, Reason, Start, check_grammar
from landbridge.neutral.parts import Text, Thinking
from landbridge.neutral.response import Response, collect
from landbridge.wire.openai_responses.read_stream import StreamReader
from landbridge.wire.openai_responses.response import read_response
from tests.fakes.responses import Stream, message_json, responses_record, responses_stream, responses_whole
from tests.laws.machines import calls, counting, same

CASES = Path(__file__).parents[2] / "cases" / "openai_responses"
STREAMS = sorted(path.parent.name for path in CASES.glob("*/stream.sse"))


def read(chunks: Iterable[bytes]) -> list[Event]:
    reader = StreamReader(counting(), "provider:lab")
    events = [event for chunk in chunks for event in reader.feed(chunk)]
    events += reader.close()
    assert reader.ended and reader.feed(b"more") == reader.close() == []
    check_grammar(events)
    return events


def answer(*events: dict[str, Any]) -> Response:
    return collect(read([sse(*events)]))


def sse(*events: dict[str, Any]) -> bytes:
    return b"".join(map(responses_record, events))


def error_of(events: list[Event]) -> GatewayError:
    assert isinstance(events[-1], Failed)
    return events[-1].error


DONE = {"type": "response.completed", "response": {"status": "completed", "output": []}}


@pytest.mark.parametrize("case", STREAMS)
def test_law_1_p15_any_cut_gives_the_same_events(case: str) -> None:
    whole = (CASES / case / "stream.sse").read_bytes()
    events = read([whole])
    assert read(whole[at : at + 1] for at in range(len(whole))) == events
    dice = random.Random(case)
    for _ in range(20):
        places = sorted(dice.randrange(len(whole)) for _ in range(5))
        assert read(whole[a:b] for a, b in zip([0, *places], [*places, len(whole)], strict=True)) == events
    assert read([whole.replace(b"\n", b"\r\n")]) == events


def test_p15_characters_split_over_chunks() -> None:
    whole = responses_stream(text="안녕하세요 👩‍👩‍👧", thinking="생각 🦊", piece=3)
    for at in range(len(whole)):
        response = collect(read([whole[:at], whole[at:]]))
        assert response.parts[1] == Text("안녕하세요 👩‍👩‍👧")


def test_law_4_the_stream_says_what_the_whole_answer_says() -> None:
    content: dict[str, Any] = {"text": "hi", "thinking": "Hm", "tools": [("ls", {"a": 1}), ("cat", "{}")]}
    whole = read_response(responses_whole(**content), counting(), "provider:lab")
    same(collect(read([responses_stream(**content)])), whole)


def test_each_record_leaves_in_the_call_it_came_in() -> None:
    reader = StreamReader(counting(), "provider:lab")
    stream = Stream()
    index = stream.open(message_json("msg_1", "hello"))
    stream.delta(index, "he")
    stream.delta(index, "llo")
    reader.feed(sse(*stream.events[:-1]))
    assert reader.feed(sse(stream.events[-1])) == [Delta(0, "llo")]


def test_p9_a_stream_without_its_last_event_is_cut() -> None:
    whole = responses_stream(text="hello")
    without = whole[: whole.rindex(b"event: response.completed")]
    assert isinstance(error_of(read([without])), Cut)
    assert isinstance(error_of(read([without + b"data: [DONE]\n\n"])), Cut), "[DONE] is another dialect's word"
    assert isinstance(error_of(read([b""])), Cut)
    assert isinstance(read([without, whole[len(without) :].rstrip()])[-1], Finish), "only the blank line is missing"


def test_p10_p18_nothing_is_read_after_the_last_event() -> None:
    reader = StreamReader(counting(), "provider:lab")
    events = reader.feed(responses_stream(text="hi") + b"data: [DONE]\n\nevent: error\ndata: {}\n\n")
    assert reader.ended and isinstance(events[-1], Finish)


def test_p20_a_page_or_a_json_answer_instead_of_a_stream() -> None:
    page = error_of(read([b"\n <html><title>Sign in</title>"]))
    assert isinstance(page, Garbled) and "Sign in" in page.message
    body = responses_whole(text="hi", tools=[("ls", {})])
    assert calls(collect(read([body[:9], body[9:]])))[0][1] == "ls"
    refused = b'{"error":{"message":"no such model","code":"model_not_found"}}'
    assert "no such model" in error_of(read([refused])).message
    assert isinstance(error_of(read([b"not a stream at all"])), Garbled)


def test_a_stream_may_begin_with_a_mark_and_comments() -> None:
    whole = b"\xef\xbb\xbf: hello\n\n" + responses_stream(text="hi")
    assert read([whole[at : at + 1] for at in range(len(whole))]) == read([whole])
    assert collect(read([whole])).parts == (Text("hi"),)


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"type": "error", "code": "server_error", "message": "broke"}, ProviderFault),
        ({"type": "error", "code": "rate_limit_exceeded", "message": "slow"}, ProviderLimit),
        ({"type": "error", "code": "context_length_exceeded", "message": "too long"}, TooLong),
        ({"type": "error", "error": {"type": "invalid_request_error", "message": "bad"}}, Refused),
        ({"type": "response.failed", "response": {"error": {"code": "invalid_prompt", "message": "no"}}}, Refused),
        ({"type": "response.failed", "response": None}, Cut),
        ({"type": "response.cancelled", "response": {}}, Cut),
    ],
)
def test_p11_p12_errors_in_the_stream(event: dict[str, Any], kind: type[GatewayError]) -> None:
    events = read([sse(Stream().events[0], event, DONE)])
    assert type(error_of(events)) is kind
    assert events[0] == Start("resp_1", "m")


def test_an_error_without_a_type_is_one() -> None:
    body = b'data: {"error":{"message":"overloaded","code":503}}\n\n'
    assert "overloaded" in error_of(read([body])).message


def test_law_12_unknown_events_mean_nothing() -> None:
    whole = responses_stream(text="hi", tools=[("ls", {})])
    first, _, rest = whole.partition(b"\n\n")
    strange = sse({"type": "response.mood", "output_index": 0}, {"type": "keepalive"})
    assert read([first + b"\n\n" + strange + b"event: ping\ndata: \n\n" + rest]) == read([whole])


@pytest.mark.parametrize("payload", ["{", "5", "[]", '{"type":"response.completed","response"'])
def test_p100_law_9_what_is_no_event_breaks_the_answer(payload: str) -> None:
    assert isinstance(error_of(read([f"data: {payload}\n\n".encode()])), Garbled)


@pytest.mark.parametrize(
    "item", [5, [], {"type": "message", "content": 5}, {"type": "reasoning", "summary": [5]}, None]
)
def test_law_9_odd_items_are_survived(item: object) -> None:
    events = read([sse({"type": "response.output_item.done", "output_index": 0, "item": item}, DONE)])
    assert isinstance(events[-1], Finish | Failed)


@pytest.mark.parametrize("place", [None, "x", 1.5, True, -1, 10**30])
def test_law_9_odd_places_are_survived(place: object) -> None:
    delta = {"type": "response.output_text.delta", "output_index": place, "content_index": place, "delta": "hi"}
    note = {"type": "response.output_text.annotation.added", "output_index": place, "annotation": {"a": 1}}
    assert len(answer(delta, note, DONE).extras) == 1
    assert answer(delta, DONE).parts == (Text("hi"),)
    assert answer({**delta, "sequence_number": 1, "type": delta.pop("type"), "delta": "hi"}, DONE).parts == (
        Text("hi"),
    )


def test_what_is_endless_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("sse", "opening"):
        monkeypatch.setattr(f"landbridge.wire.{module}.MAX_RECORD", 1000)
    assert isinstance(error_of(read([b"data: " + b"x" * 2000])), Garbled)
    assert isinstance(error_of(read([b'{"output":"', b"x" * 2000])), Garbled)


def test_a_nameless_call_is_garbled() -> None:
    call = {"type": "function_call", "call_id": "c", "arguments": "{}"}
    events = read([sse({"type": "response.output_item.done", "output_index": 0, "item": call}, DONE)])
    assert "without a name" in error_of(events).message


def test_events_that_lack_what_they_are_about_say_nothing() -> None:
    for kind in ("response.output_item.added", "response.output_item.done", "response.output_text.annotation.added"):
        assert answer({"type": kind, "item": None, "annotation": None}, DONE).parts == ()


def test_text_deltas_are_read_the_same_in_any_order_of_fields() -> None:
    forms: list[dict[str, Any]] = [
        {"type": "response.output_text.delta", "delta": "hi", "output_index": 0, "content_index": 0},
        {"delta": "hi", "output_index": 0, "content_index": 0, "type": "response.output_text.delta"},
        {"type": "response.output_text.delta", "delta": "hi"},
    ]
    assert [answer(form, DONE).parts for form in forms] == [(Text("hi"),)] * 3
    nameless = b'data: {"type":"response.output_text.delta","delta":"hi"}\n\n' + sse(DONE)
    named = b'event: response.output_text.delta\ndata: {"delta":"hi"}\n\n' + sse(DONE)
    assert collect(read([nameless])).parts == collect(read([named])).parts == (Text("hi"),)


@pytest.mark.parametrize("case", STREAMS)
def test_the_event_line_may_be_missing(case: str) -> None:
    whole = (CASES / case / "stream.sse").read_bytes()
    assert read([re.sub(rb"(?m)^event: response.*\n", b"", whole)]) == read([whole])


@pytest.mark.parametrize("odd", [{"output_index": True}, {"output_index": "0"}, {"content_index": None}, {"delta": 1}])
@pytest.mark.parametrize("kind", ["output_text", "reasoning_summary_text", "function_call_arguments"])
def test_odd_deltas_are_read_as_any_event(kind: str, odd: dict[str, Any]) -> None:
    event = {"type": f"response.{kind}.delta", "delta": "hi", **odd}
    assert read([sse(event, DONE)]) == read([sse(event, DONE).replace(b".delta\n", b"\n")])


def test_p1_deltas_of_items_nobody_announced() -> None:
    response = answer(
        {"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": 0, "delta": "Hm"},
        {"type": "response.refusal.delta", "output_index": 1, "content_index": 0, "delta": "No"},
        {"type": "response.refusal.done", "output_index": 1, "content_index": 0, "refusal": "No"},
        DONE,
    )
    assert response.parts == (Thinking("Hm"), Text("No"))
    assert response.finish.reason is Reason.REFUSAL


def test_p27_whatever_comes_only_at_the_end_of_its_part() -> None:
    response = answer(
        {"type": "response.reasoning_summary_text.done", "output_index": 0, "summary_index": 0, "text": "Hm"},
        {"type": "response.output_text.done", "output_index": 1, "content_index": 0, "text": "hi"},
        {"type": "response.refusal.done", "output_index": 1, "content_index": 1, "refusal": "no"},
        {"type": "response.reasoning_text.done", "output_index": 2, "content_index": 0, "text": "so"},
        {"type": "response.function_call_arguments.done", "output_index": 3, "name": "ls", "arguments": '{"a":1}'},
        {"type": "response.output_item.added", "output_index": 4, "item": {"type": "custom_tool_call", "name": "p"}},
        {"type": "response.custom_tool_call_input.done", "output_index": 4, "input": "text"},
        DONE,
    )
    assert [getattr(part, "text", "") for part in response.parts[:4]] == ["Hm", "hi", "no", "so"]
    assert [(name, args) for _, name, args in calls(response)] == [("ls", '{"a":1}'), ("p", '{"input":"text"}')]
