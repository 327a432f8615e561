"""Where leases of one engine are asked for, given out and given back: the tickets, and the line they stand in."""

from __future__ import annotations

import asyncio

from ..errors import GatewayError, RateLimited
from .lease import Lease, Live
from .line import Line
from .speed import Speed


class Ticket:
    """One wish for a lease."""

    def __init__(self, light: bool, *, background: bool = False, seconds: float = 0.0) -> None:
        self.light = light
        """Takes no slot."""
        self.background = background
        """Pushes out no model that was used lately, and lets others go first."""
        self.seconds = seconds
        """How long its prompt will be read, as far as one can tell."""
        self.lease: asyncio.Future[Lease] = asyncio.get_running_loop().create_future()

    def refuse(self, fault: GatewayError) -> None:
        """Tell whoever waits, if anybody still does."""
        if not self.lease.done():
            self.lease.set_exception(fault)


class Desk:
    """The tickets of one engine: those on their way here, in the line, and served.

    When the engine is to step aside, the line is closed: who stands in it is served, later ones wait for the next.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._line: Line[Ticket] = Line()
        self._open: set[Ticket] = set()
        self._later: list[Ticket] = []
        self._closed = False

    @property
    def busy(self) -> int:
        """Leases that are held."""
        return self._line.busy

    @property
    def waiting(self) -> int:
        """Tickets that are not served yet."""
        return self._line.waiting + len(self._later)

    def place(self, slots: int) -> tuple[int, float]:
        """Which place in the queue one more would have, and for how many seconds; none where there is room."""
        if not self.waiting and self.busy < slots:
            return 0, 0.0
        return self.waiting + 1, self._line.patience(slots)

    @property
    def served(self) -> bool:
        """Whether everybody has gone home who stood in the line before it was closed."""
        return not self._line.busy and not self._line.waiting

    @property
    def background(self) -> bool:
        """Whether all who wait or are served are in the background."""
        return all(ticket.background for ticket in self._open)

    def expect(self, ticket: Ticket) -> None:
        """The ticket is on its way; from now on `close` refuses it."""
        self._open.add(ticket)

    def take(self, ticket: Ticket, most: int, slots: int) -> bool:
        """Into the line with it, unless its owner has left, or `most` wait already, which is told at once (P90)."""
        if ticket.lease.done():
            return False
        if self.waiting >= most:
            ticket.refuse(too_many(self._name, self.waiting, self._line.patience(slots)))
            return False
        if self._closed:
            self._later.append(ticket)
        else:
            self._join(ticket)
        return True

    def close_line(self) -> None:
        """From now on, who comes waits for the next engine."""
        self._closed = True

    def open_line(self) -> None:
        """Those who came later stand in the line after all."""
        later, self._later, self._closed = self._later, [], False
        for ticket in later:
            self._join(ticket)

    def _join(self, ticket: Ticket) -> None:
        self._line.join(ticket, light=ticket.light, background=ticket.background, seconds=ticket.seconds)

    def lend(self, live: Live, speed: Speed, now: float) -> None:
        """Leases on `live` to all whose turn it is."""
        for ticket in self._line.admit(live.found.slots, now):
            if ticket.lease.done():
                self._line.leave(ticket, now)
            else:
                ticket.lease.set_result(Lease(live, speed))

    def leave(self, ticket: Ticket, now: float) -> bool:
        """The ticket is given back, or given up. True if it held a slot."""
        self._open.discard(ticket)
        if ticket in self._later:
            self._later.remove(ticket)
            return False
        return self._line.leave(ticket, now)

    def drop(self) -> None:
        """The engine is gone: nobody holds it any more."""
        self._line.drop()
        self.open_line()

    def refuse(self, fault: GatewayError) -> None:
        """Send everybody away who waits."""
        self.open_line()
        for ticket in self._line.disband():
            ticket.refuse(fault)

    def close(self, fault: GatewayError) -> None:
        """Send everybody away, also those on their way here."""
        for ticket in self._open:
            ticket.refuse(fault)


def too_many(name: str, waiting: int, patience: float) -> RateLimited:
    """The queue is full. Said before anything of an answer was sent (P90)."""
    return RateLimited(
        f"{waiting} requests wait for model '{name}' already.",
        remedy="Try again later, or raise `engine.max_queue`.",
        origin=f"engine:{name}",
        retry_after=patience,
    )
