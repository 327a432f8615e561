"""What is said of a key, and what a form asks the router for."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.dashboard.pages import api_key_words as words
from landbridge.manage.keys import KeyInfo

ANN = KeyInfo(
    id="abcd2345", name="ann", state="active", models=["lab/*", "m"], rpm=60, tpm=50_000, budget=5.0, per="month",
    created=1.0, expires=2e9, revoked=None, requests=4, spent=1.25, unpriced=2, used=1000.0,
)  # fmt: skip
BOB = KeyInfo(
    id="b", name="bob", state="revoked", models=[], rpm=None, tpm=None, budget=None, per="total", created=1.0,
    expires=None, revoked=2.0,
)  # fmt: skip


def test_words() -> None:
    assert words.state(ANN) == ("Active", "good")
    assert words.state(BOB) == ("Revoked", "bad")
    assert (words.models(ANN), words.models(BOB)) == ("lab/*, m", "Every model")
    assert words.limits(ANN).startswith("60 requests a minute\n50.0k tokens a minute\nuntil 2033-05-1")
    assert words.limits(BOB) == "None"
    assert words.spent(ANN) == "$1.25 of $5.00 this month\n2 requests without a price"
    assert words.spent(BOB) == "$0.00"
    assert (words.share(ANN), words.share(BOB)) == (0.25, None)


@pytest.mark.parametrize(
    ("passed", "said"),
    [(-3, "Just now"), (59, "Just now"), (60, "1 minute ago"), (7300, "2 hours ago"), (200_000, "2 days ago")],
)
def test_when_it_was_used(passed: float, said: str) -> None:
    assert words.used(ANN, 1000.0 + passed) == said
    assert words.used(BOB) == "Never"


def filled(key: KeyInfo | None, **more: Any) -> dict[str, Any]:
    """What `body` makes of a form in which `more` was filled in."""
    return words.body({**words.form(key), **more}, key)


def test_a_new_key() -> None:
    assert filled(None, name=" ann ") == {"name": "ann"}
    said = {"rpm": 60.0, "budget": 2.5, "per": "day", "expires": "30d", "models": ["m"]}
    assert filled(None, name="ann", **said) == {"name": "ann", **said}
    assert isinstance(filled(None, name="a", rpm=60.0)["rpm"], int)
    assert "per" not in filled(None, name="ann", per="day"), "without a budget there is no period"


def test_only_what_is_another_is_changed() -> None:
    assert filled(ANN) == {}
    assert filled(BOB) == {}
    assert filled(ANN, rpm=None, expires="never", name="anna") == {"rpm": None, "expires": None, "name": "anna"}
    assert filled(ANN, models=[]) == {"models": []}
    assert filled(BOB, expires="7d", budget=0.0, per="total") == {"expires": "7d", "budget": 0.0}
    assert filled(ANN, budget=6.0) == {"budget": 6.0}
