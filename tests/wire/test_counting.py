"""Each dialect counts in its own form."""

from __future__ import annotations

import pytest

from landbridge.wire.counting import COUNTING

ANSWERS = {
    "anthropic": ("/v1/messages/count_tokens", b'{"input_tokens":7}'),
    "openai_responses": ("/responses/input_tokens", b'{"object":"response.input_tokens","input_tokens":7}'),
    "gemini": ("/models/g-3:countTokens", b'{"totalTokens":7}'),
}


@pytest.mark.parametrize("name", COUNTING)
def test_where_and_how(name: str) -> None:
    path, answer = ANSWERS[name]
    form = COUNTING[name]
    assert (form.path("g-3"), form.write(7)) == (path, answer)
    assert form.is_answer(answer)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error":{}}', b'"\xff"', b"[" * 100_000])
@pytest.mark.parametrize("name", COUNTING)
def test_what_is_no_answer(name: str, body: bytes) -> None:
    assert not COUNTING[name].is_answer(body)
