"""The stream writer: what Anthropic's own SDK, and a strict client, read of it."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic.types import ParsedMessage
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.errors import Cut, GatewayError, Overloaded, TooLong
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
)
from landbridge.neutral.parts import NONE, Text, Thinking, ToolCall
from landbridge.neutral.request import Request
from landbridge.neutral.response import Response, collect, replay
from landbridge.wire.anthropic.read_stream import StreamReader
from landbridge.wire.anthropic.write_stream import PING, StreamWriter
from tests.laws.clients import hear_anthropic

RESPONSE = Response(
    parts=(
        Thinking("Hm.", signature="c2ln", origin="anthropic"),
        Text("안녕 \n🦊"),
        ToolCall("toolu_1", "Read", Raw(b'{"x": 1}')),
        ToolCall("toolu_2", "List", Raw(b"{}")),
    ),
    finish=Finish(Reason.TOOLS),
    usage=Usage(input=5, output=7, cache_read=3, cache_write=0, cache_write_1h=0),
    id="msg_1",
    model="m",
)
TEXT: list[Event] = [BlockStart(0, Kind.TEXT), Delta(0, "Hi")]
CUT = Failed(Cut("It broke off.", origin="provider:lab"))
HOLOGRAM = Raw(b'{"type":"hologram",\n"beam":1}')


def writer() -> StreamWriter:
    return StreamWriter("msg_1", "m", 1_790_000_000, Request("m", ()))


def write(*events: Event) -> bytes:
    return b"".join(map(writer().feed, events))


def wire(stream: bytes) -> list[dict[str, Any]]:
    """The events' data; each record has its `event:` line, and nothing else."""
    found = []
    for record in stream.decode().split("\n\n")[:-1]:
        name, data = record.split("\n")
        found.append(json.loads(data.removeprefix("data: ")))
        assert name == f"event: {found[-1]['type']}"
    return found


def types(stream: bytes) -> list[str]:
    return [event["type"] for event in wire(stream)]


def sdk(stream: bytes) -> ParsedMessage[None]:
    """The message that Anthropic's SDK makes of it, or the error it raises."""
    reply = httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=stream)
    transport = anthropic.DefaultHttpxClient(transport=httpx2.MockTransport(lambda request: reply))
    with (
        anthropic.Anthropic(api_key="x", base_url="http://lab", http_client=transport, max_retries=0) as client,
        client.messages.stream(model="m", max_tokens=9, messages=[{"role": "user", "content": "hi"}]) as answer,
    ):
        return answer.get_final_message()


def test_p8_the_sdk_reads_the_whole_answer() -> None:
    message = sdk(write(*replay(RESPONSE)))
    assert (message.id, message.model, message.role, message.stop_reason) == ("msg_1", "m", "assistant", "tool_use")
    assert [block.to_dict() for block in message.content] == [
        {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
        {"type": "text", "text": "안녕 \n🦊"},
        {"type": "tool_use", "id": "toolu_1", "name": "Read", "input": {"x": 1}},
        {"type": "tool_use", "id": "toolu_2", "name": "List", "input": {}},
    ]
    assert (message.usage.input_tokens, message.usage.output_tokens) == (5, 7)
    assert message.usage.cache_read_input_tokens == 3


def test_law_5_the_reader_reads_what_was_written() -> None:
    reader = StreamReader(lambda prefix: prefix, "lab")
    assert collect(reader.feed(write(*replay(RESPONSE)))) == RESPONSE


def test_p4_p8_the_order_of_records() -> None:
    stream = write(Start(), *TEXT, BlockStop(0), Start("again"), Usage(output=1), Finish(Reason.END))
    assert types(stream) == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    hear_anthropic(stream)


def test_law_11_each_event_is_written_at_once() -> None:
    machine = writer()
    for event in (Start(), BlockStart(0, Kind.TOOL, "a", "f"), Delta(0, "{}"), BlockStop(0), Finish(Reason.TOOLS)):
        assert machine.feed(event)


def test_p69_p70_usage_is_whole_at_both_ends() -> None:
    usage = Usage(input=5, output=1, cache_read=3, cache_write=2)
    stream = wire(write(Start("id", "x", usage), Usage(output=7), Finish(Reason.END)))
    full = {
        "input_tokens": 5,
        "cache_creation_input_tokens": 2,
        "cache_read_input_tokens": 3,
        "cache_creation": {"ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 1,
        "service_tier": "standard",
    }
    assert stream[0]["message"]["usage"] == full
    assert stream[1]["usage"] == {**full, "output_tokens": 7}
    nothing = wire(write(Start(), Finish(Reason.END)))
    assert set(nothing[0]["message"]["usage"]) == set(full)
    assert None not in nothing[1]["usage"].values()


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        (Reason.END, "end_turn"),
        (Reason.LENGTH, "max_tokens"),
        (Reason.TOOLS, "tool_use"),
        (Reason.STOP_SEQUENCE, "stop_sequence"),
        (Reason.REFUSAL, "refusal"),
        (Reason.CONTENT_FILTER, "refusal"),
        (Reason.PAUSE, "pause_turn"),
        (Reason.CONTEXT_FULL, "model_context_window_exceeded"),
    ],
)
def test_p19_p66_every_end_has_its_reason(reason: Reason, word: str) -> None:
    message = sdk(write(Start(), *TEXT, BlockStop(0), Finish(reason, "END")))
    assert (message.stop_reason, message.stop_sequence) == (word, "END")
    assert wire(write(Start(), Finish(reason)))[-2]["delta"] == {"stop_reason": word, "stop_sequence": None}


