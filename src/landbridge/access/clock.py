"""The time by which keys end: a system clock that is set back opens no key that was over, and one that was wrong by
years and is mended locks nobody out.
"""

from __future__ import annotations

import time
from collections.abc import Callable


class Clock:
    """Unix seconds that never fall behind what has passed since it was made."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self.steady = steady
        """Seconds from a clock that nobody sets."""
        self._offset = wall() - steady()

    def now(self) -> float:
        """The system's time, unless it was set back."""
        wall, least = self._wall(), self._offset + self.steady()
        return wall if wall > least else least
