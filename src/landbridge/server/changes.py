"""Notices that files have changed: told by the system where that works, looked for every few seconds everywhere.

What counts is what stands at the path now, not what the system reports: links, network folders and editors that put a
new file in place of the old one are all the same here, and a change between reading and watching is not missed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

log = logging.getLogger("landbridge.server")

LOOK_EVERY = 2.0
"""Seconds between two looks where the system tells of nothing."""
STEP = 250
"""Milliseconds between two looks at what the system has told. Each wakes the processor, on battery too."""
DEBOUNCE = 200
"""Milliseconds changes are gathered: editors write in several steps."""

Signature = tuple[int, int, int] | None
"""Time, size and identity of a file; None where there is none."""


class Changes:
    """Watches over `path` from the moment it is made, and over `others`, for which nobody waits: within seconds."""

    def __init__(self, path: Path, *others: Path) -> None:
        self._path = path
        self._paths = (path, *others)
        self._seen = [signature(each) for each in self._paths]

    async def run(self, changed: Callable[[], Awaitable[None]]) -> None:
        """Call `changed` after each change, until cancelled."""
        try:
            await self._listen(changed)
        except (OSError, RuntimeError) as error:
            log.warning("changes of %s are looked for every %g s (%s)", self._path, LOOK_EVERY, error)
        while True:
            await asyncio.sleep(LOOK_EVERY)
            await self._look(changed)

    async def _listen(self, changed: Callable[[], Awaitable[None]]) -> None:
        from watchfiles import awatch

        folder = self._path.parent
        folder.mkdir(parents=True, exist_ok=True)
        timeout = round(LOOK_EVERY * 1000)
        async for _ in awatch(
            folder, recursive=False, debounce=DEBOUNCE, step=STEP, rust_timeout=timeout, yield_on_timeout=True
        ):
            await self._look(changed)

    async def _look(self, changed: Callable[[], Awaitable[None]]) -> None:
        now = [signature(each) for each in self._paths]
        if now != self._seen:
            self._seen = now
            await changed()


def signature(path: Path) -> Signature:
    """What tells one state of a file from another."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
