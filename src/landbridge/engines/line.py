"""Who waits for an engine and who holds it: first come, first served, a bounded number at a time. Pure.

A ticket is in the line from the moment it is taken, also while the engine still loads; that is what keeps a model from
being evicted between its load and its first request (P92).
"""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

Ticket = TypeVar("Ticket")

USUAL_SECONDS = 5.0
"""How long a lease is thought to take before any has come back."""
WEIGHT = 0.3
"""Share of the newest lease in the running mean."""


class Line(Generic[Ticket]):
    """The tickets of one engine. A light ticket (counting tokens) takes no slot but holds the engine all the same."""

    def __init__(self) -> None:
        self._waiting: deque[Ticket] = deque()
        self._light: set[Ticket] = set()
        self._held: dict[Ticket, float] = {}
        self._usual = USUAL_SECONDS

    @property
    def waiting(self) -> int:
        """Tickets not served yet."""
        return len(self._waiting)

    @property
    def busy(self) -> int:
        """Tickets that hold the engine, light ones included."""
        return len(self._held)

    def join(self, ticket: Ticket, *, light: bool = False) -> None:
        """Stand at the end of the line."""
        self._waiting.append(ticket)
        if light:
            self._light.add(ticket)

    def admit(self, slots: int, now: float) -> list[Ticket]:
        """The tickets whose turn it is with `slots` served at once; from now on they hold the engine."""
        taken = sum(ticket not in self._light for ticket in self._held)
        admitted: list[Ticket] = []
        passed: deque[Ticket] = deque()
        for ticket in self._waiting:
            if ticket in self._light:
                admitted.append(ticket)
            elif taken < slots:
                taken += 1
                admitted.append(ticket)
            else:
                passed.append(ticket)
        self._waiting = passed
        self._held.update(dict.fromkeys(admitted, now))
        return admitted

    def leave(self, ticket: Ticket, now: float) -> bool:
        """The ticket is given up or given back. True if it held a slot. Twice is once."""
        if ticket in self._held:
            began = self._held.pop(ticket)
            if ticket in self._light:
                self._light.discard(ticket)
                return False
            self._usual += WEIGHT * (now - began - self._usual)
            return True
        self._light.discard(ticket)
        if ticket in self._waiting:
            self._waiting.remove(ticket)
        return False

    def disband(self) -> list[Ticket]:
        """Everybody who waits goes away; they are returned to be told why."""
        gone, self._waiting = list(self._waiting), deque()
        self._light.difference_update(gone)
        return gone

    def drop(self) -> None:
        """The engine died under those who held it."""
        self._light.difference_update(self._held)
        self._held.clear()

    def patience(self, slots: int) -> float:
        """Seconds until a newcomer would be served, judged by how long leases took lately."""
        return min(300.0, max(1.0, self._usual * (len(self._waiting) + 1) / max(1, slots)))
