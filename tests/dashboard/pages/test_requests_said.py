"""Both sides of an exchange: who was asked, and what became of what."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.dashboard.pages.requests_said import change_text, differing, model_in
from landbridge.store.differences import Change
from landbridge.store.report import Exchange
from landbridge.store.told import ToldRound

EXCHANGE = Exchange(id="req_1", at=1.0, seconds=1.0, target="lab/m")


def asked(sent: Any) -> ToldRound:
    return ToldRound(url="http://x/v1/chat/completions", dialect="openai_chat", sent=sent, status=200, received={})


def test_each_round_says_who_was_asked() -> None:
    assert model_in(asked({"model": "m"}), EXCHANGE) == "lab/m"
    assert model_in(asked({"model": "bad"}), EXCHANGE) == "bad"
    assert model_in(asked("no JSON"), EXCHANGE) == "lab/m"


def test_an_answer_begins_at_the_model() -> None:
    client, theirs = {"id": "msg_1", "kept": "the same text"}, {"gone": 77, "moved": "the same text"}
    found = differing(client, theirs, answer=True)
    assert (found.client["id"], found.other["gone"], found.changes) == ("added", "left out", [])
    turned = differing(client, theirs, answer=False)
    assert (turned.client["id"], turned.other["gone"]) == ("left out", "added")
    assert turned.changes


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (Change("moved", "a", "b"), "> a → b"),
        (Change("moved", "a", "b", within=True, count=3), "> a → b (a part of it)  (3)"),
        (Change("changed", "a", "a", 1, "x"), '~ a: 1 → "x"'),
        (Change("left out", "a", old=None), "- a: null"),
        (Change("added", after="b", new=True), "+ b: true"),
    ],
)
def test_changes_in_words(change: Change, text: str) -> None:
    assert change_text(change) == text
    assert len(change_text(Change("added", after="b", new="x" * 1000))) < 200
