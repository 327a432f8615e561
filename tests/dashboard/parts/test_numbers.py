"""Numbers as people read them, at the edges of their units, too."""

from __future__ import annotations

import time

import pytest

from landbridge.dashboard.parts import numbers


@pytest.mark.parametrize(
    ("bytes", "said"),
    [(0, "0 B"), (999.4, "999 B"), (999.6, "1 KB"), (999_600, "1.0 MB"), (1.44e9, "1.4 GB"), (140e9, "140 GB"),
     (5e15, "5000 TB")],
)  # fmt: skip
def test_sizes(bytes: float, said: str) -> None:
    assert numbers.size(bytes) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0"), (950, "950"), (9_999, "9,999"), (12_345, "12.3k"), (999_949, "999.9k"), (999_999, "1.0M"),
     (4.1e6, "4.1M"), (2.5e9, "2.5G")],
)  # fmt: skip
def test_counts(number: float, said: str) -> None:
    assert numbers.count(number) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.34, "340 ms"), (0.9997, "1.0 s"), (2.44, "2.4 s"), (59.97, "1 min 0 s"), (200, "3 min 20 s"),
     (3599.6, "1 h 0 min"), (7500, "2 h 5 min")],
)  # fmt: skip
def test_durations(seconds: float, said: str) -> None:
    assert numbers.seconds(seconds) == said


@pytest.mark.parametrize(
    ("micro", "said"), [(None, "-"), (0, "$0.00"), (3_100, "$0.0031"), (1_240_000, "$1.24"), (1.5e9, "$1,500.00")]
)
def test_money_is_known_or_a_dash(micro: int | None, said: str) -> None:
    assert numbers.money(micro) == said


def test_shares() -> None:
    assert (numbers.share(21, 25), numbers.share(0, 1), numbers.share(1, 0)) == ("84 %", "0 %", "-")


def test_times() -> None:
    now = time.time()
    assert numbers.clock(now) == time.strftime("%H:%M:%S", time.localtime(now))
    assert numbers.clock(0).startswith("19")
