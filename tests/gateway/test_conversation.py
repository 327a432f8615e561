"""Which conversation a call belongs to: the client's name for it, else its first turn, which all later ones repeat."""

from __future__ import annotations

import json
from typing import Any

import pytest

from landbridge.gateway.call import Call
from landbridge.gateway.conversation import conversation_of


def of(body: Any, headers: dict[str, str] | None = None, *, compact: bool = True) -> str:
    pairs = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    separators = (",", ":") if compact else (", ", ": ")
    return conversation_of(Call("openai_chat", json.dumps(body, separators=separators).encode(), pairs))


def test_the_clients_own_name_for_it() -> None:
    body = {"messages": [{"role": "user", "content": "Hi"}]}
    assert of(body, {"x-claude-code-session-id": "s1", "session_id": "s2"}) == "s1"
    assert of(body, {"session_id": "s2"}) == "s2"
    assert of(body, {"conversation_id": "c"}) == "c"


USER, ANSWER = {"role": "user", "content": "Write } a test"}, {"role": "assistant", "content": "No."}


@pytest.mark.parametrize("compact", [True, False])
def test_a_later_turn_belongs_to_the_same_conversation(compact: bool) -> None:
    system = {"role": "system", "content": "Be good."}
    first = of({"model": "a", "messages": [system, USER], "stream": True}, compact=compact)
    later = {"model": "a", "messages": [system, USER, ANSWER, {"role": "user", "content": "Why?"}], "stream": True}
    assert of(later, compact=compact) == first
    other = {"model": "a", "messages": [system, {"role": "user", "content": "Write a song"}]}
    assert of(other, compact=compact) != first


@pytest.mark.parametrize("compact", [True, False])
def test_marks_of_caches_move_and_do_not_count(compact: bool) -> None:
    marked = {"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}
    plain = {"type": "text", "text": "Hi"}
    one, other = ({"messages": [{"role": "user", "content": [part]}]} for part in (marked, plain))
    assert of(one, compact=compact) == of(other, compact=compact)


def test_a_long_first_turn_counts_as_far_as_it_is_looked_at() -> None:
    one, other = ({"messages": [{"role": "user", "content": "x" * 1000 + end}]} for end in "ab")
    assert of(one) == of(other)


def test_a_body_without_a_user_is_its_own_conversation() -> None:
    assert of({"prompt": "a"}) == of({"prompt": "a"}) != of({"prompt": "b"})
