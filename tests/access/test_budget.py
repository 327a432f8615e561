"""Money by period: where one ends and the next begins, what a jumping clock does to it, and nothing is lost."""

from __future__ import annotations

from datetime import datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.access.budget import MICRO, Spending, begin, dollars, end, name_of
from landbridge.access.grant import Grant, Period
from landbridge.errors import BudgetSpent

NOON = datetime(2026, 11, 26, 12).timestamp()
DAY = 86400.0
TIMES = st.floats(min_value=86400, max_value=4e9)
PERIODS: list[Period] = list(get_args(Period))


def key(budget: float | None = 1.0, per: Period = "day") -> Grant:
    return Grant(id="abcd2345", name="ann", budget=None if budget is None else round(budget * MICRO), per=per)


def test_days_and_months() -> None:
    assert begin("day", NOON) == NOON - DAY / 2
    assert end("day", NOON) == NOON + DAY / 2
    assert begin("month", NOON) == datetime(2026, 11, 1).timestamp()
    assert end("month", NOON) == datetime(2026, 12, 1).timestamp()
    december = datetime(2026, 12, 31, 23, 59).timestamp()
    assert end("month", december) == datetime(2027, 1, 1).timestamp()
    assert [name_of(per, NOON) for per in ("day", "month", "total")] == ["2026-11-26", "2026-11", "total"]
    assert (begin("total", NOON), end("total", NOON)) == (0, None)


@given(st.sampled_from(PERIODS), TIMES)
def test_a_period_holds_its_time_and_ends_where_the_next_begins(per: Period, at: float) -> None:
    until = end(per, at)
    assert begin(per, at) <= at
    if until is not None:
        assert at < until
        assert begin(per, until) == until
        assert name_of(per, begin(per, at)) == name_of(per, at) != name_of(per, until)


@pytest.mark.parametrize(
    ("micro", "shown"),
    [
        (0, "$0.00"),
        (5_000_000, "$5.00"),
        (1_250_000, "$1.25"),
        (1, "$0.000001"),
        (1_234_500, "$1.2345"),
        (3 * 10**9, "$3,000.00"),
    ],
)
def test_amounts(micro: int, shown: str) -> None:
    assert dollars(micro) == shown


def test_a_budget_is_spent_and_begins_anew() -> None:
    spending = Spending()
    spending.add(key(), NOON, 999_999)
    spending.check(key(), NOON)
    spending.add(key(), NOON, 1)
    with pytest.raises(BudgetSpent) as caught:
        spending.check(key(), NOON)
    assert caught.value.status == 402
    assert not caught.value.retryable
    assert "has spent its $1.00 for today. It begins anew at 2026-11-27 00:00." in caught.value.text
    spending.check(key(), NOON + DAY)
    spending.check(key(None), NOON)
    spending.check(key(2.0), NOON)


def test_without_an_end_it_is_for_good() -> None:
    spending = Spending()
    spending.add(key(per="total"), NOON, MICRO)
    with pytest.raises(BudgetSpent, match=r"for good\.$"):
        spending.check(key(per="total"), NOON + 10_000 * DAY)


def test_a_clock_that_jumps_and_comes_back_finds_the_same_sum() -> None:
    spending = Spending()
    spending.add(key(), NOON, MICRO)
    for days in (1, 400):
        spending.add(key(), NOON + days * DAY, 5)
        spending.check(key(), NOON + days * DAY)
    with pytest.raises(BudgetSpent):
        spending.check(key(), NOON)


@given(st.sampled_from(PERIODS), st.lists(TIMES, min_size=1, max_size=10))
def test_what_is_remembered_of_the_calendar_is_the_calendar(per: Period, times: list[float]) -> None:
    spending = Spending()
    for at in times:
        spending.add(key(per=per), at, 1)
        assert spending.take_new() == {("abcd2345", name_of(per, at)): 1}


def test_the_oldest_periods_are_forgotten() -> None:
    spending = Spending()
    for days in range(20):
        spending.add(key(), NOON + days * DAY, 7)
    assert spending.of(key(), NOON) == 0
    assert spending.of(key(), NOON + 19 * DAY) == 7


def test_what_is_written_counts_unless_more_was_counted_here() -> None:
    spending = Spending()
    spending.add(key(), NOON, 50)
    spending.load({("abcd2345", "2026-11-26"): 40, ("other", "total"): 9})
    assert spending.of(key(), NOON) == 50
    spending.load({("abcd2345", "2026-11-26"): 60})
    assert spending.of(key(), NOON) == 60
    spending.keep_only(["other"])
    assert spending.of(key(), NOON) == 0


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 100), st.booleans()), max_size=30))
def test_what_is_to_be_written_is_all_that_was_counted(steps: list[tuple[str, int, bool]]) -> None:
    spending, written = Spending(), 0
    for id, micro, fails in steps:
        spending.add(Grant(id=id, name=id), NOON, micro)
        new = spending.take_new()
        if fails:
            spending.give_back(new)
        else:
            written += sum(new.values())
    written += sum(spending.take_new().values())
    assert written == sum(micro for _, micro, _ in steps)
    assert spending.take_new() == {}
