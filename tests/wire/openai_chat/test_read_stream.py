"""The stream reader: golden streams in every cut, and what only a stream can do wrong."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from msgspec import Raw

from landbridge.errors import Cut, Garbled, GatewayError, ProviderFault, ProviderLimit, TooLong
from landbridge.neutral.events import Delta, Event, Failed, Finish, Reason, Start, Usage, check_grammar
from landbridge.neutral.parts import Part, Text, Thinking, ToolCall
from landbridge.neutral.response import Response, collect
from landbridge.wire.openai_chat.read_stream import StreamReader
from landbridge.wire.openai_chat.response import read_response

CASES = Path(__file__).parents[2] / "cases" / "openai_chat"
STREAMS = sorted(path.parent.name for path in CASES.glob("*/stream.sse"))


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


def sse(*payloads: object) -> bytes:
    lines = (each if isinstance(each, str) else json.dumps(each) for each in payloads)
    return b"".join(b"data: " + line.encode() + b"\n\n" for line in lines)


def chunk(delta: dict[str, Any], finish: str | None = None, **more: object) -> dict[str, Any]:
    return {"id": "c", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


def tool(arguments: str, **more: Any) -> dict[str, Any]:
    name = more.pop("name", None)
    function = {"arguments": arguments} | ({"name": name} if name else {})
    return {"tool_calls": [{**more, "function": function}]}


def answer(*payloads: object) -> Response:
    return collect(read([sse(*payloads)]))


def calls(response: Response) -> list[tuple[str, str, str]]:
    return [(part.id, part.name, bytes(part.args).decode()) for part in response.parts if isinstance(part, ToolCall)]


def failure(*chunks: bytes) -> GatewayError:
    last = read(chunks)[-1]
    assert isinstance(last, Failed)
    assert last.error.origin == "provider:lab"
    return last.error


SAID: dict[str, tuple[list[Part], Reason, Usage]] = {
    "openai_text": ([Text("안녕 👋 world")], Reason.END, Usage(input=11, output=10, cache_read=8, reasoning=2)),
    "openai_parallel_tools": (
        [ToolCall("call_a", "get_weather", Raw(b'{"city": "Paris"}')), ToolCall("call_b", "get_time")],
        Reason.TOOLS,
        Usage(),
    ),
    "deepseek_reasoner": (
        [Thinking("First, 9.8."), Text("9.8 is greater")],
        Reason.END,
        Usage(input=16, output=30, cache_read=64, reasoning=20),
    ),
    "llamacpp_timings": ([Text("Hello")], Reason.END, Usage(input=4, output=35, cache_read=236)),
    "vllm_continuous_usage": ([Text("one two")], Reason.STOP_SEQUENCE, Usage(input=5, output=2)),
    "groq_x_groq": ([Thinking("Hm."), Text("Yes")], Reason.END, Usage(input=14, output=6)),
    "mistral_thinking_parts": ([Thinking("Let me see."), Text("Done.")], Reason.END, Usage(input=7, output=5)),
    "index_always_0": (
        [ToolCall("a", "f", Raw(b'{"x":1}')), ToolCall("b", "f", Raw(b'{"x":2}'))],
        Reason.TOOLS,
        Usage(),
    ),
    "moonshot_usage_in_choice": ([Text("Hi")], Reason.LENGTH, Usage(input=10, output=13, cache_read=9)),
}
"""What the golden streams of this dialect's backends say, read by hand."""


@pytest.mark.parametrize("case", SAID)
def test_p22_p71_p72_what_each_backend_streams(case: str) -> None:
    response = collect(read([(CASES / case / "stream.sse").read_bytes()]))
    assert (list(response.parts), response.finish.reason, response.usage) == SAID[case]


def test_an_error_in_the_middle_of_the_golden_stream() -> None:
    error = failure((CASES / "openrouter_error" / "stream.sse").read_bytes())
    assert isinstance(error, ProviderFault) and "Provider disconnected unexpectedly" in error.message


