"""How long a model takes to read a prompt, learned from the prompts it has read. Pure.

    seconds(n) = slope * n + curve * n * n

The first part is the weights' work, the same for each token; the second the attention's, which looks back at all
tokens before. Fitted through prompts of 512 and 4,096 tokens it is within 1 % of what was measured at 20,480.
"""

from __future__ import annotations

from msgspec import Struct

from ..neutral.progress import Progress

LEAST = 256
"""Tokens below which a prompt tells more of pauses and rounding than of the model."""
HALF = 12_000.0
"""Tokens at which both parts are alike, until prompts of several lengths say otherwise (measured: 7,000 to 18,000)."""
DOUBT = 0.01
"""Weight of that assumption against one observed length."""
NEWEST = 0.3
"""Share of the newest prompt in the running mean of its length."""


SURE = 2.0
"""Seconds of reading after which what is measured counts as much as what was foretold."""


class Headway(Struct, frozen=True):
    """How far a prompt is read, for people."""

    percent: int
    seconds: float | None
    """How long it will take yet; None where nobody knows."""


class Speed:
    """Observed prompts, one running mean for each doubling of their length."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[float, float]] = {}
        """Class of length -> tokens and seconds."""

    def learn(self, tokens: int, seconds: float) -> None:
        """A prompt of `tokens`, read from its beginning, took `seconds` until the first token of the answer."""
        if tokens < LEAST or seconds <= 0:
            return
        length = tokens.bit_length()
        n, took = self._seen.get(length, (float(tokens), seconds))
        self._seen[length] = n + NEWEST * (tokens - n), took + NEWEST * (seconds - took)

    def predict(self, tokens: int) -> float | None:
        """Seconds for a prompt of `tokens`; None before anything is known."""
        if not self._seen:
            return None
        slope, curve = self._fit()
        return slope * tokens + curve * tokens * tokens

    def headway(self, progress: Progress) -> Headway:
        """How long the rest of a prompt will take: as foretold, corrected by what its reading has taken so far."""
        slope, curve = self._fit() if self._seen else (1.0, 1.0 / HALF)
        read = _between(slope, curve, progress.cache, progress.processed)
        rest = _between(slope, curve, progress.processed, progress.total)
        if not self._seen:
            return Headway(progress.percent, rest * progress.seconds / read if read and progress.seconds else None)
        trust = progress.seconds / (progress.seconds + SURE) if read else 0.0
        pace = progress.seconds / read if read else 1.0
        return Headway(progress.percent, rest * pace**trust)

    def _fit(self) -> tuple[float, float]:
        """Slope and curve, neither negative, with the least squares of relative errors."""
        xs = [n / took for n, took in self._seen.values()]
        ys = [n * n / took for n, took in self._seen.values()]
        doubt = DOUBT * (sum(xs) / len(xs)) ** 2  # of (slope - curve * HALF) ** 2
        xx, yy = sum(x * x for x in xs) + doubt, sum(y * y for y in ys) + doubt * HALF * HALF
        xy = sum(x * y for x, y in zip(xs, ys, strict=True)) - doubt * HALF
        spread = xx * yy - xy * xy
        slope, curve = (sum(xs) * yy - sum(ys) * xy) / spread, (sum(ys) * xx - sum(xs) * xy) / spread
        if curve < 0:
            return sum(xs) / sum(x * x for x in xs), 0.0
        if slope < 0:
            return 0.0, sum(ys) / sum(y * y for y in ys)
        return slope, curve


def _between(slope: float, curve: float, begin: int, end: int) -> float:
    """Seconds from one token of a prompt to another."""
    return slope * (end - begin) + curve * (end * end - begin * begin)
