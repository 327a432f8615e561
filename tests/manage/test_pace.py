"""Speed and time left follow what comes lately, and are not said before they are known."""

from __future__ import annotations

import pytest

from landbridge.manage.pace import Pace

MB = 10**6


def after(*marks: tuple[float, int]) -> Pace:
    pace = Pace()
    for now, done in marks:
        pace.mark(now, done)
    return pace


def test_a_steady_download() -> None:
    pace = after(*((second / 10, second * MB) for second in range(100)))
    assert pace.speed(9.9) == pytest.approx(10 * MB)
    assert pace.left(9.9, 199 * MB) == pytest.approx(10)
    assert pace.left(9.9, None) is None


def test_nothing_is_said_too_early() -> None:
    assert after().speed(1) is None
    assert after((0, 5), (0.5, 6)).speed(0.5) is None
    assert after((0, 5), (2, 5)).speed(2) is None, "nothing has come"


def test_what_came_before_a_pause_is_no_speed() -> None:
    pace = after((0, 500 * MB))
    pace.begin()
    pace.mark(100, 500 * MB)
    pace.mark(102, 502 * MB)
    assert pace.speed(102) == pytest.approx(MB)


def test_it_follows_when_it_becomes_slower() -> None:
    pace = after(*((float(second), second * 10 * MB) for second in range(20)))
    for second in range(20, 40):
        pace.mark(float(second), 190 * MB + (second - 19) * MB)
    assert pace.speed(39) == pytest.approx(MB, rel=0.01)


def test_it_stands_still() -> None:
    pace = after((0, 0), (2, 2 * MB))
    assert pace.speed(6) == pytest.approx(2 * MB / 6), "the longer it stands, the slower"
    assert pace.speed(13) is None


def test_a_file_that_begins_anew() -> None:
    pace = after((0, 0), (2, 20 * MB), (3, 0), (5, 2 * MB))
    assert pace.speed(5) == pytest.approx(MB)


def test_few_marks_are_kept() -> None:
    pace = after(*((second / 1000, second) for second in range(100_000)))
    assert len(pace._marks) < 60
