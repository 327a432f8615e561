"""Log probabilities in four lists."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from landbridge.wire.openai_legacy.logprobs import is_logprobs, legacy_form


def made(raw: bytes, offset: int = 0) -> Any:
    return json.loads(bytes(legacy_form(Raw(raw), offset)))


def test_the_newer_form() -> None:
    top = [{"token": "a", "logprob": -0.1}, {"token": "b", "logprob": -2.5}]
    content = [{"token": "한", "logprob": -0.1, "top_logprobs": top, "id": 5}, {"token": " b", "logprob": None}]
    assert made(json.dumps({"content": content}).encode(), 10) == {
        "tokens": ["한", " b"],
        "token_logprobs": [-0.1, None],
        "top_logprobs": [{"a": -0.1, "b": -2.5}, {}],
        "text_offset": [10, 11],
    }
    assert made(b'{"content": []}')["tokens"] == []


@pytest.mark.parametrize("raw", [b'{"tokens": ["a"], "text_offset": [3]}', b"5", b'{"content": 5}', b"[" * 5000])
def test_anything_else_is_left_as_it_came(raw: bytes) -> None:
    given = Raw(raw)
    assert legacy_form(given, 3) is given


def test_whose_they_may_be() -> None:
    assert is_logprobs("openai_chat", "logprobs")
    assert is_logprobs("openai_legacy", "logprobs")
    assert not is_logprobs("anthropic", "logprobs")
    assert not is_logprobs("openai_chat", "annotations")
