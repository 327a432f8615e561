"""A sliding minute: never more than the limit, never a wait for nothing, and no clock that jumps can spoil it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.access.window import MINUTE, Window

TIMES = st.floats(min_value=0.0, max_value=90.0)
AMOUNTS = st.integers(min_value=1, max_value=50)


def test_it_fills_and_empties() -> None:
    window = Window()
    for _ in range(3):
        assert window.wait(1, 3, 1000.0) == 0
        window.add(1, 1000.0)
    wait = window.wait(1, 3, 1000.0)
    assert 0 < wait <= 2 * MINUTE
    assert window.wait(1, 3, 1000.0 + wait) <= 0.001
    assert window.used(1000.0 + 2 * MINUTE) == 0


@pytest.mark.parametrize("start", [0.0, 1.0, 59.99, 1e6])
def test_the_first_minute_is_a_minute_wherever_the_clock_begins(start: float) -> None:
    window = Window()
    window.add(5, start)
    assert window.used(start) == 5
    assert window.used(start + MINUTE / 2) >= 2.5


@given(st.lists(st.tuples(TIMES, AMOUNTS), max_size=40), st.integers(min_value=1, max_value=60))
def test_what_is_let_in_stays_under_the_limit(steps: list[tuple[float, int]], limit: int) -> None:
    window, at = Window(), 500.0
    for passed, amount in steps:
        at += passed
        if window.wait(amount, limit, at) == 0:
            window.add(min(amount, limit), at)
        assert window.used(at) <= limit + 1e-6


@given(st.lists(st.tuples(TIMES, AMOUNTS), max_size=40), AMOUNTS, st.integers(min_value=1, max_value=60))
def test_a_wait_that_is_over_is_enough(steps: list[tuple[float, int]], amount: int, limit: int) -> None:
    window, at = Window(), 500.0
    for passed, taken in steps:
        at += passed
        window.add(taken, at)
    wait = window.wait(amount, limit, at)
    assert 0 <= wait <= 2 * MINUTE
    assert window.wait(amount, limit, at + wait + 0.001) == 0


def test_more_than_the_limit_goes_when_nothing_else_does() -> None:
    window = Window()
    assert window.wait(5000, 100, 1.0) == 0
    window.add(5000, 1.0)
    assert window.wait(1, 100, 1.0) > 0


def test_what_was_reserved_and_not_used_is_given_back() -> None:
    window = Window()
    window.add(90, 1.0)
    window.add(-80, 2.0)
    assert window.used(2.0) == 10
    window.add(-500, 3.0)
    assert window.used(3.0) == 0
