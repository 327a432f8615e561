"""The short way for plain chunks gives what the long one gives, and takes no other chunk."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.neutral.events import Event
from landbridge.wire.gemini import answer as answers
from landbridge.wire.gemini.answer import Answer
from landbridge.wire.gemini.plain import read_plain
from tests.fakes.answers import Json, Tokens
from tests.fakes.gemini import gemini_call, gemini_chunk, gemini_part

from .google import ORIGIN, counting


def dump(value: object) -> bytes:
    return json.dumps(value).encode()


def chunk(part: Json | None = None, candidate: Json | None = None, **fields: object) -> bytes:
    content = {"role": "model", "parts": [{"text": "Hi", **(part or {})}]}
    return dump({"candidates": [{"content": content, "index": 0, **(candidate or {})}], "modelVersion": "m", **fields})


def read(payloads: list[bytes]) -> list[Event]:
    answer = Answer(counting(), ORIGIN)
    events = [event for payload in payloads if not answer.ended for event in answer.read(payload)]
    return events if answer.ended else events + answer.finish()


@pytest.mark.parametrize(
    ("payload", "text", "thought"),
    [
        (chunk(), "Hi", False),
        (chunk({"text": '"}]\\ \n 안녕 🌉'}), '"}]\\ \n 안녕 🌉', False),
        (chunk({"thought": True}), "Hi", True),
        (chunk({"text": ""}), "", False),
        (chunk(candidate={"index": 0, "safetyRatings": [], "avgLogprobs": -1.5, "finishReason": None}), "Hi", False),
        (chunk(usageMetadata={"promptTokenCount": 1}, error=None, somethingNew=[1]), "Hi", False),
    ],
)
def test_plain_chunks(payload: bytes, text: str, thought: bool) -> None:
    plain = read_plain(payload)
    assert plain is not None
    part = plain.candidates[0].content.parts[0]
    assert (part.text, part.thought) == (text, thought)


@pytest.mark.parametrize(
    "payload",
    [
        chunk({"text": None}),
        chunk({"text": 1}),
        chunk({"thought": None}),
        chunk({"thought": "yes"}),
        chunk({"thoughtSignature": "c2ln"}),
        chunk({"functionCall": {"name": "f"}}),
        chunk({"inlineData": {"mimeType": "image/png", "data": "aGk="}}),
        chunk(candidate={"finishReason": "STOP"}),
        chunk(candidate={"finishMessage": "so"}),
        chunk(candidate={"index": 1}),
        chunk(candidate={"index": None}),
        chunk(candidate={"groundingMetadata": {}}),
        chunk(candidate={"citationMetadata": {}}),
        chunk(candidate={"urlContextMetadata": {}}),
        chunk(candidate={"logprobsResult": {}}),
        chunk(candidate={"content": None}),
        chunk(candidate={"content": {"parts": []}}),
        chunk(candidate={"content": {"parts": [{"text": "a"}, {"text": "b"}]}}),
        chunk(candidates=[]),
        chunk(candidates=[{"content": {"parts": [{"text": "a"}]}}] * 2),
        chunk(promptFeedback={"blockReason": "SAFETY"}),
        chunk(error={"code": 500}),
        dump([]),
        b'{"candidates":[{"content":{"parts":[{"text":"\xff"}]}}]}',
        b'{"candidates":',
        b"",
    ],
)
def test_every_other_chunk_takes_the_long_way(payload: bytes) -> None:
    assert read_plain(payload) is None


_texts = st.text(max_size=6) | st.sampled_from(['"', "\\", '"}]}', "\n\n"])
_parts = st.one_of(
    st.builds(gemini_part, _texts, thought=st.booleans()),
    st.builds(gemini_part, _texts, signature=st.sampled_from(["", "c2ln"])),
    st.just(gemini_call("f", {"a": 1})),
    st.just({"executableCode": {"code": "1"}}),
    st.builds(lambda text, field: {"text": text, **field}, _texts, st.sampled_from([{"new": 1}, {"thought": None}])),
)
_chunks = st.builds(
    gemini_chunk,
    st.lists(_parts, max_size=2),
    st.sampled_from(["", "", "STOP", "SAFETY"]),
    usage=st.sampled_from([None, Tokens(3, 1), Tokens(3, 2)]),
)


@given(st.lists(_chunks, max_size=10))
def test_any_stream_is_read_alike(stream: list[Json]) -> None:
    payloads = [dump(each) for each in stream]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(answers, "read_plain", lambda payload: None)
        slow = read(payloads)
    assert read(payloads) == slow
