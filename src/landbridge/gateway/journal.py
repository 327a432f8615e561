"""One record per exchange. Adding one costs an append; lines are written in batches, away from the request path.

The queue is bounded: when nobody can write fast enough, records are counted as lost, and no request is slowed. A batch
is one message of the logger `landbridge.exchange`: a line each, which carries the time its exchange ended.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence

from ..store.record import Record, client_name

__all__ = ["Journal", "Record"]

log = logging.getLogger("landbridge.exchange")

CAPACITY = 10_000
FLUSH_SECONDS = 0.25


class Lines:
    """A batch for the log: text where it is written as such, records for whoever writes them otherwise."""

    def __init__(self, batch: Sequence[Record], lost: int) -> None:
        self.batch, self.lost = batch, lost

    def __str__(self) -> str:
        lines = [_one_line(record.line()) for record in self.batch]
        if self.lost:
            lines.append(f"{self.lost} records were lost so far because they came faster than they could be written")
        return "\n".join(lines)


def _one_line(text: str) -> str:
    """`text` as one line: a client that chooses a model's name shall not write lines of its own with it."""
    return text if text.isprintable() else "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


class Journal:
    """Keeps the latest records, writes each as a line and hands them on."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.latest: deque[Record] = deque(maxlen=200)
        self.lost = 0
        self.readers: list[Callable[[Sequence[Record]], None]] = []
        """Whoever wants each batch of records, in this order; the next one sees what the one before has filled in."""
        self.tally = memoryview(bytearray(8)).cast("Q")
        """How many records there were; where the ledger wants it, in memory that outlives the process."""
        self._waiting: deque[Record] = deque()
        self._capacity = capacity
        self._timer: asyncio.TimerHandle | None = None

    def add(self, record: Record) -> None:
        """Take a finished record."""
        record.at = time.time()
        self.tally[0] += 1
        self.latest.append(record)
        if len(self._waiting) >= self._capacity:
            self.lost += 1
            record.bodies = None  # nobody takes them, and they may be large
            return
        self._waiting.append(record)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)

    def flush(self) -> None:
        """Write what waits, and hand it on."""
        self._timer = None
        batch, self._waiting = self._waiting, deque()
        for record in batch:
            record.client = record.client or client_name(record.user_agent)
        for read in self.readers if batch else ():
            try:
                read(batch)
            except Exception:
                log.exception("a batch of records could not be handed on")
        if not log.isEnabledFor(logging.INFO):
            return
        if batch or self.lost:
            log.info("%s", Lines(batch, self.lost))
