"""Whole answers of the Messages API, read and written."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from anthropic.types import Message
from msgspec import Raw

from landbridge.errors import Garbled, GatewayError, Overloaded
from landbridge.neutral.events import Extra, Finish, Reason, Usage
from landbridge.neutral.parts import Opaque, Part, Text, Thinking, ToolCall
from landbridge.neutral.response import Response, collect, replay
from landbridge.wire.anthropic.response import read_response, write_response
from landbridge.wire.anthropic.signatures import pack
from tests.fakes.answers import Json, Tokens, anthropic_whole

CASES = Path(__file__).parents[2] / "cases" / "anthropic"
RESPONSE = Response(
    parts=(
        Thinking("Hm.", signature="c2ln", origin="anthropic"),
        Thinking(signature="ZZ", redacted=True, origin="anthropic"),
        Text("안녕"),
        Opaque("anthropic", "server_tool_use", Raw(b'{"type":"server_tool_use","x":1.50}')),
        ToolCall("toolu_1", "Read", Raw(b'{"a": 1}')),
    ),
    finish=Finish(Reason.TOOLS),
    usage=Usage(input=6, output=7, cache_read=4, cache_write=0, cache_write_1h=0),
    id="msg_1",
    model="m",
    extras=(Extra(2, "anthropic", "citations_delta", Raw(b'{"a":1.50}')),),
)


def counting() -> Callable[[str], str]:
    numbers = count()
    return lambda prefix: f"{prefix}{next(numbers)}"


def read(body: Json | bytes) -> Response:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_response(raw, counting(), "provider:lab")


def parts(*blocks: Json) -> list[Part]:
    return list(read({"type": "message", "content": blocks}).parts)


def write(response: Response) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(write_response(response, 1).body)
    return body


def content(*parts: Part) -> list[Any]:
    blocks: list[Any] = write(Response(parts, Finish(Reason.END)))["content"]
    return blocks


def test_an_answer() -> None:
    body = anthropic_whole("안녕", [("Read", {"a": 1})], "Hm.", Tokens(10, 7, 4), id="msg_1", signature="c2ln")
    assert read(body) == Response(
        (Thinking("Hm.", "c2ln", origin="anthropic"), Text("안녕"), ToolCall("toolu_1_0", "Read", Raw(b'{"a":1}'))),
        RESPONSE.finish,
        RESPONSE.usage,
        id="msg_1",
        model="m",
    )


@pytest.mark.parametrize(
    ("block", "part"),
    [
        ({"type": "text", "text": "x", "citations": [{"a": 1}]}, Text("x")),
        ({"type": "text", "text": "x", "citations": None}, Text("x")),
        ({"type": "thinking", "thinking": "", "signature": "s"}, Thinking("", "s", origin="anthropic")),
        ({"type": "thinking", "thinking": "Hm."}, Thinking("Hm.")),
        ({"type": "thinking", "thinking": "a", "signature": pack("s", "gemini")}, Thinking("a", "s", origin="gemini")),
        ({"type": "redacted_thinking", "data": "Z"}, Thinking(signature="Z", redacted=True, origin="anthropic")),
        ({"type": "tool_use", "id": "a", "name": "f", "input": {}}, ToolCall("a", "f")),
        ({"type": "tool_use", "id": "a", "name": "f"}, ToolCall("a", "f")),
        ({"type": "tool_use", "name": "f", "input": None}, ToolCall("toolu_0", "f")),
        ({"type": "tool_use", "id": "lbid_YTpi", "name": "f", "input": {}}, ToolCall("a:b", "f")),
        ({"type": "new", "x": 1}, Opaque("anthropic", "new", Raw(b'{"type": "new", "x": 1}'))),
    ],
)
def test_blocks(block: Json, part: Part) -> None:
    assert parts(block) == [part]


def test_citations_stand_beside_their_text_as_in_a_stream() -> None:
    blocks = [
        {"type": "text", "text": ""},
        {"type": "text", "text": "x", "citations": [{"a": 1}, {"b": 2}]},
        {"type": "text", "text": "y", "citations": 5},
    ]
    found = read({"type": "message", "content": blocks})
    assert found.parts == (Text("x"), Text("y"))
    records = [Raw(b'{"a": 1}'), Raw(b'{"b": 2}')]
    assert found.extras == tuple(Extra(0, "anthropic", "citations_delta", raw) for raw in records)
    assert collect(replay(found)).extras == found.extras
    assert write(found)["content"] == [blocks[1], {"type": "text", "text": "y"}]


@pytest.mark.parametrize("type", ["text", "thinking", "redacted_thinking"])
def test_blocks_that_say_nothing_are_none(type: str) -> None:
    assert parts({"type": type}, {"type": type, "text": "", "thinking": "", "signature": "", "data": ""}) == []


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
    ],
)
def test_p66_every_stop_reason_both_ways(word: str, reason: Reason) -> None:
    body = {"type": "message", "content": [], "stop_reason": word, "stop_sequence": "END"}
    response = read(body)
    assert response.finish == Finish(reason, "END")
    written = write(response)
    assert (written["stop_reason"], written["stop_sequence"]) == (word, "END")


def test_p19_an_answer_without_a_reason() -> None:
    call = {"type": "tool_use", "id": "a", "name": "f", "input": {}}
    assert read({"type": "message", "content": [call], "stop_reason": None}).finish == Finish(Reason.TOOLS)
    assert read({"type": "message", "content": [], "stop_reason": "new"}).finish == Finish(Reason.END)
    assert write(Response((), Finish(Reason.CONTENT_FILTER)))["stop_reason"] == "refusal"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}, Overloaded),
        ({"error": {"type": "overloaded_error", "message": "busy"}}, Overloaded),
        ({"type": "message", "content": "hi"}, Garbled),
        ({"type": "message", "content": ["hi"]}, Garbled),
        ({"ok": True}, Garbled),
        ({}, Garbled),
        (b"<html><title>Sign in</title>", Garbled),
        (b"", Garbled),
        (b"[1]", Garbled),
        (b'{"content":' + b"[" * 5000, Garbled),
    ],
)
def test_p100_what_is_no_answer_is_said(body: Json | bytes, kind: type[GatewayError]) -> None:
    with pytest.raises(GatewayError) as caught:
        read(body)
    assert caught.value.__class__ is kind and caught.value.origin == "provider:lab"


def test_law_12_fields_nobody_knows_are_no_error() -> None:
    body = {"content": [{"type": "text", "text": "x", "mood": 1}], "stop_reason": "end_turn", "container": {"id": 1}}
    assert read(body).parts == (Text("x"),)


def test_law_5_an_answer_comes_back() -> None:
    written = write_response(RESPONSE, 1)
    assert written.losses == ()
    assert read(written.body) == RESPONSE


def test_law_5_an_answer_of_anthropic_is_written_as_it_came() -> None:
    body = json.loads((CASES / "text" / "response.json").read_bytes())
    again = write(read((CASES / "text" / "response.json").read_bytes()))
    assert {name: again[name] for name in body} == body


def test_p69_the_sdk_reads_what_was_written() -> None:
    known = tuple(part for part in RESPONSE.parts if not isinstance(part, Opaque | Text))
    for response in (Response((*known, Text("x")), RESPONSE.finish, RESPONSE.usage, "msg_1", "m"),):
        message = Message.model_validate(write(response), strict=True)
        assert [block.type for block in message.content] == ["thinking", "redacted_thinking", "tool_use", "text"]
    assert Message.model_validate(write(Response((), Finish(Reason.END))), strict=True).usage.input_tokens == 0


@pytest.mark.parametrize(
    ("args", "input"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b"{}", {}),
        (b'{"a": tru', {"__unparsedToolInput": {"raw": '{"a": tru', "len": 9}}),
        (b'"/a"', {"__unparsedToolInput": {"raw": '"/a"', "len": 4}}),
        (b"[1]", {"__unparsedToolInput": {"raw": "[1]", "len": 3}}),
        ("안녕".encode(), {"__unparsedToolInput": {"raw": "안녕", "len": 2}}),
    ],
)
def test_p29_arguments_that_are_no_object_reach_the_client(args: bytes, input: object) -> None:
    assert content(ToolCall("a:b", "f", Raw(args))) == [
        {"type": "tool_use", "id": "lbid_YTpi", "name": "f", "input": input}
    ]


def test_p26_a_call_without_arguments_has_an_empty_object() -> None:
    assert content(ToolCall("a", "f", Raw(b"")))[0]["input"] == {}


def test_p53_a_foreign_token_is_packed() -> None:
    thinking = Thinking("t", "sig", origin="gemini")
    hidden = Thinking(signature="sig", redacted=True, origin="openai_responses")
    blocks = content(thinking, hidden)
    assert blocks[0]["signature"] == "lb1.gemini.c2ln" and blocks[1]["data"] == "lb1.openai_responses.c2ln"
    assert parts(*blocks) == [thinking, hidden]


def test_what_has_no_place_is_a_loss() -> None:
    response = Response(
        (
            Text("x", signature="s", origin="gemini"),
            Opaque("gemini", "widget", Raw(b"{}")),
            ToolCall("a", "f", signature="s", origin="gemini"),
        ),
        Finish(Reason.TOOLS),
        extras=(Extra(-1, "openai_chat", "logprobs", Raw(b"1")),),
    )
    written = write_response(response, 1)
    assert [block["type"] for block in json.loads(written.body)["content"]] == ["text", "tool_use"]
    assert [loss.path for loss in written.losses] == ["parts[0]", "parts[1]", "parts[2]", "stream"]
