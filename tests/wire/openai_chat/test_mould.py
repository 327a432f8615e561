"""A stream read with moulds gives what it gives when every chunk is read in full."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.neutral.events import Event
from landbridge.wire.openai_chat import mould
from landbridge.wire.openai_chat.mould import Mould, is_plain
from landbridge.wire.openai_chat.read_stream import StreamReader
from landbridge.wire.openai_chat.types import decode_chunk
from tests.cases.cases import cases

Json = dict[str, Any]


def chunk(content: object = "hi", delta: Json | None = None, choice: Json | None = None, **fields: object) -> Json:
    said = {"content": content, **(delta or {})}
    told = {"index": 0, "delta": said, "logprobs": None, "finish_reason": None, **(choice or {})}
    return {"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [told], **fields}


def dump(value: object, **how: Any) -> bytes:
    return json.dumps(value, **how).encode()


def counting() -> Callable[[str], str]:
    numbers = count()
    return lambda prefix: f"{prefix}{next(numbers)}"


def read(payloads: list[bytes]) -> list[Event]:
    reader = StreamReader(counting(), "provider:x")
    events = [event for payload in payloads for event in reader.feed(b"data: " + payload + b"\n\n")]
    return events + reader.close()


class Whole(Mould):
    """Fits nothing."""

    __slots__ = ()

    def text(self, payload: bytes) -> None:
        return None


def test_the_next_text_is_found() -> None:
    learnt = Mould()
    first = dump(chunk("one"))
    assert learnt.text(first) is None
    learnt.learn(decode_chunk(first), first)
    for text in ("two", "", 'quo"te \\ \n 안녕 🌉', '","finish_reason":"stop'):
        for ascii in (True, False):
            assert learnt.text(dump(chunk(text), ensure_ascii=ascii)) == text


@pytest.mark.parametrize(
    "other",
    [
        chunk("x", choice={"finish_reason": "stop"}),
        chunk("x", usage={"prompt_tokens": 1, "completion_tokens": 1}),
        chunk("x", delta={"tool_calls": [{"index": 0}]}),
        chunk(None),
        chunk(["x"]),
        {**chunk("x"), "model": "n"},
    ],
)
def test_what_differs_elsewhere_does_not_fit(other: Json) -> None:
    learnt = Mould()
    first = dump(chunk("one"))
    learnt.learn(decode_chunk(first), first)
    assert learnt.text(dump(other)) is None
    assert learnt.text(dump(chunk("one"))[:-1]) is None


@pytest.mark.parametrize(
    "dull",
    [
        chunk("x", choice={"finish_reason": "stop"}),
        chunk("x", choice={"index": 1}),
        chunk("x", choice={"logprobs": {"content": []}}),
        chunk("x", delta={"reasoning_content": "hm"}),
        chunk("x", delta={"refusal": "no"}),
        chunk("x", delta={"tool_calls": [{"index": 0, "function": {"arguments": "{"}}]}),
        chunk("x", delta={"function_call": {"name": "f"}}),
        chunk("x", usage={"prompt_tokens": 1, "completion_tokens": 1}),
        chunk("x", timings={"prompt_n": 1}),
        chunk("x", x_groq={"id": "r"}),
        chunk("x", error={"message": "e"}),
        chunk(""),
        chunk(None),
        {**chunk("x"), "choices": []},
        {**chunk("x"), "choices": chunk("x")["choices"] * 2},
        {**chunk("x"), "object": "error"},
    ],
)
def test_a_chunk_that_does_more_than_say_text_is_no_mould(dull: Json) -> None:
    payload = dump(dull)
    assert not is_plain(decode_chunk(payload))
    learnt = Mould()
    learnt.learn(decode_chunk(payload), payload)
    assert learnt.text(payload) is None


def test_another_string_of_the_same_name_is_not_taken_for_the_text() -> None:
    first = dump({"note": {"content": "note"}, **chunk("one")})
    learnt = Mould()
    learnt.learn(decode_chunk(first), first)
    assert learnt.text(first) is None


def test_moulds_that_never_fit_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    probed: list[bytes] = []
    true_probe = mould._probe

    def probe(payload: bytes) -> bool:
        probed.append(payload)
        return true_probe(payload)

    monkeypatch.setattr(mould, "_probe", probe)
    learnt = Mould()
    for number in range(20):
        payload = dump(chunk("x", obfuscation=str(number)))
        assert learnt.text(payload) is None
        learnt.learn(decode_chunk(payload), payload)
    assert len(probed) == mould.TRIES


@pytest.mark.parametrize("case", [case for case in cases() if case.given("stream.sse")], ids=lambda case: case.name)
def test_golden_streams_are_read_alike(case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = case.given("stream.sse")
    fast = StreamReader(counting(), "x")
    events = fast.feed(stream) + fast.close()
    monkeypatch.setattr("landbridge.wire.openai_chat.read_stream.Mould", Whole)
    slow = StreamReader(counting(), "x")
    assert slow.feed(stream) + slow.close() == events


texts = st.text(max_size=6) | st.sampled_from(['"', "\\", '","content":"', '"}}', "\n\n", "data: "])
pieces = st.one_of(
    st.builds(chunk, texts),
    st.builds(
        chunk, texts, choice=st.fixed_dictionaries({}, optional={"finish_reason": st.sampled_from(["stop", None])})
    ),
    st.builds(chunk, texts, delta=st.fixed_dictionaries({}, optional={"reasoning": texts, "content": texts})),
    st.builds(chunk, texts, created=st.integers(0, 1)),
    st.builds(chunk, texts, usage=st.just({"prompt_tokens": 3, "completion_tokens": 2})),
    st.just(chunk(None, delta={"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}]})),
)


@given(st.lists(st.tuples(pieces, st.booleans()), max_size=12))
def test_any_stream_is_read_alike(stream: list[tuple[Json, bool]]) -> None:
    payloads = [dump(piece, ensure_ascii=ascii) for piece, ascii in stream]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("landbridge.wire.openai_chat.read_stream.Mould", Whole)
        slow = read(payloads)
    assert read(payloads) == slow


def test_text_that_is_no_utf_8_does_not_fit() -> None:
    first = dump(chunk("one"))
    learnt = Mould()
    learnt.learn(decode_chunk(first), first)
    assert learnt.text(first.replace(b"one", b"\xff")) is None
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        decode_chunk(first.replace(b"one", b"\xff"))
