"""Where a setting comes from, for messages: file and line, a variable, the command line."""

from __future__ import annotations

import tomllib
from bisect import bisect_left
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

Keys = tuple[str, ...]
Origin = Literal["flag", "environment", "file", "default"]
VARIABLE = "The variable "
"""Before the name of a variable, as a place."""


class Places:
    """The sources of the settings in force."""

    def __init__(self, file: Path | None = None, text: str = "") -> None:
        self._file, self._text = file, text
        self._others: dict[Keys, str] = {}

    def add(self, path: Keys, place: str) -> None:
        """`path` was set from somewhere else than the file."""
        self._others[path] = place

    def origin(self, path: Keys) -> tuple[Origin, str]:
        """Who set the value at `path`, and where: the variable's name, the line."""
        for size in range(len(path), 0, -1):
            if (other := self._others.get(path[:size])) is not None:
                name = other.removeprefix(VARIABLE)
                return ("environment", name) if name != other else ("flag", "command line")
        if self._file is not None and (line := line_of(self._text, path)):
            return "file", f"line {line}"
        return "default", ""

    def of(self, path: Keys) -> str:
        """Where the setting at `path` (or, for a section, something in it) was set."""
        for size in range(len(path), 0, -1):
            if (other := self._others.get(path[:size])) is not None:
                return other
        if self._file is not None and (line := line_of(self._text, path)):
            return f"{self._file}, line {line}"
        below = (other for key, other in self._others.items() if key[: len(path)] == path)
        return next(below, "The settings" if self._file is None else str(self._file))


def line_of(text: str, path: Keys) -> int | None:
    """The line (from 1) on which `path` begins in a TOML text, however it is written there; None where it is not.

    The parser tells no places. But a key is in a text from its line on: the shortest beginning that holds it is found
    by halving. A beginning that stops inside a value is no TOML yet and counts as the next longer one that is.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    if not _has(_parsed(text), path):
        return None

    def holds(count: int) -> bool:
        for end in range(count, len(lines) + 1):
            try:
                return _has(tomllib.loads("\n".join(lines[:end])), path)
            except tomllib.TOMLDecodeError:
                continue
        return False

    found = bisect_left(range(1, len(lines) + 1), True, key=holds)
    return found + 1 if found < len(lines) else None


def _parsed(text: str) -> Any:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _has(tree: Any, path: Keys) -> bool:
    for key in path:
        if not isinstance(tree, Mapping) or key not in tree:
            return False
        tree = tree[key]
    return True
