"""Streams of completions: cut anywhere, with progress, without an end, with an error in place of the answer."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.errors import Cut, Garbled
from landbridge.neutral.events import Event, Failed, Finish, Reason, Usage, check_grammar
from landbridge.neutral.parts import Text
from landbridge.neutral.response import collect
from landbridge.wire.openai_legacy.read_stream import StreamReader
from tests.fakes.answers import Tokens
from tests.fakes.legacy import legacy_chunk, legacy_stream

STREAM = legacy_stream(text=" and on 안녕 🦊.\n", usage=Tokens(5, 7, cached=3), finish="length")


def read(*pieces: bytes) -> list[Event]:
    reader = StreamReader(str, "o")
    return [event for piece in pieces for event in reader.feed(piece)] + reader.close()


def test_the_answer() -> None:
    events = read(STREAM)
    check_grammar(events)
    response = collect(events)
    assert response.parts == (Text(" and on 안녕 🦊.\n"),)
    assert (response.finish, response.id) == (Finish(Reason.LENGTH), "cmpl-1")
    assert response.usage == Usage(input=2, output=7, cache_read=3, reasoning=0)


def test_p15_cut_at_every_byte() -> None:
    whole = collect(read(STREAM))
    assert collect(read(*(STREAM[at : at + 1] for at in range(len(STREAM))))) == whole


@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=8).map(sorted))
def test_law_1_any_cut(cuts: list[int]) -> None:
    edges = [0, *cuts, len(STREAM)]
    assert collect(read(*(STREAM[a:b] for a, b in itertools.pairwise(edges)))) == collect(read(STREAM))


@given(end=st.integers(0, len(STREAM) - 1))
def test_p9_law_8_cut_off_anywhere_it_has_an_end(end: int) -> None:
    events = read(STREAM[:end])
    check_grammar(events)
    if b'"length"' not in STREAM[:end]:
        assert isinstance(events[-1], Failed)
        assert isinstance(events[-1].error, Cut | Garbled)


def test_an_engine_s_progress_and_counts_beside_its_reason() -> None:
    progress = {**legacy_chunk(""), "prompt_progress": {"total": 9, "cache": 0, "processed": 4}}
    last = {**legacy_chunk("", "stop"), "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}}
    chunks = [progress, legacy_chunk("a"), legacy_chunk(" b"), last]
    response = collect(read(b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks)))
    assert response.parts == (Text("a b"),)
    assert (response.usage.prompt, response.usage.output) == (9, 2)


@pytest.mark.parametrize(
    "body",
    [b'{"error": {"message": "boom"}}', b"<html><title>Log in</title>", b'data: {"error": {"message": "x"}}\n\n'],
)
def test_what_is_no_answer_is_a_failure(body: bytes) -> None:
    assert isinstance(read(body)[-1], Failed)


@pytest.mark.parametrize("text", [None, 5, [], {"a": 1}])
def test_a_text_that_is_none_says_nothing(text: object) -> None:
    chunk = {"choices": [{"index": 0, "text": text, "finish_reason": "stop"}]}
    assert collect(read(b"data: " + json.dumps(chunk).encode() + b"\n\n")).parts == ()
