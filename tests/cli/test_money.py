"""Costs, counts and times in words."""

from __future__ import annotations

import pytest

from landbridge.cli.money import cost_text, count_text, dollars, seconds_text, sum_text
from landbridge.store.report import Amounts


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "$0"),
        (1, "$0.000001"),
        (9_999, "$0.009999"),
        (10_000, "$0.0100"),
        (999_949, "$0.9999"),
        (1_000_000, "$1.00"),
        (1_234_567_890, "$1,234.57"),
        (-2_500_000, "-$2.50"),
    ],
)
def test_dollars(micros: int, text: str) -> None:
    assert dollars(micros) == text


@pytest.mark.parametrize(
    ("sums", "text"),
    [
        (Amounts(requests=2, cost=1_500_000), "$1.50"),
        (Amounts(requests=2), "$0"),
        (Amounts(requests=2, unknown=2), "unknown"),
        (Amounts(requests=2, unknown=1, cost=1_500_000), "≥ $1.50"),
        (Amounts(requests=2, unknown=1), "unknown"),
        (Amounts(requests=2, local=2), "local"),
        (Amounts(requests=2, local=2, cost=5_000_000), "$5.00"),
        (Amounts(requests=3, local=2, unknown=1), "unknown"),
        (Amounts(), "$0"),
    ],
)
def test_what_is_not_known_is_never_nothing(sums: Amounts, text: str) -> None:
    assert sum_text(sums) == text


def test_one_cost() -> None:
    assert [cost_text(None), cost_text(0), cost_text(0, local=True)] == ["unknown", "$0", "local"]
    assert cost_text(2_000_000, local=True) == "$2.00"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (9999, "9999"),
        (10_000, "10k"),
        (12_345, "12.3k"),
        (999_499, "999k"),
        (999_999, "1M"),
        (1_000_000, "1M"),
        (4_560_000, "4.56M"),
        (7_000_000_000, "7G"),
    ],
)
def test_counts(number: int, text: str) -> None:
    assert count_text(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0.0, "0 ms"),
        (0.0844, "84 ms"),
        (1.24, "1.2 s"),
        (59.94, "59.9 s"),
        (185.4, "3 min 5 s"),
        (7_300.0, "2 h 1 min"),
    ],
)
def test_times(seconds: float | None, text: str) -> None:
    assert seconds_text(seconds) == text
