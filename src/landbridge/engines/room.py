"""How much memory engines may still take: what is free, less what others were promised and have not used yet.

psutil is imported where it is used: a router that runs no engine does not need it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

RESERVE = 512 * 1024 * 1024
"""Bytes left to the rest of the machine where no limit is set."""
CGROUP = Path("/sys/fs/cgroup")


class Room:
    """Promises of memory to engines. Whoever wants more holds `lock` while it looks, makes room and reserves."""

    def __init__(self, limit: Callable[[], int | None]) -> None:
        self.lock = asyncio.Lock()
        self._limit = limit
        self._promised: dict[str, int] = {}
        self._pids: dict[str, int] = {}

    def free(self) -> int:
        """Bytes a further engine may take now; never negative."""
        limit = self._limit()
        if limit is not None:
            return max(0, limit - sum(self._promised.values()))
        unused = sum(max(0, memory - own_memory(self._pids.get(name))) for name, memory in self._promised.items())
        return max(0, _available() - RESERVE - unused)

    def reserve(self, name: str, memory: int) -> None:
        """Promise `memory` bytes to `name`."""
        self._promised[name] = memory

    def settle(self, name: str, pid: int) -> None:
        """The engine of `name` is process `pid`: what it has taken is no longer free anyway."""
        self._pids[name] = pid

    def release(self, name: str) -> None:
        """The engine of `name` is gone."""
        self._promised.pop(name, None)
        self._pids.pop(name, None)

    def promised(self, name: str) -> int:
        """Bytes promised to `name`."""
        return self._promised.get(name, 0)


def own_memory(pid: int | None) -> int:
    """Bytes a process and its children hold for themselves: not the pages of files, which the system counts as free."""
    import psutil

    total = 0
    if pid is not None:
        with suppress(psutil.Error):
            process = psutil.Process(pid)
            for each in (process, *process.children(recursive=True)):
                memory = each.memory_info()
                total += memory.rss - getattr(memory, "shared", 0)
    return total


def resident_memory(pid: int) -> int:
    """Bytes of a process and its children that are in memory now."""
    import psutil

    total = 0
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        total = sum(each.memory_info().rss for each in (process, *process.children(recursive=True)))
    return total


def _available() -> int:
    """Free bytes of the machine, or of the container where that has less."""
    import psutil

    available = int(psutil.virtual_memory().available)
    with suppress(OSError, ValueError):  # no container, or one without a limit ("max")
        limit = int((CGROUP / "memory.max").read_text())
        used = int((CGROUP / "memory.current").read_text()) - _given_back()
        available = min(available, max(0, limit - used))
    return available


def _given_back() -> int:
    """Bytes the container is charged for that it gives back when asked: pages of files nobody has used lately."""
    for line in (CGROUP / "memory.stat").read_text().splitlines():
        name, _, size = line.partition(" ")
        if name == "inactive_file":
            return int(size)
    return 0
