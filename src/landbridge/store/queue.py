"""Records between the router's loop, which puts them in, and the ledger's thread, which takes them out.

Nobody waits for a lock: both ends of a deque may be used at once. It is bounded, in records and in bytes of bodies;
what does not fit is lost, the oldest first, and counted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from .record import Record

CAPACITY = 50_000
"""Records that wait at most: a minute without a database at 800 requests a second."""
BODY_BYTES = 64 * 1024 * 1024
"""Bytes of bodies that wait at most; a record that finds no room for its bodies goes without them."""


class Queue:
    """`put` is the loop's, `take` the thread's."""

    def __init__(self, capacity: int = CAPACITY, body_bytes: int = BODY_BYTES) -> None:
        self._records: deque[Record] = deque()
        self._capacity, self._body_bytes = capacity, body_bytes
        self.dropped = 0
        """Records that were lost because there were too many."""
        self.without_bodies = 0
        """Records whose bodies were not kept because there were too many."""
        self._bytes_in = self._bytes_out = 0  # each has one writer, and nothing is counted twice

    def __len__(self) -> int:
        return len(self._records)

    @property
    def full_of_bodies(self) -> bool:
        """Whether no more bodies can be kept for now."""
        return self._bytes_in - self._bytes_out >= self._body_bytes

    def put(self, records: Iterable[Record]) -> None:
        """Let them wait."""
        for record in records:
            if record.bodies is not None:
                if self.full_of_bodies:
                    record.bodies = None
                    self.without_bodies += 1
                else:
                    self._bytes_in += record.bodies.size
            self._records.append(record)
        while len(self._records) > self._capacity:
            try:
                oldest = self._records.popleft()
            except IndexError:  # the thread was faster
                break
            self.dropped += 1
            if oldest.bodies is not None:
                self._bytes_in -= oldest.bodies.size
                oldest.bodies = None

    def take(self, most: int) -> list[Record]:
        """Up to `most` of them, the oldest first."""
        taken: list[Record] = []
        while len(taken) < most:
            try:
                taken.append(self._records.popleft())
            except IndexError:
                break
        return taken

    def written(self, records: Iterable[Record]) -> None:
        """What was taken is done with: its bodies no longer take room."""
        for record in records:
            if record.bodies is not None:
                self._bytes_out += record.bodies.size
                record.bodies = None
