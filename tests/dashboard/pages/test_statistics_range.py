"""Times that are chosen, and the names of their stretches."""

from __future__ import annotations

from datetime import datetime

import pytest

from landbridge.dashboard.pages.statistics_range import (
    CHOICES,
    Period,
    axis_of,
    chosen_part,
    minute,
    name_of,
    period,
    words_of,
)
from landbridge.store.series import Part, Statistics, Step

NOW = datetime(2026, 11, 26, 14, 30)


@pytest.mark.parametrize(
    ("choice", "since"), [("today", "2026-11-26"), ("7d", "2026-11-20"), ("30d", "2026-10-28"), ("all", "")]
)
def test_choices_are_whole_days(choice: str, since: str) -> None:
    assert choice in CHOICES
    assert period(choice, NOW) == Period(since)
    assert period(choice, NOW).goes_on
    assert not Period(since, "2026-11-27").goes_on


@pytest.mark.parametrize(
    ("step", "name"),
    [
        ("minutes", "2026-11-23 14:05"),
        ("hour", "2026-11-23 14:05"),
        ("day", "2026-11-23"),
        ("week", "2026-11-23 – 11-29"),
    ],
)
def test_names_begin_with_the_date(step: Step, name: str) -> None:
    at = datetime(2026, 11, 23, 14, 5).timestamp()
    assert name_of(step, at) == name
    assert minute(at) == "2026-11-23T14:05"


def test_axes_say_what_there_is_room_for() -> None:
    hours = [datetime(2026, 11, 23).timestamp() + 3600 * n for n in range(168)]
    assert axis_of("hour", hours[:24]).short == "v.slice(11)"
    week = axis_of("hour", hours)
    assert (week.short, week.only) == ("v.slice(5, 10)", "v.endsWith(' 00:00')")
    assert axis_of("minutes", hours[:72]).short == "v.slice(11)"
    assert axis_of("day", hours[:2]).names == ["2026-11-23", "2026-11-23"]


def test_a_zoom_is_a_time() -> None:
    starts = [float(n) for n in range(0, 1000, 100)]
    found = Statistics(
        since=0.0, until=950.0, step="hour", starts=starts, by=None, parts=[], total=Part(value=""), took=[],
        first=[], errors=[],
    )  # fmt: skip
    assert chosen_part(found, 0, 100) == (0.0, 950.0)
    assert chosen_part(found, 33.4, 55.6) == (300.0, 600.0)
    assert chosen_part(found, 100, 100) == (900.0, 950.0)
    assert " to " in words_of(found)