def test_every_block_has_a_delta() -> None:
    for kind, field in ((Kind.TEXT, "text"), (Kind.THINKING, "thinking"), (Kind.TOOL, "partial_json")):
        stream = write(Start(), BlockStart(0, kind, "a", "f"), BlockStop(0), Finish(Reason.END))
        deltas = [event["delta"] for event in wire(stream) if event["type"] == "content_block_delta"]
        assert [delta[field] for delta in deltas] == [""]
        hear_anthropic(stream)


def test_p25_a_tool_begins_with_empty_input_and_a_safe_id() -> None:
    begin = wire(write(Start(), BlockStart(0, Kind.TOOL, "functions.f:0", "f")))[-1]["content_block"]
    assert begin == {"type": "tool_use", "id": "lbid_ZnVuY3Rpb25zLmY6MA", "name": "f", "input": {}}


def test_p29_arguments_that_are_no_json_go_as_they_came() -> None:
    events: list[Event] = [Start(), BlockStart(0, Kind.TOOL, "a", "f"), Delta(0, "{broken"), BlockStop(0)]
    assert hear_anthropic(write(*events, Finish(Reason.TOOLS))).calls == [["a", "f", "{broken"]]


def test_p53_a_foreign_token_is_carried_as_the_signature() -> None:
    thinking: list[Event] = [Start(), BlockStart(0, Kind.THINKING), Delta(0, "t"), BlockStop(0, "sig", "gemini")]
    reader = StreamReader(lambda prefix: prefix, "lab")
    stream = write(*thinking, Finish(Reason.END))
    assert sdk(stream).content[0].to_dict()["signature"] == "lb1.gemini.c2ln"
    assert collect(reader.feed(stream)).parts == (Thinking("t", "sig", origin="gemini"),)


def test_redacted_thinking_comes_whole() -> None:
    redacted = BlockStart(0, Kind.THINKING, redacted=True)
    stream = write(Start(), redacted, BlockStop(0, "ZZ", "anthropic"), Finish(Reason.END))
    assert [block.to_dict() for block in sdk(stream).content] == [{"type": "redacted_thinking", "data": "ZZ"}]
    hear_anthropic(stream)


def test_what_has_no_place_is_a_loss() -> None:
    machine = writer()
    foreign = BlockStart(0, Kind.OPAQUE, name="widget", dialect="gemini", raw=Raw(b"{}"))
    events: list[Event] = [Start(), foreign, Extra(0, "gemini", "note", NONE), BlockStop(0)]
    events += [BlockStart(1, Kind.TEXT), Delta(1, "x"), BlockStop(1, "sig", "gemini"), Extra(-1, "x", "y", NONE)]
    stream = b"".join(map(machine.feed, [*events, Finish(Reason.END)]))
    assert [event["index"] for event in wire(stream) if "index" in event] == [0, 0, 0]
    assert hear_anthropic(stream).text == "x"
    assert [loss.path for loss in machine.losses] == ["blocks[0]", "blocks[0]", "blocks[1]", "stream"]


