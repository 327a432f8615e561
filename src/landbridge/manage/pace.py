"""How fast something comes, and how long it will take yet: what came lately says more than the whole time. Pure."""

from __future__ import annotations

from collections import deque

LATELY = 10.0
"""Seconds that are looked back."""
STEP = 0.25
"""Seconds between two marks."""
SURE = 1.0
"""Seconds after which a speed is worth saying."""


class Pace:
    """Of one download. Moments are of a clock that never goes back."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()

    def begin(self) -> None:
        """It comes anew: what came before is no speed."""
        self._marks.clear()

    def mark(self, now: float, done: int) -> None:
        """So many bytes are there."""
        if self._marks and done < self._marks[-1][1]:
            self._marks.clear()
        if len(self._marks) > 1 and now - self._marks[-2][0] < STEP:
            self._marks.pop()
        self._marks.append((now, done))
        while len(self._marks) > 2 and now - self._marks[1][0] > LATELY:
            self._marks.popleft()

    def speed(self, now: float) -> float | None:
        """Bytes a second; None where nobody can say it yet, or where nothing has come for long."""
        if not self._marks or now - self._marks[-1][0] > LATELY:
            return None
        since, first = self._marks[0]
        seconds, come = now - since, self._marks[-1][1] - first
        return come / seconds if seconds >= SURE and come else None

    def left(self, now: float, total: int | None) -> float | None:
        """Seconds until all is there."""
        speed = self.speed(now)
        if speed is None or total is None:
            return None
        return max(0.0, (total - self._marks[-1][1]) / speed)
