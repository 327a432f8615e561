"""The last lines an engine wrote, and what they tell: where it listens, and why it ended. Pure, bounded.

The line protocol is llama-server's own: somewhere a line says `listening on http://127.0.0.1:PORT`.
"""

from __future__ import annotations

import re
from collections import deque

MAX_LINES = 400
MAX_LINE = 1000
"""Characters kept of one line."""

_LISTENING = re.compile(r"listening on (http://127\.0\.0\.1:\d+)(?![\d.])")
"""Not where another thread's line, which begins with a time, follows without a break."""
_LEVEL = re.compile(r"^[\d.]+ ([A-Z]) +")
"""llama.cpp's own prefix: running time and level."""
_TELLING = re.compile(r"error|fail|assert|abort|fatal|terminate|exception|out of memory|cannot|invalid|unknown", re.I)
_CONSEQUENCE = re.compile(r"exiting due to|please check the input params|cleaning up", re.I)


class Log:
    """Takes an engine's output in any cut; remembers the newest lines."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=MAX_LINES)
        self._rest = b""
        self.url = ""
        """Where the engine says it listens; empty until it has said so."""

    def feed(self, data: bytes) -> None:
        """Output as it comes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._take(line)
        if len(self._rest) > MAX_LINE:
            self._take(self._rest)
            self._rest = b""

    def close(self) -> None:
        """There will be no more output."""
        if self._rest:
            self._take(self._rest)
        self._rest = b""

    def _take(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip()
        if not text:
            return
        self._lines.append(text[:MAX_LINE])
        if not self.url and (found := _LISTENING.search(text)):
            self.url = found[1]

    @property
    def lines(self) -> tuple[str, ...]:
        """The newest lines, oldest first."""
        return tuple(self._lines)

    def first_error(self) -> str:
        """The first line that tells of a fault: while loading, all others follow from it. Empty if none does."""
        telling = self._telling()
        return telling[0] if telling else ""

    def last_words(self, count: int = 3) -> str:
        """The last lines that tell of a fault, in one; else the very last line."""
        lines = self._telling()[-count:] or [_bare(line) for line in self.lines[-1:]]
        return " | ".join(lines)

    def _telling(self) -> list[str]:
        return [_bare(line) for line in self._lines if _tells(line)]


def _tells(line: str) -> bool:
    if _CONSEQUENCE.search(line):
        return False
    level = _LEVEL.match(line)
    return level[1] == "E" if level else bool(_TELLING.search(line))


def _bare(line: str) -> str:
    return " ".join(_LEVEL.sub("", line).split())