def test_law_12_a_block_of_the_dialect_is_written_as_it_came() -> None:
    own = BlockStart(0, Kind.OPAQUE, name="hologram", dialect="anthropic", raw=HOLOGRAM)
    stream = write(Start(), own, BlockStop(0), *_shifted(1), Finish(Reason.END))
    assert wire(stream)[1]["content_block"] == {"type": "hologram", "beam": 1}
    assert hear_anthropic(stream).text == "Hi"


USE = Raw(b'{"type":"server_tool_use","id":"srvtoolu_1","input":{"query": "a\\nb"},"name":"web_search"}')


def test_the_input_of_a_hosted_call_comes_in_a_delta_as_that_of_any_call() -> None:
    use = BlockStart(0, Kind.OPAQUE, name="server_tool_use", dialect="anthropic", raw=USE)
    stream = write(Start(), use, BlockStop(0), Finish(Reason.END))
    start, delta, stop = wire(stream)[1:4]
    assert start["content_block"] == {"type": "server_tool_use", "id": "srvtoolu_1", "input": {}, "name": "web_search"}
    assert delta["delta"] == {"type": "input_json_delta", "partial_json": '{"query": "a\\nb"}'}
    assert (delta["index"], stop["index"]) == (0, 0)
    reader = StreamReader(lambda prefix: prefix, "")
    assert [event for event in reader.feed(stream) if isinstance(event, BlockStart)] == [use]
    message = sdk(stream)
    assert message.content[0].type == "server_tool_use"
    assert message.content[0].input == {"query": "a\nb"}


@pytest.mark.parametrize("raw", [b'{"type":"server_tool_use"}', b"5"])
def test_a_hosted_call_without_input_is_written_all_the_same(raw: bytes) -> None:
    use = BlockStart(0, Kind.OPAQUE, name="server_tool_use", dialect="anthropic", raw=Raw(raw))
    stream = write(Start(), use, BlockStop(0), Finish(Reason.END))
    assert [event["index"] for event in wire(stream) if "index" in event] in ([0, 0], [0, 0, 0])


def _shifted(index: int) -> list[Event]:
    return [BlockStart(index, Kind.TEXT), Delta(index, "Hi"), BlockStop(index)]


def test_citations_stand_in_their_block() -> None:
    raw = Raw(b'{"type":"char_location",\r\n"cited_text":"x"}')
    stream = write(Start(), *TEXT, Extra(0, "anthropic", "citations_delta", raw), BlockStop(0), Finish(Reason.END))
    assert wire(stream)[3]["delta"] == {"type": "citations_delta", "citation": json.loads(bytes(raw))}


def test_a_stop_and_a_delta_of_no_block_are_not_written() -> None:
    machine = writer()
    machine.feed(Start())
    assert machine.feed(Delta(0, "x")) == machine.feed(BlockStop(0)) == b""


# --- failures


@pytest.mark.parametrize(
    "before",
    [
        [],
        [Start()],
        [Start(), *TEXT],
        [Start(), *TEXT, BlockStop(0)],
        [Start(), BlockStart(0, Kind.TOOL, "a", "f"), Delta(0, '{"x"')],
        [Start(), BlockStart(0, Kind.THINKING)],
        [Start(), BlockStart(0, Kind.THINKING, redacted=True)],
        [Start(), BlockStart(0, Kind.OPAQUE, dialect="gemini")],
        [Start(), *TEXT, BlockStop(0), BlockStart(1, Kind.OPAQUE, dialect="gemini")],
        [Start(), BlockStart(0, Kind.OPAQUE, dialect="anthropic", raw=HOLOGRAM)],
    ],
)
def test_p7_p9_p12_p14_a_failure_stops_the_open_block_and_says_so(before: list[Event]) -> None:
    stream = write(*before, CUT)
    told = types(stream)
    assert told[-1] == "error" and "message_stop" not in told and "message_delta" not in told
    assert told.count("content_block_start") == told.count("content_block_stop")
    heard = hear_anthropic(stream)
    assert heard.ended and heard.error == "It broke off."


@pytest.mark.parametrize(
    ("error", "type"),
    [(TooLong(9, 8), "invalid_request_error"), (Overloaded("Busy."), "overloaded_error"), (Cut("x"), "api_error")],
)
def test_p11_the_error_is_one_of_the_dialect(error: GatewayError, type: str) -> None:
    stream = write(Start(), *TEXT, Failed(error))
    assert wire(stream)[-1] == {"type": "error", "error": {"type": type, "message": error.text}}
    with pytest.raises(anthropic.APIStatusError) as caught:
        sdk(stream)
    assert error.message in str(caught.value)


