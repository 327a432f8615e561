"""How much memory engines may still take: what is free, less what others were promised and have not used yet.

psutil is imported where it is used: a router that runs no engine does not need it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

RESERVE = 512 * 1024 * 1024
"""Bytes left to the rest of the machine where no limit is set."""
CGROUP = Path("/sys/fs/cgroup")
STATUS = Path("/proc/self/status")
"""What Linux says of a process; other systems are asked by psutil."""
RETURN_WITHIN = 5.0
"""Seconds the system may take to give back the memory of an engine that is gone (P93: a GPU's comes late)."""


class Room:
    """Promises of memory to engines. Who may have more is decided by `Allotment`."""

    def __init__(self, limit: Callable[[], int | None]) -> None:
        self._limit = limit
        self._promised: dict[str, int] = {}
        self._pids: dict[str, int] = {}
        self._expected: dict[str, int] = {}
        """What shall be free when engines are gone that are being stopped."""
        self._due: list[tuple[float, int]] = []
        """Until when so much should be free."""

    def free(self) -> int:
        """Bytes a further engine may take now; never negative."""
        limit = self._limit()
        if limit is not None:
            return max(0, limit - sum(self._promised.values()))
        unused = sum(max(0, memory - own_memory(self._pids.get(name))) for name, memory in self._promised.items())
        return max(0, available() - RESERVE - unused)

    def reserve(self, name: str, memory: int) -> None:
        """Promise `memory` bytes to `name`: so much less is free, and will be."""
        more = memory - self.promised(name)
        self._promised[name] = memory
        self._expected = {each: free - more for each, free in self._expected.items()}
        self._due = [(until, free - more) for until, free in self._due]

    def settle(self, name: str, pid: int) -> None:
        """The engine of `name` is process `pid`: what it has taken is no longer free anyway."""
        self._pids[name] = pid

    def leaving(self, name: str) -> None:
        """The engine of `name` is told to end."""
        if self._limit() is None:
            self._expected[name] = self.free() + self.promised(name)

    def release(self, name: str) -> None:
        """The engine of `name` is gone."""
        self._promised.pop(name, None)
        self._pids.pop(name, None)
        if (expected := self._expected.pop(name, None)) is not None:
            self._due.append((time.monotonic() + RETURN_WITHIN, expected))

    def returning(self) -> int:
        """Bytes of engines that are gone which the system has not given back yet; it has `RETURN_WITHIN` for it."""
        now = time.monotonic()
        self._due = [(until, expected) for until, expected in self._due if now < until]
        if not self._due or self._limit() is not None:
            return 0
        return max(0, max(expected for _, expected in self._due) - self.free())

    def promised(self, name: str) -> int:
        """Bytes promised to `name`."""
        return self._promised.get(name, 0)


def own_memory(pid: int | None) -> int:
    """Bytes a process and its children hold for themselves, in memory or swapped out: not the pages of files, which
    the system counts as free (P94: what a leak takes hides in the swap).
    """
    if pid is None:
        return 0
    if STATUS.exists():
        return _told(pid, "RssAnon:", "VmSwap:")
    return _measured(pid, lambda memory: int(memory.rss - getattr(memory, "shared", 0)))


def resident_memory(pid: int) -> int:
    """Bytes of a process and its children that are in memory now."""
    if STATUS.exists():
        return _told(pid, "VmRSS:")
    return _measured(pid, lambda memory: int(memory.rss))


def _told(pid: int, *kinds: str) -> int:
    """What the system says of a process and all it has started. Linux only, where psutil would read every process."""
    return sum(_status(each, kinds) for each in _family(pid))


def _family(pid: int) -> Iterator[int]:
    """The process and all it has started. Linux only."""
    yield pid
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in path.read_text().split():
                yield from _family(int(child))


def _status(pid: int, kinds: tuple[str, ...]) -> int:
    """Bytes of one process. Linux only."""
    kilobytes = 0
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(kinds):
                kilobytes += int(line.split()[1])
    return kilobytes * 1024


def _measured(pid: int, size: Callable[[Any], int]) -> int:
    import psutil

    total = 0
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for each in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += size(each.memory_info())
    return total


def available() -> int:
    """Free bytes of the machine, or of the container where that has less."""
    import psutil

    found = int(psutil.virtual_memory().available)
    with suppress(OSError, ValueError):  # no container, or one without a limit ("max")
        limit = int((CGROUP / "memory.max").read_text())
        used = int((CGROUP / "memory.current").read_text()) - _given_back()
        found = min(found, max(0, limit - used))
    return found


def _given_back() -> int:
    """Bytes the container is charged for that it gives back when asked: pages of files nobody has used lately."""
    for line in (CGROUP / "memory.stat").read_text().splitlines():
        name, _, size = line.partition(" ")
        if name == "inactive_file":
            return int(size)
    return 0
