"""Money by key and period, in millionths of a dollar. Days and months are those of this machine's calendar.

Sums of the last few periods are kept, so that a clock which jumps forward and back finds them again. What has no known
price is not counted: nobody knows how much it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import inf

from ..errors import BudgetSpent
from .grant import Grant, Period

MICRO = 1_000_000
"""Millionths in a dollar."""
KEPT = 4
"""Periods of a key that are remembered."""
_WORDS = {"day": "for today", "month": "for this month", "total": "for good"}

Sums = dict[tuple[str, str], int]
"""(key's id, period's name) -> millionths."""


def begin(per: Period, at: float) -> float:
    """When the period that holds `at` began."""
    return 0.0 if per == "total" else _first_day(per, at).timestamp()


def end(per: Period, at: float) -> float | None:
    """When it ends; None: never."""
    if per == "total":
        return None
    later = _first_day(per, at) + timedelta(days=1 if per == "day" else 32)
    return (later if per == "day" else later.replace(day=1)).timestamp()


def name_of(per: Period, at: float) -> str:
    """What the period that holds `at` is called: `2026-11-26`, `2026-11`, `total`."""
    return "total" if per == "total" else f"{_first_day(per, at):{'%Y-%m-%d' if per == 'day' else '%Y-%m'}}"


def _first_day(per: Period, at: float) -> datetime:
    day = datetime.fromtimestamp(at).replace(hour=0, minute=0, second=0, microsecond=0)
    return day if per == "day" else day.replace(day=1)


def dollars(micro: int) -> str:
    """An amount for people: in cents, and in smaller parts only where there are such."""
    parts = f"{micro % MICRO:06d}"
    return f"${micro // MICRO:,}.{parts[:2]}{parts[2:].rstrip('0')}"


class Spending:
    """What was spent, by key and period."""

    def __init__(self) -> None:
        self._sums: dict[str, dict[str, int]] = {}
        self._new: Sums = {}
        self._current: dict[Period, tuple[float, float, str]] = {"total": (-inf, inf, "total")}
        """The period of each kind that was asked for last: calendars cost ten times what the rest does."""

    def of(self, grant: Grant, at: float) -> int:
        """What the key spent in the period that holds `at`."""
        sums = self._sums.get(grant.id)
        return 0 if sums is None else sums.get(self._name(grant.per, at), 0)

    def load(self, known: Mapping[tuple[str, str], int]) -> None:
        """What is written of earlier times, and by other routers; what was counted here since may be more."""
        for (id, period), micro in known.items():
            periods = self._periods(id, period)
            periods[period] = max(periods[period], micro)

    def add(self, grant: Grant, at: float, micro: int) -> None:
        """Count what one exchange cost."""
        period = self._name(grant.per, at)
        self._periods(grant.id, period)[period] += micro
        place = (grant.id, period)
        self._new[place] = self._new.get(place, 0) + micro

    def check(self, grant: Grant, at: float) -> None:
        """Raise `BudgetSpent` where nothing is left."""
        if grant.budget is None or self.of(grant, at) < grant.budget:
            return
        until = end(grant.per, at)
        again = "" if until is None else f" It begins anew at {datetime.fromtimestamp(until):%Y-%m-%d %H:%M}."
        raise BudgetSpent(
            f"The key '{grant.name}' has spent its {dollars(grant.budget)} {_WORDS[grant.per]}.{again}",
            remedy=f"Raise it where landbridge runs: landbridge keys change {grant.name} --budget DOLLARS.",
        )

    def take_new(self) -> Sums:
        """What was counted since this was last asked, to be written down."""
        new, self._new = self._new, {}
        return new

    def give_back(self, new: Sums) -> None:
        """It could not be written; it is to be asked for again."""
        for place, micro in new.items():
            self._new[place] = self._new.get(place, 0) + micro

    def keep_only(self, ids: Iterable[str]) -> None:
        """Forget the keys that are no more."""
        for id in self._sums.keys() - set(ids):
            del self._sums[id]

    def _name(self, per: Period, at: float) -> str:
        """The same as `name_of`."""
        known = self._current.get(per)
        if known is None or not known[0] <= at < known[1]:
            known = self._current[per] = (begin(per, at), end(per, at) or inf, name_of(per, at))
        return known[2]

    def _periods(self, id: str, period: str) -> dict[str, int]:
        if (periods := self._sums.get(id)) is None:
            periods = self._sums[id] = {}
        if period not in periods:
            if len(periods) >= KEPT:
                del periods[next(iter(periods))]
            periods[period] = 0
        return periods