@pytest.mark.parametrize("case", STREAMS)
def test_p15_utf8_split_and_every_other_cut_give_the_same_events(case: str) -> None:
    stream = (CASES / case / "stream.sse").read_bytes()
    events = read([stream])
    assert read(stream[at : at + 1] for at in range(len(stream))) == events
    dice = random.Random(case)
    for _ in range(30):
        places = sorted(dice.randrange(len(stream)) for _ in range(5))
        pieces = [stream[a:b] for a, b in zip([0, *places], [*places, len(stream)], strict=True)]
        assert read(pieces) == events
    assert read([stream.replace(b"\n", b"\r\n")]) == events


@pytest.mark.parametrize("case", STREAMS)
def test_p9_a_stream_cut_anywhere_ends_in_order_or_as_cut(case: str) -> None:
    stream = (CASES / case / "stream.sse").read_bytes()
    for place in range(0, len(stream), 7):
        last = read([stream[:place]])[-1]
        assert isinstance(last, Finish | Failed)
        if not place or b"finish_reason" not in stream[:place]:
            assert isinstance(last, Failed) and isinstance(last.error, Cut | Garbled)


def test_p9_end_of_bytes_before_any_end_is_a_cut() -> None:
    assert isinstance(failure(sse(chunk({"content": "Hal"}))), Cut)
    assert isinstance(failure(b""), Cut)


def test_p9_a_finish_reason_without_done_is_an_end() -> None:
    assert read([sse(chunk({"content": "Hi"}, "stop"))])[-1] == Finish(Reason.END)


def test_p17_usage_is_read_from_a_chunk_without_choices() -> None:
    counts = {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2}}
    assert answer(chunk({"content": "x"}, "stop"), counts, "[DONE]").usage == Usage(input=9, output=2)


def test_finish_leaves_with_the_usage_and_not_only_with_done() -> None:
    reader = StreamReader(counting(), "o")
    reader.feed(sse(chunk({"content": "x"}, "stop")))
    assert not reader.ended
    events = reader.feed(sse({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2}}))
    assert events[-1] == Finish(Reason.END) and reader.ended


def test_last_usage_wins_and_a_null_or_zero_one_says_nothing() -> None:
    first = chunk({"content": "x"}, usage={"prompt_tokens": 9, "completion_tokens": 1})
    last = chunk({}, "stop", usage={"prompt_tokens": 9, "completion_tokens": 5})
    zero = chunk({"content": "y"}, usage={"prompt_tokens": 0, "completion_tokens": 0})
    assert answer(first, zero, last, "[DONE]").usage == Usage(input=9, output=5)


def test_p18_chunks_after_done_are_ignored() -> None:
    events = read([sse(chunk({"content": "x"}, "stop"), "[DONE]", chunk({"content": "late"}), {"error": "late"})])
    assert [event.text for event in events if isinstance(event, Delta)] == ["x"]
    assert events[-1] == Finish(Reason.END)


@pytest.mark.parametrize(
    ("delta", "reason"), [({"content": "x"}, Reason.END), (tool("{}", index=0, id="a", name="f"), Reason.TOOLS)]
)
def test_p18_without_finish_reason_it_is_derived(delta: dict[str, Any], reason: Reason) -> None:
    assert read([sse(chunk(delta), "[DONE]")])[-1] == Finish(reason)


def test_content_beside_the_finish_is_kept() -> None:
    assert answer(chunk({"content": "all"}, "length"), "[DONE]").parts == (Text("all"),)


def test_p21_p34_text_thinking_and_three_parallel_calls() -> None:
    response = answer(
        chunk({"reasoning": "Hm"}),
        chunk({"content": "I look."}),
        *(chunk(tool(f'{{"n":{n}}}', index=n, id=f"c{n}", name="f")) for n in range(3)),
        chunk({}, "tool_calls"),
        "[DONE]",
    )
    assert response.parts[:2] == (Thinking("Hm"), Text("I look."))
    assert calls(response) == [(f"c{n}", "f", f'{{"n":{n}}}') for n in range(3)]
    assert response.finish.reason is Reason.TOOLS


def test_p23_p24_interleaved_fragments_are_sorted_and_none_is_lost() -> None:
    response = answer(
        chunk(tool('{"a"', index=0, id="a", name="f")),
        chunk(tool('{"b"', index=1, id="b", name="g")),
        chunk(tool(":1}", index=0)),
        chunk(tool(":2}", index=1)),
        chunk({}, "tool_calls"),
    )
    assert calls(response) == [("a", "f", '{"a":1}'), ("b", "g", '{"b":2}')]


