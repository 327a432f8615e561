"""Stretches of time begin and end where the clock says so."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.store.series import DAY, HOUR, MOST_STRETCHES, STEPS, Step, number_of, start_of, step_for, stretches


@pytest.mark.parametrize(
    ("seconds", "wanted", "step"),
    [
        (HOUR, None, "minutes"),
        (7 * HOUR, None, "hour"),
        (7 * DAY, None, "hour"),
        (30 * DAY, None, "day"),
        (400 * DAY, None, "week"),
        (30 * DAY, "hour", "hour"),
        (30 * DAY, "week", "week"),
        (30 * DAY, "minutes", "hour"),
        (100 * DAY, "minutes", "day"),
        (100_000 * DAY, "minutes", "week"),
    ],
)
def test_the_step_follows_the_time(seconds: float, wanted: Step | None, step: Step) -> None:
    assert step_for(seconds, wanted) == step


@pytest.fixture(params=["Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "UTC"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def shift_at(at: float) -> int:
    offset = datetime.fromtimestamp(at).astimezone().utcoffset()
    assert offset is not None
    return int(offset.total_seconds()) % HOUR


@pytest.mark.parametrize("step", STEPS)
def test_stretches_follow_each_other_and_hold_their_moments(zone: str, step: Step) -> None:
    @given(st.floats(min_value=1.6e9, max_value=1.9e9))
    def holds(at: float) -> None:
        shift = shift_at(at)
        number = number_of(step, at, shift)
        assert start_of(step, number, shift) <= at < start_of(step, number + 1, shift)
        assert number_of(step, start_of(step, number, shift), shift) == number

    holds()


def test_a_day_may_have_25_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        since, until = datetime(2026, 10, 25).timestamp(), datetime(2026, 10, 26).timestamp()
        assert len(stretches("hour", since, until, 0)) == 25
        assert len(stretches("day", since, until, 0)) == 1
        monday = start_of("week", number_of("week", since, 0), 0)
        assert datetime.fromtimestamp(monday).isoformat() == "2026-10-19T00:00:00"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_there_are_never_too_many() -> None:
    assert len(stretches("minutes", 0.0, 1e9, 0)) <= MOST_STRETCHES + 8
    assert len(stretches("hour", 5000.0, 5000.0, 0)) == 1
