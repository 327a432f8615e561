"""Which of several targets comes first: by weight, by speed, or the one that has the conversation already.

No chance: a weight decides by a stable hash of the conversation, so that the same conversation finds the same target
again, after a restart too, and a target that comes or goes moves only its own share.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

STALE = 300.0
"""Seconds after which a speed is not believed any more."""
SHARE = 0.3
"""Share of the newest time in the running mean."""
IDLE = 3600.0
"""Seconds after which a conversation that was not heard of has no warm cache anywhere."""
MOST = 10_000
"""Conversations and speeds that are remembered."""

K = TypeVar("K")
V = TypeVar("V")


def by_weight(labels: Sequence[str], weights: Sequence[float], key: str) -> list[int]:
    """The positions of `labels` in the order in which `key` takes them (weighted rendezvous hashing).

    Over many keys, each is first as often as its weight says; those of weight 0 come last.
    """
    scores = [_score(label, weight, key) for label, weight in zip(labels, weights, strict=True)]
    return sorted(range(len(scores)), key=scores.__getitem__)


def _score(label: str, weight: float, key: str) -> float:
    if weight <= 0:
        return math.inf
    drawn = blake2b(f"{key}\0{label}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return -math.log((int.from_bytes(drawn) + 1) / 2**64) / weight


class Speeds:
    """How soon targets begin to answer: a running mean of seconds each, streams and whole answers apart."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bool], tuple[float, float]] = {}
        """Seconds, and when that was."""
        self._tried: dict[tuple[str, bool], float] = {}
        """When somebody was sent to find out."""

    def note(self, label: str, stream: bool, seconds: float, now: float) -> None:
        """A target has begun to answer after so many seconds."""
        known = self.of(label, stream, now)
        mean = seconds if known is None else known + SHARE * (seconds - known)
        _keep(self._known, (label, stream), (mean, now))

    def of(self, label: str, stream: bool, now: float) -> float | None:
        """Seconds, as far as they are known and not too old."""
        known = self._known.get((label, stream))
        return known[0] if known is not None and now - known[1] < STALE else None

    def order(self, labels: Sequence[str], stream: bool, now: float) -> list[int]:
        """Positions of `labels`, the fastest first. One nobody knows comes before all, once in a while."""

        def rank(position: int) -> tuple[bool, float]:
            speed = self.of(labels[position], stream, now)
            if speed is not None:
                return False, speed
            tried = self._tried.get((labels[position], stream))
            return tried is not None and now - tried < STALE, 0.0

        return sorted(range(len(labels)), key=rank)

    def try_out(self, label: str, stream: bool, now: float) -> None:
        """Somebody is on the way there; if nobody knows its speed, others need not find it out."""
        _keep(self._tried, (label, stream), now)


class Bonds:
    """Which target has which conversation. Forgotten when nobody came for an hour, or when there are too many."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], tuple[str, float]] = {}

    def held(self, fork: str, key: str, now: float) -> str:
        """The label of the target that has it; empty for none."""
        label, at = self._held.get((fork, key), ("", 0.0))
        return label if label and now - at < IDLE else ""

    def hold(self, fork: str, key: str, label: str, now: float) -> None:
        """The target has answered in this conversation."""
        _keep(self._held, (fork, key), (label, now))


def _keep(found: dict[K, V], key: K, value: V) -> None:
    """Remember it as the newest; the oldest goes where there are too many."""
    found.pop(key, None)
    if len(found) >= MOST:
        del found[next(iter(found))]
    found[key] = value
