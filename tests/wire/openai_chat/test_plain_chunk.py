"""The short way for plain chunks gives what the long one gives, and takes no other chunk."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.neutral.events import Delta, Event
from landbridge.wire.openai_chat import answer
from landbridge.wire.openai_chat.plain_chunk import read_plain_chunk
from landbridge.wire.openai_chat.read_stream import StreamReader
from tests.cases.cases import cases

Json = dict[str, Any]


def chunk(content: object = "hi", delta: Json | None = None, choice: Json | None = None, **fields: object) -> Json:
    said = {"content": content, **(delta or {})}
    told = {"index": 0, "delta": said, "logprobs": None, "finish_reason": None, **(choice or {})}
    return {"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [told], **fields}


def call(index: object = 0, arguments: object = '{"a":', **fields: Any) -> Json:
    return {"index": index, "function": {"arguments": arguments, **fields}}


def dump(value: object, **how: Any) -> bytes:
    return json.dumps(value, **how).encode()


def counting() -> Callable[[str], str]:
    numbers = count()
    return lambda prefix: f"{prefix}{next(numbers)}"


def read(payloads: list[bytes]) -> list[Event]:
    reader = StreamReader(counting(), "provider:x")
    events = [event for payload in payloads for event in reader.feed(b"data: " + payload + b"\n\n")]
    return events + reader.close()


def in_full(payloads: list[bytes]) -> list[Event]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(answer, "read_plain_chunk", lambda payload: None)
        return read(payloads)


@pytest.mark.parametrize(
    "plain",
    [
        chunk(),
        chunk(""),
        chunk('quo"te \\ \n 안녕 🌉","finish_reason":"stop'),
        chunk(None, {"reasoning_content": "hm"}),
        chunk("so", {"reasoning": "hm", "reasoning_details": [{"type": "reasoning.text", "text": "hm"}]}),
        chunk(None, {"tool_calls": [call()]}),
        chunk("x", {"reasoning": None, "reasoning_details": []}),
        chunk("x", {"tool_calls": [], "refusal": "", "function_call": None, "role": "assistant"}),
        chunk("x", choice={"finish_reason": ""}, obfuscation="k2J", service_tier="default"),
        {"choices": [{"delta": {"content": "x"}}]},
    ],
)
def test_plain_chunks(plain: Json) -> None:
    delta = plain["choices"][0]["delta"]
    for ascii in (True, False):
        said = read_plain_chunk(dump(plain, ensure_ascii=ascii))
        assert said is not None
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        assert (said.content, said.reasoning_content or said.reasoning) == (delta["content"], thought)


@pytest.mark.parametrize(
    "other",
    [
        chunk(["x"]),
        chunk(1),
        chunk("x", choice={"finish_reason": "stop"}),
        chunk("x", choice={"index": 1}),
        chunk("x", choice={"logprobs": {"content": []}}),
        chunk("x", choice={"error": {"message": "e"}}),
        chunk("x", choice={"usage": {"prompt_tokens": 1}}),
        chunk("x", choice={"delta": None}),
        chunk("x", delta={"reasoning_content": ["hm"]}),
        chunk("x", delta={"refusal": "no"}),
        chunk("x", delta={"annotations": []}),
        chunk(None, delta={"tool_calls": [call(name="f")]}),
        chunk(None, delta={"tool_calls": [call(None)]}),
        chunk(None, delta={"tool_calls": [call(arguments={"a": 1})]}),
        chunk("x", delta={"function_call": {"name": "f"}}),
        chunk("x", usage={"prompt_tokens": 1, "completion_tokens": 1}),
        chunk("x", timings={"prompt_n": 1}),
        chunk("x", prompt_progress={"total": 1}),
        chunk("x", x_groq={"id": "r"}),
        chunk("x", error={"message": "e"}),
        {**chunk("x"), "choices": []},
        {**chunk("x"), "choices": chunk("x")["choices"] * 2},
        {**chunk("x"), "object": "error"},
        [],
    ],
)
def test_every_other_chunk_takes_the_long_way(other: object) -> None:
    assert read_plain_chunk(dump(other)) is None


def test_what_is_no_json_takes_the_long_way() -> None:
    for payload in (b"", b"[DONE]", dump(chunk("one")).replace(b"one", b"\xff"), dump(chunk())[:-1]):
        assert read_plain_chunk(payload) is None


def test_chunks_that_are_never_plain_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[bytes] = []

    def read_plain(payload: bytes) -> None:
        tried.append(payload)

    monkeypatch.setattr(answer, "read_plain_chunk", read_plain)
    assert len([event for event in read([dump(chunk())] * 20) if isinstance(event, Delta)]) == 20
    assert len(tried) == answer.TRIES


@pytest.mark.parametrize("case", [case for case in cases() if case.given("stream.sse")], ids=lambda case: case.name)
def test_golden_streams_are_read_alike(case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = case.given("stream.sse")
    fast = StreamReader(counting(), "x")
    events = fast.feed(stream) + fast.close()
    monkeypatch.setattr(answer, "read_plain_chunk", lambda payload: None)
    slow = StreamReader(counting(), "x")
    assert slow.feed(stream) + slow.close() == events


texts = st.text(max_size=6) | st.sampled_from(['"', "\\", '","content":"', '"}}', "\n\n", "data: "])
reasons = st.fixed_dictionaries({}, optional={"finish_reason": st.sampled_from(["stop", "", None])})
thoughts = st.fixed_dictionaries(
    {},
    optional={
        "reasoning": texts,
        "reasoning_content": texts | st.none(),
        "reasoning_details": st.sampled_from([None, [], [{"type": "reasoning.text", "text": "hm"}]]),
        "content": texts,
        "refusal": st.sampled_from(["", None, "no"]),
    },
)
fragments = st.builds(call, st.sampled_from([0, 0, 1, None]), st.sampled_from(["", '{"a":', "1", "}", " ", "{}"]))
begun = st.builds(lambda fragment: {**fragment, "id": "c"}, st.builds(call, st.integers(0, 1), name=st.just("f")))
pieces = st.one_of(
    st.builds(chunk, texts | st.none(), choice=reasons),
    st.builds(chunk, texts, delta=thoughts),
    st.builds(chunk, texts, created=st.integers(0, 1)),
    st.builds(chunk, texts, usage=st.just({"prompt_tokens": 3, "completion_tokens": 2})),
    st.builds(
        lambda said, calls: chunk(said, delta={"tool_calls": calls}),
        st.sampled_from([None, "", "x"]),
        st.lists(fragments | begun, max_size=2),
    ),
)


@given(st.lists(st.tuples(pieces, st.booleans()), max_size=12))
def test_any_stream_is_read_alike(stream: list[tuple[Json, bool]]) -> None:
    payloads = [dump(piece, ensure_ascii=ascii) for piece, ascii in stream]
    assert read(payloads) == in_full(payloads)
