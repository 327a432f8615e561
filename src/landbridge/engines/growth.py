"""Whether an engine leaks: its own memory is beyond its plan, and has grown with each of its last uses (P94)."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from itertools import pairwise

from .room import own_memory

log = logging.getLogger("landbridge.engines")

LOOK_EVERY = 5.0
"""Seconds between two looks at an engine that is used."""
MIB = 1024 * 1024
SLACK = 512 * MIB
"""Bytes beyond its plan that an engine may take: what the plan could not know."""
STEP = MIB // 2
"""Bytes by which it must have grown from one look to the next."""
LOOKS = 5
"""Looks in a row, a use between them, that must show growth: a cache that fills comes to an end."""


class Growth:
    """The own memory of one process over its uses."""

    def __init__(self) -> None:
        self._seen: deque[int] = deque(maxlen=LOOKS)

    def leaks(self, memory: int, planned: int) -> bool:
        """It takes `memory` now, after another use, and was planned to take no more than `planned`."""
        self._seen.append(memory)
        seen = list(self._seen)
        grows = all(after - before >= STEP for before, after in pairwise(seen))
        return len(seen) == LOOKS and grows and memory > planned + SLACK


class LeakWatch:
    """Looks at one process after its uses."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._growth = Growth()
        self._looked: float | None = None
        self.found = False
        """Whether it leaks: it shall be replaced when its line is served."""

    def look(self, pid: int, planned: int) -> bool:
        """A lease came back. True once, when a leak shows."""
        now = asyncio.get_running_loop().time()
        if self.found or (self._looked is not None and now < self._looked + LOOK_EVERY):
            return False
        self._looked, memory = now, own_memory(pid)
        self.found = self._growth.leaks(memory, planned)
        if self.found:
            words = "engine %s has grown to %d MB (planned: %d MB), and grows with each use: it is started anew"
            log.warning(words, self._name, memory // 10**6, planned // 10**6)
        return self.found
