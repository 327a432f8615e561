"""What people write of a key is understood, and what cannot be meant is said."""

from __future__ import annotations

from datetime import datetime

import pytest

from landbridge.access.terms import check_name, check_pattern, read_dollars, read_expiry, shown_time
from landbridge.errors import ConfigFault

NOW = datetime(2026, 11, 26, 12).timestamp()


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("30d", NOW + 30 * 86400),
        (" 12H ", NOW + 12 * 3600),
        ("90 m", NOW + 90 * 60),
        ("2w", NOW + 14 * 86400),
        ("1y", NOW + 365 * 86400),
        ("2027-01-31", datetime(2027, 2, 1).timestamp()),
        ("2026-11-26", datetime(2026, 11, 27).timestamp()),
        ("2027-01-31T18:00", datetime(2027, 1, 31, 18).timestamp()),
        ("2027-01-31 18:00", datetime(2027, 1, 31, 18).timestamp()),
        ("never", None),
    ],
)
def test_when_a_key_ends(text: str, until: float | None) -> None:
    assert read_expiry(text, NOW) == until


def test_a_moment_with_its_zone() -> None:
    assert read_expiry("2027-01-31T18:00Z", NOW) == read_expiry("2027-01-31T19:00+01:00", NOW)


@pytest.mark.parametrize(
    "text", ["", "soon", "30", "30x", "-1d", "0d", "2026-11-25", "2027-13-01", "9999-12-31", "999999y"]
)
def test_what_is_no_end(text: str) -> None:
    with pytest.raises(ConfigFault) as caught:
        read_expiry(text, NOW)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("text", "micro"),
    [
        ("5", 5_000_000),
        ("$5", 5_000_000),
        ("12.50", 12_500_000),
        ("0.000001", 1),
        ("0", 0),
        ("none", None),
        ("1e2", 10**8),
    ],
)
def test_amounts(text: str, micro: int | None) -> None:
    assert read_dollars(text) == micro


@pytest.mark.parametrize("text", ["", "five", "-1", "nan", "inf", "1e99", "5 EUR"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(ConfigFault, match="no amount of dollars"):
        read_dollars(text)


@pytest.mark.parametrize("name", ["ann", "ann.b-1_x", "ann@example.com", "7"])
def test_names(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", " ann", "-ann", "a b", "a\nb", "a/b", "x" * 65])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(ConfigFault):
        check_name(name)


def test_patterns() -> None:
    assert check_pattern(" lab/* ") == "lab/*"
    with pytest.raises(ConfigFault):
        check_pattern("  ")


def test_times_are_shown_by_this_machines_clock() -> None:
    assert shown_time(NOW) == "2026-11-26 12:00"
