"""The stream writer: what OpenAI's own SDK reads of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from openai.types import Completion

from landbridge.errors import Cut
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
from landbridge.neutral.parts import Message, Opaque, Text, Thinking, ToolCall
from landbridge.neutral.request import Request
from landbridge.neutral.response import Response, collect, replay
from landbridge.wire.openai_legacy.read_stream import StreamReader
from landbridge.wire.openai_legacy.write_stream import StreamWriter

RESPONSE = Response((Text(" upon 안녕 \n🦊"),), Finish(Reason.LENGTH), Usage(input=5, output=7), "cmpl-1", "m")


def writer(stream_usage: bool = True) -> StreamWriter:
    request = Request("m", (Message("user", (Text("Once"),)),), stream_usage=stream_usage)
    return StreamWriter("cmpl-1", "m", 1_790_000_000, request)


def written(*events: Event, stream_usage: bool = True) -> list[dict[str, Any]]:
    machine = writer(stream_usage)
    stream = b"".join(map(machine.feed, events)).decode()
    records = [part for part in stream.split("\n\n") if part]
    assert all(part.startswith("data: ") and "\n" not in part for part in records)
    assert records.pop() == "data: [DONE]"
    chunks: list[dict[str, Any]] = [json.loads(part.removeprefix("data: ")) for part in records]
    for chunk in chunks:
        assert {
            "id": "cmpl-1",
            "object": "text_completion",
            "created": 1_790_000_000,
            "model": "m",
        }.items() <= chunk.items()
        for choice in chunk["choices"]:
            assert list(choice) == ["text", "index", "logprobs", "finish_reason"]
        if all(choice["finish_reason"] for choice in chunk["choices"]):  # the SDK's type knows no unfinished chunk
            Completion.model_validate(chunk, strict=True)
    return chunks


def test_chunks() -> None:
    *texts, last, usage = written(*replay(RESPONSE))
    assert "".join(chunk["choices"][0]["text"] for chunk in texts) == " upon 안녕 \n🦊"
    assert (last["choices"][0]["text"], last["choices"][0]["finish_reason"]) == ("", "length")
    assert usage["choices"] == []
    assert usage["usage"]["total_tokens"] == 12
    assert "usage" not in written(*replay(RESPONSE), stream_usage=False)[-1]


@given(pieces=st.lists(st.text(st.characters(codec="utf-8"), min_size=1), max_size=8))
def test_law_5_what_is_written_is_read_again(pieces: list[str]) -> None:
    events: list[Event] = [Start(), BlockStart(0, Kind.TEXT), *(Delta(0, piece) for piece in pieces), BlockStop(0)]
    events += [Usage(input=5, output=7), Finish(Reason.END)]
    machine = writer()
    reader = StreamReader(str, "o")
    read = [event for each in events for event in reader.feed(machine.feed(each))] + reader.close()
    response = collect(read)
    assert "".join(part.text for part in response.parts if isinstance(part, Text)) == "".join(pieces)
    assert (response.finish, response.usage) == (Finish(Reason.END), Usage(input=5, output=7))


def test_law_11_each_piece_leaves_in_the_call_it_came_in() -> None:
    machine = writer()
    machine.feed(Start())
    machine.feed(BlockStart(0, Kind.TEXT))
    for piece in ("a", "한", "\n"):
        assert json.loads(machine.feed(Delta(0, piece))[6:])["choices"][0]["text"] == piece


def test_log_probabilities_follow_their_text() -> None:
    def odds(token: str) -> Extra:
        return Extra(0, "openai_chat", "logprobs", Raw(json.dumps({"content": [{"token": token}]}, indent=1).encode()))

    chunks = written(
        Start(), BlockStart(0, Kind.TEXT), Delta(0, " a"), odds(" a"), Delta(0, " b"), odds(" b"), BlockStop(0),
        Finish(Reason.END), stream_usage=False,
    )  # fmt: skip
    found = [chunk["choices"][0]["logprobs"] for chunk in chunks if chunk["choices"][0]["logprobs"]]
    assert [(each["tokens"], each["text_offset"]) for each in found] == [([" a"], [4]), ([" b"], [6])]


def test_what_has_no_place_is_a_loss_and_leaves_no_trace() -> None:
    machine = writer()
    parts = (Thinking("Hm.", signature="s"), ToolCall("a", "f", Raw(b"{}")), Opaque("anthropic", "web", Raw(b"{}")))
    response = Response((*parts, Text("x", signature="s")), Finish(Reason.TOOLS))
    stream = b"".join(map(machine.feed, replay(response)))
    stream += machine.feed(Extra(-1, "gemini", "grounding", Raw(b"{}")))
    assert b"Hm." not in stream and b'"stop"' in stream
    assert [loss.path for loss in machine.losses] == ["blocks[0]", "blocks[1]", "blocks[2]", "blocks[3]", "stream"]


def test_p9_p14_a_failure_is_no_end() -> None:
    machine = writer()
    events: list[Event] = [Start(), BlockStart(0, Kind.TEXT), Delta(0, "a"), Failed(Cut("broke off"))]
    stream = b"".join(map(machine.feed, events))
    assert b"[DONE]" not in stream
    assert json.loads(stream.split(b"\n\n")[-2][6:])["error"]["message"] == "broke off"


@pytest.mark.parametrize("sign", ["ping", "nudge"])
def test_signs_of_life_change_nothing(sign: str) -> None:
    machine = writer()
    events = [*replay(RESPONSE)]
    stream = b"".join(getattr(machine, sign)() + machine.feed(event) for event in events)
    reader = StreamReader(str, "o")
    assert collect([*reader.feed(stream), *reader.close()]).parts == RESPONSE.parts
