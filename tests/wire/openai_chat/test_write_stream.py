"""The stream writer: what OpenAI's own SDK reads of it."""

from __future__ import annotations

import json
from typing import Any

from msgspec import Raw
from openai.types.chat import ChatCompletionChunk

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
from landbridge.neutral.parts import Text, Thinking, ToolCall
from landbridge.neutral.request import Request
from landbridge.neutral.response import Response, collect, replay
from landbridge.wire.openai_chat.read_stream import StreamReader
from landbridge.wire.openai_chat.write_stream import StreamWriter

RESPONSE = Response(
    parts=(Thinking("Hm."), Text("안녕 \n🦊"), ToolCall("a", "f", Raw(b'{"x": 1}')), ToolCall("b", "g", Raw(b"{}"))),
    finish=Finish(Reason.TOOLS),
    usage=Usage(input=5, output=7, cache_read=3),
    id="chatcmpl-1",
    model="m",
)


def writer(stream_usage: bool = True) -> StreamWriter:
    return StreamWriter("chatcmpl-1", "m", 1_790_000_000, Request("m", (), stream_usage=stream_usage))


def payloads(stream: bytes) -> list[str]:
    records = [part for part in stream.decode().split("\n\n") if part]
    assert all(part.startswith("data: ") and "\n" not in part for part in records)
    return [part.removeprefix("data: ") for part in records]


def written(*events: Event, stream_usage: bool = True) -> list[dict[str, Any]]:
    machine = writer(stream_usage)
    *chunks, done = payloads(b"".join(map(machine.feed, events)))
    assert done == "[DONE]"
    for chunk in chunks:
        ChatCompletionChunk.model_validate(json.loads(chunk), strict=True)
    return [json.loads(chunk) for chunk in chunks]


def test_the_sdk_reads_every_chunk() -> None:
    chunks = written(*replay(RESPONSE))
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks if chunk["choices"]]
    assert deltas[0] == {"role": "assistant", "content": ""}
    assert "".join(delta.get("content") or "" for delta in deltas) == "안녕 \n🦊"
    assert "".join(delta.get("reasoning_content") or "" for delta in deltas) == "Hm."
    calls = [call for delta in deltas for call in delta.get("tool_calls", ())]
    assert [call["index"] for call in calls] == [0, 0, 1, 1]
    assert chunks[-2]["choices"][0]["finish_reason"] == "tool_calls"
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["prompt_tokens"] == 8


def test_law_5_what_is_written_is_read_again() -> None:
    machine = writer()
    stream = b"".join(map(machine.feed, replay(RESPONSE)))
    reader = StreamReader(lambda prefix: prefix, "o")
    assert collect([*reader.feed(stream), *reader.close()]) == RESPONSE
    assert machine.losses == []


def test_usage_only_for_those_who_asked() -> None:
    chunks = written(*replay(RESPONSE), stream_usage=False)
    assert not any("usage" in chunk for chunk in chunks)


def test_a_failure_is_an_error_record_and_no_done() -> None:
    machine = writer()
    events: list[Event] = [Start(), BlockStart(0, Kind.TEXT), Delta(0, "x"), Failed(Cut("gone"))]
    stream = b"".join(map(machine.feed, events))
    last = payloads(stream)[-1]
    assert json.loads(last)["error"]["message"] == "gone"
    assert "[DONE]" not in stream.decode()


def test_signs_of_life() -> None:
    machine = writer()
    assert machine.ping().startswith(b":")
    first, second = (json.loads(payloads(machine.nudge())[0]) for _ in range(2))
    assert first["choices"][0]["delta"]["role"] == "assistant"
    assert second["choices"][0]["delta"] == {"content": ""}
    assert machine.feed(Start()) == b""


def test_own_extras_are_written_and_others_are_losses() -> None:
    machine = writer()
    machine.feed(Start())
    spaced = Raw(b'{"content":\n [1]}')
    assert b'"logprobs":{"content":[1]}' in machine.feed(Extra(-1, "openai_chat", "logprobs", spaced))
    assert b'{"annotations":[]}' in machine.feed(Extra(-1, "openai_chat", "annotations", Raw(b"[]")))
    assert machine.losses == []
    assert machine.feed(Extra(-1, "anthropic", "citation", Raw(b"{}"))) == b""
    opaque = BlockStart(0, Kind.OPAQUE, name="server_tool_use", dialect="anthropic", raw=Raw(b"{}"))
    assert machine.feed(opaque) == machine.feed(BlockStop(0)) == b""
    machine.feed(BlockStart(1, Kind.THINKING, redacted=True))
    machine.feed(BlockStop(1, "sig", "anthropic"))
    assert [loss.path for loss in machine.losses] == ["stream", "blocks[0]", "blocks[1]", "blocks[1]"]


def test_every_reason_has_a_word() -> None:
    for reason in Reason:
        word = written(Start(), Finish(reason))[1]["choices"][0]["finish_reason"]
        assert word in ("stop", "length", "tool_calls", "content_filter")
