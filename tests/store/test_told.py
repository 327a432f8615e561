"""One exchange as values for programs."""

from __future__ import annotations

import json

import msgspec

from landbridge.store.bodies import Round
from landbridge.store.differences import Change
from landbridge.store.report import Exchange
from landbridge.store.told import Told, answer_changes, request_changes, tell, value_of
from tests.fakes.answers import anthropic_whole
from tests.store.said import ASKED, SENT, converted

EXCHANGE = Exchange(id="req_1", at=1.0, seconds=1.0)


def test_what_was_said() -> None:
    said = tell(EXCHANGE, converted(cut=5)).said
    assert said is not None
    assert (said.request, said.rounds[0].sent, said.rounds[0].dialect) == (ASKED, SENT, "openai_chat")
    assert said.rounds[0].received.startswith("data: "), "a stream is text"
    assert said.answer["content"][0]["text"] == "Hi!"
    assert (said.cut, said.status) == (5, 200)
    assert (said.text, said.error) == ("Hi!", "")
    assert Change("left out", "top_k", old=5) in said.changes
    assert Change("changed", "model", "model", "m", "claude-x") in said.answer_changes


def test_it_comes_through_json() -> None:
    told = tell(EXCHANGE, converted())
    assert msgspec.json.decode(msgspec.json.encode(told), type=Told) == told
    assert tell(EXCHANGE, None).said is None


def test_what_was_not_converted_was_not_changed() -> None:
    body, answer = json.dumps(ASKED).encode(), anthropic_whole("Hi!")
    passed = converted(rounds=[Round("https://x/v1/messages", body, 200, answer)], answer=answer)
    assert request_changes(passed) == answer_changes(passed) == []


def test_nothing_is_compared_with_garbage_or_nothing() -> None:
    for bodies in (
        converted(rounds=[]),
        converted(rounds=[Round("https://x/v1/messages", b"\xff", 529, b"")]),
        converted(request=b"[1]", answer=b""),
    ):
        assert request_changes(bodies) == answer_changes(bodies) == []
    assert value_of(b"\xff") == "\ufffd"
    assert value_of(b'{"a":1}') == {"a": 1}
