"""How much was used in the last minute, by two counters: the minute that runs and the one before, weighed by what of it
is still within sixty seconds. Needs the time from a clock that never jumps; keeps no list of requests.
"""

from __future__ import annotations

MINUTE = 60.0


class Window:
    """One sliding minute."""

    __slots__ = ("_before", "_began", "_now")

    def __init__(self) -> None:
        self._began = 0.0
        self._before = 0.0
        self._now = 0.0

    def used(self, at: float) -> float:
        """What counts at that time."""
        if at - self._began >= MINUTE:
            self._turn(at)
        return self._before * (1 - (at - self._began) / MINUTE) + self._now

    def wait(self, amount: float, limit: float, at: float) -> float:
        """Seconds until `amount` fits under `limit`; 0: now. More than the limit fits when nothing else is there."""
        free = limit - amount if amount < limit else 0.0
        into = at - self._began
        if into >= MINUTE:
            self._turn(at)
            into = at - self._began
        if self._before * (1 - into / MINUTE) + self._now <= free:
            return 0.0
        if self._now <= free:  # enough of the minute before leaves while this one runs
            return max(_EARLIEST, MINUTE * (1 - (free - self._now) / self._before) - into)
        return max(_EARLIEST, MINUTE * (2 - free / self._now) - into)

    def add(self, amount: float, at: float) -> None:
        """Count it. A negative amount gives back what was reserved and not used."""
        if at - self._began >= MINUTE:
            self._turn(at)
        now = self._now + amount
        self._now = now if now > 0.0 else 0.0

    def _turn(self, at: float) -> None:
        passed = at - self._began
        self._before = self._now if passed < 2 * MINUTE else 0.0
        self._now = 0.0
        self._began = at - passed % MINUTE if passed < 2 * MINUTE else at


_EARLIEST = 0.001
"""Of a wait that is one: what is refused now is not let in with the same breath, whatever rounding says."""
