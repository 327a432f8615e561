"""The times that statistics are shown of, and how stretches of them are named below a chart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from ...store.series import Statistics, Step
from ..parts.charts import Axis
from ..words import N_, _

CHOICES = {"today": N_("Today"), "7d": N_("7 days"), "30d": N_("30 days"), "all": N_("All"), "custom": N_("Custom")}
DAYS = {"today": 0, "7d": 6, "30d": 29}
"""Whole days before today."""
FEW_HOURS = 50
"""Hours that are named by the hour; more are named by the day."""


class Period(Struct, frozen=True):
    """A time as `/api/v1` takes it; empty is open."""

    since: str = ""
    until: str = ""

    @property
    def goes_on(self) -> bool:
        """Whether what happens now is part of it."""
        return not self.until


def period(choice: str, now: datetime) -> Period:
    """What is meant by a choice that is not `custom`."""
    if choice not in DAYS:
        return Period()
    return Period((now.date() - timedelta(days=DAYS[choice])).isoformat())


def minute(at: float) -> str:
    """A moment as a field for date and time has it."""
    return datetime.fromtimestamp(at).strftime("%Y-%m-%dT%H:%M")


def name_of(step: Step, start: float) -> str:
    """A stretch of time in full; sorted by it they are in their order."""
    begins = datetime.fromtimestamp(start)
    if step in ("minutes", "hour"):
        return begins.strftime("%Y-%m-%d %H:%M")
    if step == "day":
        return begins.strftime("%Y-%m-%d")
    return f"{begins:%Y-%m-%d} – {begins + timedelta(days=6):%m-%d}"


def axis_of(step: Step, starts: Sequence[float]) -> Axis:
    """The axis below a chart of these stretches."""
    names = [name_of(step, start) for start in starts]
    if step in ("minutes", "hour") and len(starts) <= max(FEW_HOURS, 80 * (step == "minutes")):
        return Axis(names, "v.slice(11)")
    if step == "hour":
        return Axis(names, "v.slice(5, 10)", "v.endsWith(' 00:00')")
    return Axis(names, "v.slice(5, 10)")


def chosen_part(found: Statistics, start: float, end: float) -> tuple[float, float]:
    """From when to when the bars are that a zoom from `start` to `end` (percent of all) shows."""
    count = len(found.starts)
    first = min(round(start / 100 * (count - 1)), count - 1)
    last = min(round(end / 100 * (count - 1)), count - 1)
    return found.starts[first], found.starts[last + 1] if last + 1 < count else found.until


def words_of(found: Statistics) -> str:
    """The time in words."""
    since, until = datetime.fromtimestamp(found.since), datetime.fromtimestamp(found.until)
    form = "%Y-%m-%d %H:%M"
    return _("{since} to {until}", since=since.strftime(form), until=until.strftime(form))
