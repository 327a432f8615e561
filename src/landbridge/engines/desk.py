"""Where leases of one engine are asked for, given out and given back: the tickets, and the line they stand in."""

from __future__ import annotations

import asyncio

from ..errors import GatewayError, RateLimited
from .lease import Lease, Live
from .line import Line
from .speed import Speed


class Ticket:
    """One wish for a lease."""

    def __init__(self, light: bool) -> None:
        self.light = light
        """Takes no slot."""
        self.lease: asyncio.Future[Lease] = asyncio.get_running_loop().create_future()

    def refuse(self, fault: GatewayError) -> None:
        """Tell whoever waits, if anybody still does."""
        if not self.lease.done():
            self.lease.set_exception(fault)


class Desk:
    """The tickets of one engine: those on their way here, in the line, and served."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._line: Line[Ticket] = Line()
        self._open: set[Ticket] = set()

    @property
    def busy(self) -> int:
        """Leases that are held."""
        return self._line.busy

    @property
    def waiting(self) -> int:
        """Tickets in the line."""
        return self._line.waiting

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
        self._line.join(ticket, light=ticket.light)
        return True

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
        return self._line.leave(ticket, now)

    def drop(self) -> None:
        """The engine is gone: nobody holds it any more."""
        self._line.drop()

    def refuse(self, fault: GatewayError) -> None:
        """Send everybody in the line away."""
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
