"""What is said of a key: money that nobody knows is said and not counted, times are those of a person."""

from __future__ import annotations

import pytest

from landbridge.access.grant import Grant
from landbridge.access.keys import Used
from landbridge.cli.key_words import ago, as_json, limits, print_key, print_keys, spent, terms
from landbridge.manage.keys import Held

ANN = Grant(id="abcd2345", name="ann", models=("lab/*",), rpm=60, tpm=5000, budget=5_000_000, per="month")
BOB = Grant(id="bcde2345", name="bob", expires=50.0)
NOW = 1_000_000.0


def test_what_a_key_may_do() -> None:
    assert terms(ANN) == "lab/*; 60 requests a minute; 5000 tokens a minute; $5.00 a month; never ends"
    assert terms(BOB).startswith("every model; ends 1970-01-01")
    assert limits(BOB) == []


@pytest.mark.parametrize(
    ("grant", "used", "words"),
    [
        (ANN, Used(spent=1_250_000), "$1.25 of $5.00"),
        (ANN, Used(spent=0, unpriced=3), "$0.00 of $5.00 (3 without a price)"),
        (BOB, Used(spent=10), "$0.00001"),
    ],
)
def test_what_was_spent(grant: Grant, used: Used, words: str) -> None:
    assert spent(grant, used) == words


@pytest.mark.parametrize(
    ("passed", "words"),
    [(-5, "just now"), (30, "just now"), (90, "1 min ago"), (7300, "2 h ago"), (200_000, "2 d ago")],
)
def test_how_long_ago(passed: float, words: str) -> None:
    assert ago(NOW - passed, NOW) == words
    assert ago(None, NOW) == "never"


def test_a_table_and_a_page(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    print_keys([Held(ANN, Used(requests=4, spent=5), NOW - 90), Held(BOB, Used(), None)], NOW)
    out = capsys.readouterr().out
    assert "60 rpm, 5000 tpm, $5.00 a month" in out
    assert "expired 1970-01-01" in out
    assert "1 min ago" in out and "never" in out
    print_key(Held(ANN, Used(requests=4, unpriced=1), None), NOW)
    page = capsys.readouterr().out
    assert "requests   4 this month" in page


def test_json_has_dollars() -> None:
    fields = as_json(ANN, NOW, Used(requests=4, spent=1_500_000, unpriced=1), 9.0)
    assert (fields["budget"], fields["spent"], fields["unpriced"], fields["used"]) == (5.0, 1.5, 1, 9.0)
    assert "hash" not in fields
