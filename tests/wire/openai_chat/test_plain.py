"""The short way for plain answers gives what the long one gives, and takes no other answer."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.neutral.response import collect
from landbridge.wire.openai_chat.answer import Answer
from landbridge.wire.openai_chat.plain import read_plain

COUNTS = {"prompt_tokens": 100, "completion_tokens": 3, "total_tokens": 103}


def answer(message: dict[str, Any], choice: dict[str, Any] | None = None, **fields: Any) -> bytes:
    said = {"role": "assistant", "content": "Hello", "refusal": None, **message}
    chosen = {"index": 0, "message": said, "logprobs": None, "finish_reason": "stop", **(choice or {})}
    whole = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [chosen]}
    return msgspec.json.encode({**whole, "usage": COUNTS, **fields})


def number(prefix: str) -> str:
    return f"{prefix}1"


@given(
    content=st.text(min_size=1),
    reason=st.sampled_from(["stop", "length"]),
    cached=st.none() | st.integers(0, 200),
    name=st.text(max_size=5),
)
def test_it_gives_what_the_long_way_gives(content: str, reason: str, cached: int | None, name: str) -> None:
    usage = {**COUNTS, "prompt_tokens_details": {"cached_tokens": cached}}
    body = answer({"content": content}, {"finish_reason": reason}, usage=usage, id=name, model=name)
    found = read_plain(body)
    assert found is not None
    assert found == collect(Answer(number, "provider:p").read_whole(body))


@pytest.mark.parametrize(
    "body",
    [
        answer({"content": ""}),
        answer({"content": None}),
        answer({"content": [{"type": "text", "text": "x"}]}),
        answer({"tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}),
        answer({"reasoning_content": "hm"}),
        answer({"reasoning": "hm"}),
        answer({"reasoning_details": [{"text": "hm"}]}),
        answer({"refusal": "no"}),
        answer({"annotations": []}),
        answer({}, {"finish_reason": "tool_calls"}),
        answer({}, {"finish_reason": None}),
        answer({}, {"logprobs": {"content": []}}),
        answer({}, {"stop_reason": "END"}),
        answer({}, {"index": 1}),
        answer({}, {"error": {"message": "x"}}),
        answer({}, {"usage": COUNTS}),
        answer({}, error={"message": "x"}),
        answer({}, timings={"prompt_n": 3}),
        answer({}, x_groq={"usage": COUNTS}),
        answer({}, usage=None),
        answer({}, usage={"prompt_tokens": 0, "completion_tokens": 0}),
        answer({}, choices=[]),
        answer({}, object="error"),
        b"<html>",
        b"[]",
        b'"\xff"',
    ],
)
def test_every_other_answer_takes_the_long_way(body: bytes) -> None:
    assert read_plain(body) is None
