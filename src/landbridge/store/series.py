"""What statistics are asked and answer, as values, and the stretches of time that they are drawn in. Needs no database
library.

A stretch is five minutes, an hour, a day or a week of this machine's clock; days and weeks (from Monday) follow the
calendar, also where the clock changes.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from msgspec import Struct, field

from .report import Amounts, By

Step = Literal["minutes", "hour", "day", "week"]
STEPS: tuple[Step, ...] = ("minutes", "hour", "day", "week")
"""From the shortest to the longest; `minutes` are five of them."""
MINUTES, HOUR, DAY = 300, 3_600, 86_400
REACH: dict[Step, float] = {"minutes": 6 * HOUR, "hour": 8 * DAY, "day": 120 * DAY}
"""The longest time that each is chosen for; beyond it is the next one."""
MOST_STRETCHES = 1000
EPOCH = date(1970, 1, 1).toordinal()
MONDAY = 3
"""Days from a Monday to the first of January 1970."""


class Quantiles(Struct, frozen=True):
    """Seconds that half, 90 and 99 of a hundred good answers did not exceed, true to a hundredth."""

    p50: float
    p90: float
    p99: float


class Line(Struct, kw_only=True):
    """Sums by stretch of time, as many as there are `starts`."""

    requests: list[int]
    errors: list[int]
    prompt: list[int]
    """Tokens of prompts that came from no cache."""
    cached: list[int]
    """Tokens of prompts that came from a cache."""
    output: list[int]
    cost: list[int]
    """Millionths of a dollar, of those whose price is known."""


class Part(Amounts, kw_only=True):
    """What one model, provider, client, key, session or agent had."""

    value: str
    """Its name; empty where exchanges do not say, or where `parts` are many."""
    parts: int = 1
    """How many there are together in it: the last one can be all that were too many."""
    took: Quantiles | None = None
    """How long good answers took; unknown of what is many."""
    first: Quantiles | None = None
    """How long their first byte of content took."""
    line: Line | None = None
    """Over time; the largest have one."""


class Kind(Struct, kw_only=True):
    """One kind of error."""

    outcome: str
    requests: int
    last_at: float
    message: str
    """Of the latest one."""
    id: str
    """Its exchange."""


class Statistics(Struct, kw_only=True):
    """What was used in a time, how fast answers were, and what went wrong."""

    since: float
    until: float
    step: Step
    starts: list[float]
    """When each stretch of time begins."""
    by: By | None
    parts: list[Part]
    """What cost most first."""
    names: dict[str, str] = field(default_factory=dict)
    """Of access keys, where they are the parts."""
    total: Part
    took: list[Quantiles | None]
    """How long good answers took, by stretch."""
    first: list[Quantiles | None]
    errors: list[Kind]
    """What happened most first."""
    lost: int = 0
    """Exchanges that never became rows, in the runs of the router that touch this time."""


class Helper(Amounts, kw_only=True):
    """What one agent of a session used."""

    agent: str
    """Empty: the session itself, outside of its subagents."""
    models: list[str]
    """Who answered."""


class Session(Amounts, kw_only=True):
    """What one conversation used."""

    session: str
    client: str
    models: list[str]
    agents: list[Helper]
    """The session itself first, then its subagents, the dearest first."""


class Sessions(Struct, kw_only=True):
    """Conversations, the latest first."""

    sessions: list[Session]
    more: int = 0
    """How many older ones there are."""


def step_for(seconds: float, wanted: Step | None = None) -> Step:
    """The stretch for so long a time; at least as long as the wanted one, and so that they are not too many."""
    chosen: Step = next((step for step, reach in REACH.items() if seconds <= reach), "week")
    if wanted is None:
        return chosen
    lengths = {"minutes": MINUTES, "hour": HOUR, "day": DAY, "week": 7 * DAY}
    return next((step for step in STEPS[STEPS.index(wanted) :] if seconds / lengths[step] <= MOST_STRETCHES), "week")


def number_of(step: Step, at: float, shift: int) -> int:
    """The number of the stretch that a moment is in. `shift`: how far hours begin off UTC's, in seconds."""
    if step == "minutes":
        return int(at + shift) // MINUTES
    if step == "hour":
        return int(at + shift) // HOUR
    days = datetime.fromtimestamp(at).date().toordinal() - EPOCH
    return days if step == "day" else (days + MONDAY) // 7


def start_of(step: Step, number: int, shift: int) -> float:
    """When the stretch of that number begins."""
    if step == "minutes":
        return float(number * MINUTES - shift)
    if step == "hour":
        return float(number * HOUR - shift)
    day = date.fromordinal(EPOCH + (number if step == "day" else number * 7 - MONDAY))
    return datetime.combine(day, datetime.min.time()).timestamp()


def stretches(step: Step, since: float, until: float, shift: int) -> range:
    """The numbers of all stretches from `since` to `until`, the last of which may have only begun."""
    first, last = number_of(step, since, shift), number_of(step, max(since, until - 0.001), shift)
    return range(first, last + 1)[-MOST_STRETCHES - 8 :]