def test_p26_a_call_without_arguments_has_an_empty_object() -> None:
    assert calls(answer(chunk(tool("", index=0, id="a", name="f")), chunk({}, "tool_calls"))) == [("a", "f", "{}")]


def test_p27_empty_arguments_are_taken_from_the_last_message() -> None:
    message = {"role": "assistant", "tool_calls": tool('{"a":1}', name="f", id="x")["tool_calls"]}
    last = {"index": 0, "delta": {}, "message": message, "finish_reason": "tool_calls"}
    streamed = chunk(tool("", name="f", id="x", index=0))
    response = answer(streamed, {"choices": [last]}, "[DONE]")
    assert calls(response) == [("x", "f", '{"a":1}')]
    response = answer(streamed, chunk(tool('{"a":2}', index=0)), {"choices": [last]}, "[DONE]")
    assert calls(response) == [("x", "f", '{"a":2}')]
    assert calls(answer(streamed, chunk({}, "tool_calls"), "[DONE]")) == [("x", "f", "{}")]


def test_p29_broken_arguments_arrive_as_they_are() -> None:
    assert calls(answer(chunk(tool('{"a": oops', index=0, id="a", name="f"), "tool_calls"))) == [
        ("a", "f", '{"a": oops')
    ]


@pytest.mark.parametrize(("word", "reason"), [("length", Reason.LENGTH), ("content_filter", Reason.CONTENT_FILTER)])
def test_a_half_call_is_not_presented_as_whole(word: str, reason: Reason) -> None:
    response = answer(chunk(tool('{"a', index=0, id="a", name="f"), word), "[DONE]")
    assert calls(response) == [("a", "f", '{"a')]
    assert response.finish.reason is reason


def test_whole_json_answer_to_a_streaming_request() -> None:
    body = (CASES / "whole_tools" / "response.json").read_bytes()
    for pieces in ([body], [body[at : at + 1] for at in range(len(body))]):
        assert collect(read(pieces)) == read_response(body, counting(), "provider:lab")


def test_errors_in_the_stream_have_the_right_kind() -> None:
    limit = sse(chunk({"content": "x"}), {"error": {"message": "slow down", "code": 429}})
    assert isinstance(failure(limit), ProviderLimit)
    full = {"error": {"message": "too long", "type": "exceed_context_size_error", "n_prompt_tokens": 9, "n_ctx": 4}}
    assert failure(sse(full)) == TooLong(9, 4, origin="provider:lab")
    assert isinstance(failure(b'event: error\ndata: {"message":"boom"}\n\n'), ProviderFault)
    assert isinstance(failure(b"event: error\ndata: boom\n\n"), ProviderFault)
    assert "boom" in failure(json.dumps({"error": {"message": "boom"}}).encode()).message


def test_p13_usage_before_a_failure_is_kept() -> None:
    events = read([sse(chunk({"content": "x"}, usage={"prompt_tokens": 3, "completion_tokens": 1}), {"error": "no"})])
    assert events[-2] == Usage(input=3, output=1)


@pytest.mark.parametrize(
    "body",
    [
        b"<html><title>Oops</title></html>",
        b"Internal Server Error",
        b"data: {oops\n\n",
        b"data: \xff\xfe\n\n",
        b"{oops",
    ],
)
def test_p100_what_is_no_stream_is_garbled(body: bytes) -> None:
    assert isinstance(failure(body), Garbled)


def test_a_record_without_end_is_garbled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbridge.wire.sse.MAX_RECORD", 100)
    assert isinstance(failure(b"data: ", b"x" * 200), Garbled)


def test_unknown_events_fields_and_comments_are_no_error() -> None:
    stream = b": hello\n\nevent: telemetry\ndata: oops\n\n" + sse(
        chunk({"hologram": 1, "content": "x"}, "stop", new=[1])
    )
    assert collect(read([stream])).parts == (Text("x"),)


def test_start_has_the_upstreams_id_and_model() -> None:
    assert read([sse(chunk({"content": "x"}, "stop"))])[0] == Start("c", "m")
