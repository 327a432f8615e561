"""How long to wait before the same target is asked again: exponential, with full jitter, as long as the target asks.

Chance comes in as an argument: a number from 0 to 1.
"""

from __future__ import annotations

from msgspec import Struct


class Backoff(Struct, frozen=True):
    """The bounds of the pauses."""

    first: float = 0.25
    """Most seconds of the first pause; each later one may be twice as long."""
    longest: float = 5.0
    """Most seconds of any pause."""

    def pause(self, before: int, draw: float, retry_after: float | None = None) -> float | None:
        """Seconds before the next try, with `before` tries made again already; None where it is not worth waiting for.

        Full jitter: anything from none to the bound, so that many clients do not come back at the same moment. What the
        target asks for is the least, and who asks for more than the longest pause is not waited for.
        """
        asked = retry_after or 0.0
        if asked > self.longest:
            return None
        bound = min(self.longest, self.first * 2.0 ** min(before, 32))
        return min(self.longest, asked + draw * bound)
