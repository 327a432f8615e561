"""Rules are data that hold together."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from landbridge.conformance.faces import FACES
from landbridge.conformance.rule import MARK, Ask, Broken, NotOffered, NotTestable, Rule, Want, need
from landbridge.conformance.rules import RULES, SECTIONS
from landbridge.conformance.sources import NAMES, REPORTS
from landbridge.conformance.target import target_at
from landbridge.conformance.upstreams import UPSTREAMS


def test_ids_are_unique_and_begin_with_their_subject() -> None:
    assert [id for id, number in Counter(rule.id for rule in RULES).items() if number > 1] == []
    for letter, (_, rules) in SECTIONS.items():
        assert all(re.fullmatch(rf"{letter}\d+", rule.id) for rule in rules)


def test_there_are_many() -> None:
    assert len(RULES) > 180


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_says_what_it_wants_of_whom_and_why(rule: Rule) -> None:
    assert set(rule.faces) <= set(FACES) and rule.faces
    assert not rule.plays or (rule.upstreams and set(rule.upstreams) <= set(UPSTREAMS))
    assert not rule.title.endswith(".")
    for source in rule.source.split(", "):
        assert source in NAMES or int(source.removeprefix("P")) in REPORTS
    assert not rule.together or all(isinstance(ask, Ask | Want) for ask in rule.asks)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.plays], ids=lambda rule: rule.id)
def test_every_request_to_the_suites_upstream_says_which_rule_it_is_of(rule: Rule) -> None:
    target = target_at("http://127.0.0.1:1/anthropic", {"openai_chat": "m"})
    for face in rule.faces:
        for ask in rule.asks:
            if isinstance(ask, Ask | Want):
                content = target.wire(FACES[face], ask, "lbc-X1-0123456789ab", "m").content
                assert b"lbc-X1-0123456789ab" in content and MARK.encode() not in content


def test_every_report_is_used() -> None:
    used = {source for rule in RULES for source in rule.source.split(", ")}
    assert {f"P{number}" for number in REPORTS} - used == set()
    assert set(NAMES) - used == set()


def test_findings_know_their_verdict() -> None:
    assert (Broken.verdict, NotOffered.verdict, NotTestable.verdict) == ("fail", "not offered", "not testable")
    need(True, "never")
    with pytest.raises(Broken, match="this"):
        need([], "this")
