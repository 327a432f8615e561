"""How fast the router works just now, for who looks on: tokens a second, what runs, and that something has ended.

Nothing is counted for it: it is worked out of the records that the journal keeps anyway, when somebody listens.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator

from msgspec import Struct

from ..gateway.exchange import Gateway
from ..store.ledger import Ledger
from .hub import Hub

PACE = "pace"
"""The topic."""
WINDOW = 5.0
"""Seconds that are looked back at."""
EVERY = 1.0
MOST = 500
"""Exchanges under way that are looked at."""


class Span(Struct, frozen=True):
    """Tokens that came from one moment to another."""

    begin: float
    end: float
    tokens: int


class Pace(Struct):
    """How fast it is."""

    tokens: float
    """Of answers, in a second; of the last few."""
    running: int
    """Exchanges that have not ended."""
    ended: int
    """Exchanges that have ended since the router started."""
    written: int
    """Those of them that stand in the ledger by now."""


def offer(hub: Hub, gateway: Gateway, ledger: Ledger) -> None:
    """Offer it, unless it is."""
    if PACE not in hub.topics:
        hub.state(PACE, lambda: pace(gateway, ledger, time.time()), EVERY)


def pace(gateway: Gateway, ledger: Ledger, now: float) -> Pace:
    """How fast it is now."""
    latest = gateway.journal.latest
    full = len(latest) == latest.maxlen
    window = min(WINDOW, max(now - latest[0].at, EVERY)) if full else WINDOW  # what is older has been forgotten
    spans = [*_ended(gateway, now - window), *_running(gateway, now)]
    return Pace(rate(spans, now - window, now), len(gateway.underway), gateway.journal.tally[0], ledger.written)


def rate(spans: Iterable[Span], since: float, until: float) -> float:
    """Tokens a second in that time, where each span's came evenly."""
    found = 0.0
    for span in spans:
        length = max(span.end - span.begin, 0.001)
        shared = min(span.end, until) - max(span.end - length, since)
        found += span.tokens * min(max(shared / length, 0.0), 1.0)
    return round(found / (until - since), 1)


def _ended(gateway: Gateway, since: float) -> Iterator[Span]:
    for record in reversed(gateway.journal.latest):
        if record.at < since:
            return
        if record.usage.output:
            yield Span(record.at - record.seconds + (record.first or 0.0), record.at, record.usage.output)


def _running(gateway: Gateway, now: float) -> Iterator[Span]:
    epoch = now - asyncio.get_running_loop().time()
    for _, each in zip(range(MOST), gateway.underway.values(), strict=False):
        first = each.record.first  # of the loop's time, until it has ended
        if first is not None and (tokens := each.standing(epoch).tokens):
            yield Span(first + epoch, now, tokens)