def test_nothing_comes_after_the_end() -> None:
    for last in (Finish(Reason.END), CUT):
        machine = writer()
        ended = [Start(), *TEXT, last] if last is CUT else [Start(), last]
        assert all(map(machine.feed, ended))
        after: list[Event] = [Delta(0, "x"), BlockStop(0), *TEXT, Usage(output=1), Finish(Reason.END), CUT]
        assert b"".join(map(machine.feed, after)) == b""
        assert machine.ping() == machine.nudge() == b""


# --- signs of life


def test_a_ping_changes_nothing() -> None:
    assert wire(PING) == [{"type": "ping"}]
    machine = writer()
    pieces = [machine.ping() + machine.feed(event) + machine.ping() for event in replay(RESPONSE)]
    assert hear_anthropic(b"".join(pieces)) == hear_anthropic(write(*replay(RESPONSE)))


def test_a_nudge_before_the_start_says_nothing() -> None:
    assert writer().nudge() == b""


def test_a_nudge_is_an_event_of_the_open_block() -> None:
    for kind in (Kind.TEXT, Kind.THINKING, Kind.TOOL):
        machine = writer()
        stream = machine.feed(Start()) + machine.feed(BlockStart(0, kind, "a", "f"))
        nudge = machine.nudge()
        assert types(nudge) == ["content_block_delta"]
        hear_anthropic(stream + nudge + machine.feed(BlockStop(0)) + machine.feed(Finish(Reason.END)))
    hidden = writer()
    hidden.feed(Start())
    hidden.feed(BlockStart(0, Kind.THINKING, redacted=True))
    assert hidden.nudge() == PING


def test_a_nudge_where_no_block_is_open_becomes_the_text_it_waited_for() -> None:
    machine = writer()
    stream = machine.feed(Start()) + machine.nudge() + machine.nudge()
    assert types(stream) == ["message_start", "content_block_start", "content_block_delta", "content_block_delta"]
    stream += b"".join(map(machine.feed, [*_shifted(0), Finish(Reason.END)]))
    assert types(stream).count("content_block_start") == 1
    assert hear_anthropic(stream).text == "Hi"


@st.composite
def _told(draw: st.DrawFn) -> list[Event]:
    """Any legal stream, ended or failed anywhere."""
    events: list[Event] = [Start()]
    for index in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(Kind))
        if kind is Kind.OPAQUE:
            dialect = draw(st.sampled_from(["gemini", "anthropic"]))
            events.append(BlockStart(index, kind, name="x", dialect=dialect, raw=Raw(b'{"type":"x"}')))
        else:
            redacted = kind is Kind.THINKING and draw(st.booleans())
            events.append(BlockStart(index, kind, f"toolu_{index}", "f", redacted=redacted))
            texts = [] if redacted else draw(st.lists(st.sampled_from(["", "a", "é\n\n🦊"]), max_size=3))
            events += [Delta(index, text) for text in texts]
        events += draw(st.sampled_from([[], [Usage(output=3)], [Extra(index, "x", "y", NONE)]]))
        events.append(draw(st.sampled_from([BlockStop(index), BlockStop(index, "sig", "gemini")])))
    if draw(st.booleans()):
        return [*events, Finish(Reason.END)]
    return [*events[: draw(st.integers(0, len(events)))], CUT]


@given(_told(), st.lists(st.sampled_from(["", "", "nudge", "ping"]), min_size=40, max_size=40))
def test_law_8_p14_any_stream_nudged_anywhere_is_legal(events: list[Event], signs: list[str]) -> None:
    machine = writer()
    stream = b""
    for event, sign in zip(events, signs, strict=False):
        stream += machine.nudge() if sign == "nudge" else machine.ping() if sign == "ping" else b""
        stream += machine.feed(event)
    heard = hear_anthropic(stream)
    said = hear_anthropic(write(*events))
    assert heard.ended
    assert (heard.text, heard.thinking, heard.calls) == (said.text, said.thinking, said.calls)
    assert types(stream).count("content_block_start") == types(stream).count("content_block_stop")
