"""The exchanges, for who looks on: those under way are a state, those that have ended are happenings."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from msgspec import Struct

from ..gateway.exchange import Gateway
from ..gateway.underway import Standing
from ..store.record import Record
from .hub import Hub

RUNNING = "running"
ENDED = "requests"
"""Topics."""
MOST = 200
"""Exchanges under way that are shown; more are counted only."""


class Running(Struct):
    """What is under way."""

    running: list[Standing]
    """Those that began first."""
    total: int


class _Clock:
    """Unix seconds at loop time 0, the same from look to look unless the clock is set."""

    def __init__(self) -> None:
        self._epoch = 0.0

    def epoch(self) -> float:
        now = time.time() - asyncio.get_running_loop().time()
        if abs(now - self._epoch) > 1:
            self._epoch = now
        return self._epoch


def offer(hub: Hub, gateway: Gateway) -> None:
    """Offer both. Nothing is made of them while nobody listens."""
    clock = _Clock()

    def running() -> Running:
        found = gateway.underway
        epoch = clock.epoch()
        shown = [each for _, each in zip(range(MOST), found.values(), strict=False)]
        return Running([each.standing(epoch) for each in shown], len(found))

    def ended(batch: Sequence[Record]) -> None:
        if hub.heard(ENDED):
            from ..store.rows import exchange_of  # whom nobody looks at does without

            hub.tell(ENDED, [exchange_of(record) for record in batch])

    hub.state(RUNNING, running)
    hub.happening(ENDED)
    gateway.journal.readers.append(ended)
