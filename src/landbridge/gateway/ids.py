"""Fresh identifiers. A message id is never used twice: a client that meets the same one again loops (CLIENTS.md 9)."""

from __future__ import annotations

import os
import time

POOL = 256
"""Identifiers for which the system is asked at once: a system call each would cost as much as the rest of them."""
_BYTES = 12


class _Random:
    """Random bytes that nobody can guess: who knows a kept response's id may read it."""

    def __init__(self) -> None:
        self._pool, self._at = b"", 0

    def take(self, count: int) -> str:
        """So many of them, as hexadecimal digits."""
        if self._at + count > len(self._pool):
            self._pool, self._at = os.urandom(POOL * _BYTES), 0
        self._at += count
        return self._pool[self._at - count : self._at].hex()


_random = _Random()


def new_id(prefix: str) -> str:
    """`prefix` and 96 random bits, in letters every dialect allows."""
    return prefix + _random.take(_BYTES)


def new_request_id() -> str:
    """Of an exchange: the milliseconds since 1970, then 48 random bits.

    Later ones are greater, so the ledger's index grows at its end: half the work of a place in its midst.
    """
    return f"req_{time.time_ns() // 1_000_000:012x}{_random.take(6)}"
