"""Where a setting comes from, for messages: file and line, a variable, the command line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
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
        self._lines: dict[Keys, int] | None = None

    def add(self, path: Keys, place: str) -> None:
        """`path` was set from somewhere else than the file."""
        self._others[path] = place

    def _line(self, path: Keys) -> int | None:
        if self._lines is None:
            self._lines = lines_of(self._text)
        return self._lines.get(path)

    def origin(self, path: Keys) -> tuple[Origin, str]:
        """Who set the value at `path`, and where: the variable's name, the line."""
        for size in range(len(path), 0, -1):
            if (other := self._others.get(path[:size])) is not None:
                name = other.removeprefix(VARIABLE)
                return ("environment", name) if name != other else ("flag", "command line")
        if self._file is not None and (line := self._line(path)):
            return "file", f"line {line}"
        return "default", ""

    def of(self, path: Keys) -> str:
        """Where the setting at `path` (or, for a section, something in it) was set."""
        for size in range(len(path), 0, -1):
            if (other := self._others.get(path[:size])) is not None:
                return other
        if self._file is not None and (line := self._line(path)):
            return f"{self._file}, line {line}"
        below = (other for key, other in self._others.items() if key[: len(path)] == path)
        return next(below, "The settings" if self._file is None else str(self._file))


def line_of(text: str, path: Keys) -> int | None:
    """The line (from 1) on which `path` begins in a TOML text, however it is written there; None where it is not."""
    return lines_of(text).get(path)


def lines_of(text: str) -> dict[Keys, int]:
    """The line (from 1) on which each path of a TOML text begins.

    The parser tells no places. But each statement is TOML by itself: the lines are read up to the next one that makes a
    whole, and what that holds stands there, below the table it follows.
    """
    found: dict[Keys, int] = {}
    table: Keys = ()
    begun: list[str] = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if begun and not any(mark in line for mark in _ENDS):
            begun.append(line)
            continue
        begun.append(line)
        try:
            tree = tomllib.loads("\n".join(begun))
        except tomllib.TOMLDecodeError:
            continue
        first, header = number - len(begun) + 1, begun[0].lstrip().startswith("[")
        begun = []
        paths = list(_paths(tree, table if not header else ()))
        for path in paths:
            for size in range(1, len(path) + 1):
                found.setdefault(path[:size], first)
        if header:
            table = paths[-1] if paths else table
    return found


_ENDS = ("]", "}", '"""', "'''")
"""What ends a statement of several lines."""


def _paths(tree: Mapping[str, Any], above: Keys) -> Iterator[Keys]:
    for key, value in tree.items():
        path = (*above, key)
        if isinstance(value, Mapping) and value:
            yield from _paths(value, path)
        else:
            yield path
