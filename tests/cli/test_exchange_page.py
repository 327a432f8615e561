"""One exchange, as a page for people and as values for programs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from landbridge.cli.exchange_page import (
    LINES,
    body_lines,
    change_text,
    lines,
    timeline,
    tokens_text,
)
from landbridge.store.bodies import Bodies, Round
from landbridge.store.differences import Change
from landbridge.store.report import Exchange
from tests.fakes.answers import anthropic_whole
from tests.store.said import ASKED, converted


def exchange(**fields: Any) -> Exchange:
    known: dict[str, Any] = {"id": "req_1", "at": 1_795_000_000.0, "seconds": 4.0, "outcome": "ok", "status": 200}
    return Exchange(**{**known, **fields})


def page(row: Exchange, bodies: Bodies | None = None, full: bool = False) -> str:
    return "\n".join(lines(row, bodies, full=full))


def test_facts() -> None:
    text = page(
        exchange(
            client="claude-cli",
            key="k1",
            session="s1",
            agent="a1",
            dialect="anthropic",
            model="claude-x",
            target="lab/m",
            path="converted",
            provider="lab",
            route="alias claude-*",
            stream=True,
            attempts=2,
            retries=1,
            losses=["top_k: cannot"],
            repairs={"quoting": 2},
            input=1200,
            cache_read=30,
            output=40,
            reasoning=5,
            searches=2,
            cost=1_000_000,
        )
    )
    for said in (
        "claude-cli (key k1)",
        "s1, subagent a1",
        "claude-x  (anthropic, streamed)",
        "lab/m  (converted)",
        "alias claude-*",
        "2, until one answered or none was left; 1 times an engine ended before it answered",
        "1,200 of prompt, 30 from the cache, 40 of answer, 5 of these thinking",
        "$1.00",
        "2 searches",
        "top_k: cannot",
        "quoting: 2",
        "store.bodies = true",
    ):
        assert said in text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"first": 1.0, "output": 60}, "first content after 1.0 s, then 3.0 s, 20 tokens a second"),
        ({"first": 4.0, "output": 60}, "first content after 4.0 s, then 0 ms"),
        ({"outcome": "cut"}, "no content came"),
        ({}, "in one piece"),
        ({"seconds": 0.0, "first": 0.0}, "in one piece"),
    ],
)
def test_times(fields: dict[str, Any], words: str) -> None:
    line, below = timeline(exchange(**fields))
    assert below.strip() == words
    assert line.count("·") + line.count("█") == 48


def test_tokens() -> None:
    assert tokens_text(exchange()) == "not said"
    assert tokens_text(exchange(output=0)) == "none"
    assert tokens_text(exchange(output=5, estimated=True)) == "5 of answer (estimated)"


def test_both_dialects_and_what_changed() -> None:
    text = page(exchange(dialect="anthropic"), converted())
    assert '"top_k": 5' in text
    assert '"max_completion_tokens": 64' in text
    assert "> system -> messages[0].content" in text
    assert "> max_tokens -> max_completion_tokens" in text
    assert "- top_k: 5" in text
    assert text.count("\n  Hi!\n") == 2
    assert "~ model" in text.split("in the answer:")[1], "the answer's model is the one that was asked for"


def test_what_passed_through_is_said_once() -> None:
    body, answer = json.dumps(ASKED).encode(), anthropic_whole("Hi!")
    passed = converted(rounds=[Round("https://x/v1/messages", body, 200, answer)], answer=answer)
    text = page(exchange(), passed)
    assert "the same, byte for byte" in text
    assert "The client got this answer byte for byte." in text
    assert "What conversion changed" not in text


def test_errors_cuts_and_garbage() -> None:
    refused = Round("https://x/v1/messages", b"\xff not JSON", 529, b'{"error":{"message":"too many"}}')
    text = page(exchange(), converted(rounds=[refused], cut=12_345))
    assert "12,345 bytes of this exchange are not kept" in text
    assert "too many" in text and "not JSON" in text
    assert page(exchange(), converted(rounds=[], answer=b""))
    assert "\x1b" not in page(exchange(), converted(request=b'{"a":"\x1b[2J"}'))


def test_long_things_are_shortened_unless_all_is_wanted() -> None:
    long = json.dumps({"text": "x" * 5000, "list": list(range(100))}).encode()
    short, full = body_lines(long, False), body_lines(long, True)
    assert "(5,000 characters)" in "".join(short) and "... 96 more ..." in "".join(short)
    assert "x" * 5000 in "".join(full)
    many = "\n".join(str(number) for number in range(500)).encode()
    assert len(body_lines(many, False)) == LINES + 1
    assert len(body_lines(many, True)) == 500
    assert body_lines(b"", False) == ["  (empty)"]
    assert "data: " in page(exchange(), converted(), full=True)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (Change("moved", "a", "b", count=3), "> a -> b  (3 values)"),
        (Change("moved", "a", "b", within=True), "> a -> part of b"),
        (Change("changed", "a", "a", 1, None), "~ a: 1 -> null"),
        (Change("left out", "a", old="x" * 100), '- a: "' + "x" * 44 + "..."),
        (Change("added", after="b", new=True), "+ b: true"),
    ],
)
def test_lines_of_what_changed(change: Change, text: str) -> None:
    assert change_text(change) == text
