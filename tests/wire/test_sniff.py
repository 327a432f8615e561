"""Looking at answers in passing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.neutral.events import Usage
from landbridge.wire.sniff import Sniffer, read_usage
from tests.fakes.answers import (
    Tokens,
    anthropic_stream,
    anthropic_whole,
    chat_error,
    chat_stream,
    chat_whole,
)

TOKENS = Tokens(12, 3, cached=4)
COUNTS = Usage(input=8, output=3, cache_read=4)
STREAMS = {
    "openai_chat": chat_stream(text="안녕 hello", usage=TOKENS),
    "anthropic": anthropic_stream(text="안녕 hello", usage=TOKENS),
}
STOPS = {"openai_chat": "stop", "anthropic": "end_turn"}
dialects = pytest.mark.parametrize("name", STREAMS)


def counted(usage: Usage) -> tuple[int, int | None]:
    return usage.prompt, usage.output


@dialects
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_p15_any_cut_gives_usage_model_and_end(name: str, size: int) -> None:
    sniffer, stream = Sniffer(name), STREAMS[name]
    for at in range(0, len(stream), size):
        sniffer.feed(stream[at : at + size])
    assert counted(sniffer.usage) == counted(COUNTS)
    assert sniffer.usage.cache_read == 4
    assert (sniffer.model, sniffer.stop_reason, sniffer.errors) == ("m", STOPS[name], 0)
    assert sniffer.finished and not sniffer.failed


@dialects
def test_p9_a_cut_stream_is_not_finished(name: str) -> None:
    sniffer, stream = Sniffer(name), STREAMS[name]
    sniffer.feed(stream[: len(stream) // 2])
    sniffer.close()
    assert not sniffer.finished


def test_a_chat_stream_without_done_is_finished_if_it_said_why() -> None:
    sniffer = Sniffer("openai_chat")
    sniffer.feed(STREAMS["openai_chat"].removesuffix(b"data: [DONE]\n\n"))
    assert not sniffer.finished
    sniffer.close()
    assert sniffer.finished


def test_p13_an_error_record_is_a_failure() -> None:
    chat = Sniffer("openai_chat")
    chat.feed(b"data: " + chat_error(500, "boom")[1] + b"\n\n")
    chat.close()
    messages = Sniffer("anthropic")
    messages.feed(b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"m"}}\n\n')
    messages.close()
    assert (chat.failed, chat.finished) == (messages.failed, messages.finished) == (True, False)


@given(st.lists(st.binary(max_size=30) | st.sampled_from([b'data: {"usage":5}\n\n', b"data: {oops\n\n", b"data: "])))
def test_law_10_nothing_makes_it_raise(chunks: list[bytes]) -> None:
    for name in (*STREAMS, "klingon"):
        sniffer = Sniffer(name)
        for chunk in chunks:
            sniffer.feed(chunk)
        sniffer.close()


def test_what_it_does_not_understand_is_counted() -> None:
    sniffer = Sniffer("openai_chat")
    sniffer.feed(b'data: {"usage" oops\n\n' + STREAMS["openai_chat"])
    assert sniffer.errors == 1
    assert counted(sniffer.usage) == counted(COUNTS)


def test_a_record_without_end_stops_the_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbridge.wire.sse.MAX_RECORD", 100)
    sniffer = Sniffer("openai_chat")
    for _ in range(3):
        sniffer.feed(b"data: " + b"x" * 90)
    assert sniffer.errors == 1


def test_usage_of_whole_answers() -> None:
    assert counted(read_usage("openai_chat", chat_whole(text="x", usage=TOKENS))) == counted(COUNTS)
    assert counted(read_usage("anthropic", anthropic_whole(text="x", usage=TOKENS))) == counted(COUNTS)
    timed = json.dumps({"timings": {"prompt_n": 8, "cache_n": 4, "predicted_n": 3}}).encode()
    assert read_usage("openai_chat", timed) == COUNTS


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[]", b'{"usage":5}', b'{"usage":null}'])
def test_no_usage_is_an_empty_usage(body: bytes) -> None:
    assert read_usage("openai_chat", body) == read_usage("anthropic", body) == read_usage("klingon", body) == Usage()
