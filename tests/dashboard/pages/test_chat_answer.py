"""How fast an answer was and what it cost: what is not known is a dash, never 0."""

from __future__ import annotations

from typing import Any

from landbridge.dashboard.pages.chat_answer import figures, rate
from landbridge.store.conversation import Answer


def answer(**given: Any) -> Answer:
    return Answer(id="a", model="m", **given)


def shown(**given: object) -> str:
    return figures(answer(**given)).replace("\u00a0", " ")


def test_all_of_it() -> None:
    found = shown(seconds=3.4, first=0.4, output=120, input=12_300, cost=3_100)
    assert found == "40.0 tokens/s · first word after 400 ms · 120 tokens · prompt of 12.3k · cost $0.0031"


def test_what_is_not_known_is_a_dash() -> None:
    assert shown(seconds=1.0) == "- tokens/s · first word after - · - tokens · prompt of - · cost -"


def test_nothing_costs_nothing() -> None:
    assert shown(seconds=1.0, cost=0).endswith("cost $0.00")


def test_no_figures_of_what_runs_or_failed() -> None:
    assert shown(first=0.1, output=3) == ""
    assert shown(seconds=1.0, output=3, fault="No.") == ""


def test_the_rate_counts_from_the_first_word() -> None:
    assert rate(answer(seconds=2.0, first=1.0, output=50)) == 50
    assert rate(answer(seconds=1.0, first=1.0, output=50)) is None
    assert rate(answer(seconds=2.0, first=1.0, output=1)) is None
    assert rate(answer(seconds=2.0, output=50)) is None
