"""Both ways back to back: what is written for Anthropic is what a client would have sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from landbridge.neutral.traits import Traits
from landbridge.wire.anthropic.request import read_request, write_request

CASES = Path(__file__).parents[2] / "cases" / "anthropic"
cases = pytest.mark.parametrize("case", ["claude_code", "text"])


def given(case: str) -> bytes:
    return (CASES / case / "request.json").read_bytes()


@cases
def test_law_5_a_request_comes_back(case: str) -> None:
    request = read_request(given(case))
    written = write_request(request, request.model, Traits())
    assert written.losses == ()
    assert read_request(written.body) == request


@cases
def test_law_5_p46_nothing_of_the_body_is_lost(case: str) -> None:
    body = json.loads(given(case))
    again = json.loads(write_request(read_request(given(case)), body["model"], Traits()).body)
    assert set(again) == {name for name, value in body.items() if value is not False}
    for name in set(again) - {"messages", "system"}:
        assert again[name] == body[name]
    assert [turn["role"] for turn in again["messages"]] == [turn["role"] for turn in body["messages"]]
    assert [_blocks(turn) for turn in again["messages"]] == [_blocks(turn) for turn in body["messages"]]


def _blocks(turn: dict[str, Any]) -> list[dict[str, Any]]:
    """Its blocks, in the form that says everything."""
    content = turn["content"]
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    return [{**block, "content": _blocks(block)} if block.get("content") else block for block in blocks]


@cases
def test_law_7_p80_the_same_request_gives_the_same_bytes(case: str) -> None:
    first, second = (write_request(read_request(given(case)), "m", Traits()).body for _ in range(2))
    assert first == second


def test_p80_a_moving_cache_mark_and_a_string_change_nothing_else() -> None:
    """While it is last, a message is a list with a mark; later the same message is a string."""
    mark = {"cache_control": {"type": "ephemeral"}}
    question: dict[str, Any] = {"role": "user", "content": [{"type": "text", "text": "hi", **mark}]}
    answer = {"role": "assistant", "content": "yes"}
    more: dict[str, Any] = {"role": "user", "content": [{"type": "text", "text": "go", **mark}]}
    early = {"model": "m", "max_tokens": 9, "messages": [question]}
    late = {**early, "messages": [{"role": "user", "content": "hi"}, answer, more]}
    first, second = (
        json.loads(write_request(read_request(json.dumps(body).encode()), "m", Traits()).body)["messages"]
        for body in (early, late)
    )
    assert first[0]["content"][0].pop("cache_control") == {"type": "ephemeral"}
    assert first == second[:1]
