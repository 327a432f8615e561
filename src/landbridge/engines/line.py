"""Who waits for an engine and who holds it: first come, first served, a bounded number at a time. Pure.

A ticket is in the line from the moment it is taken, also while the engine still loads; that is what keeps a model from
being evicted between its load and its first request (P92).

Where several are served at once, not all of them may have long prompts to read, so that short ones pass. Callers in
the background wait for all others, and never have all lanes. But nobody is passed more than `PASSES` times.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from msgspec import Struct

Ticket = TypeVar("Ticket")

USUAL_SECONDS = 5.0
"""How long a lease is thought to take before any has come back."""
WEIGHT = 0.3
"""Share of the newest lease in the running mean."""
LONG_SECONDS = 20.0
"""Reading from which on a prompt is long."""
PASSES = 8
"""How many may pass somebody who came before them."""


class _Wish(Struct):
    light: bool
    background: bool
    seconds: float
    passed: int = 0
    since: float = 0.0
    """When it was served."""

    @property
    def behind(self) -> bool:
        """Whether others go first, whenever they came."""
        return self.background and self.passed < PASSES


class Line(Generic[Ticket]):
    """The tickets of one engine. A light ticket (counting tokens) takes no slot but holds the engine all the same."""

    def __init__(self) -> None:
        self._waiting: dict[Ticket, _Wish] = {}
        self._held: dict[Ticket, _Wish] = {}
        self._usual = USUAL_SECONDS

    @property
    def waiting(self) -> int:
        """Tickets not served yet."""
        return len(self._waiting)

    @property
    def busy(self) -> int:
        """Tickets that hold the engine, light ones included."""
        return len(self._held)

    def join(self, ticket: Ticket, *, light: bool = False, background: bool = False, seconds: float = 0.0) -> None:
        """Stand at the end of the line. `seconds` is how long its prompt will be read, as far as one can tell."""
        self._waiting[ticket] = _Wish(light, background, seconds)

    def admit(self, slots: int, now: float) -> list[Ticket]:
        """The tickets whose turn it is with `slots` served at once; from now on they hold the engine."""
        admitted: list[Ticket] = []
        while (ticket := self._next(slots)) is not None:
            self._pass_before(ticket)
            wish = self._held[ticket] = self._waiting.pop(ticket)
            wish.since = now
            admitted.append(ticket)
        return admitted

    def leave(self, ticket: Ticket, now: float) -> bool:
        """The ticket is given up or given back. True if it held a slot. Twice is once."""
        self._waiting.pop(ticket, None)
        wish = self._held.pop(ticket, None)
        if wish is None or wish.light:
            return False
        self._usual += WEIGHT * (now - wish.since - self._usual)
        return True

    def disband(self) -> list[Ticket]:
        """Everybody who waits goes away; they are returned to be told why."""
        gone, self._waiting = list(self._waiting), {}
        return gone

    def drop(self) -> None:
        """The engine died under those who held it."""
        self._held.clear()

    def patience(self, slots: int) -> float:
        """Seconds until a newcomer would be served, judged by the prompts before it and how long leases took lately.

        Those who are served have half of it behind them, on the average.
        """
        before = sum(map(self._takes, self._waiting.values())) + sum(map(self._takes, self._held.values())) / 2
        return min(300.0, max(1.0, before / max(1, slots)))

    def _takes(self, wish: _Wish) -> float:
        return 0.0 if wish.light else max(self._usual, wish.seconds)

    def _next(self, slots: int) -> Ticket | None:
        order = sorted(self._waiting.items(), key=lambda each: each[1].behind)  # among the same: as they came
        return next((ticket for ticket, wish in order if self._may(wish, slots)), None)

    def _may(self, wish: _Wish, slots: int) -> bool:
        if wish.light:
            return True
        served = [each for each in self._held.values() if not each.light]
        if len(served) >= slots:
            return False
        if slots == 1 or wish.passed >= PASSES:
            return True
        if wish.background:
            mains = any(not each.light and not each.background for each in self._waiting.values())
            return not mains and sum(each.background for each in served) < slots - 1
        return wish.seconds < LONG_SECONDS or sum(each.seconds >= LONG_SECONDS for each in served) < slots - 1

    def _pass_before(self, ticket: Ticket) -> None:
        """Those who came before `ticket`, which goes now, remember that."""
        if self._waiting[ticket].light:
            return
        for other, wish in self._waiting.items():
            if other is ticket:
                break
            wish.passed += not wish.light
