"""Questions at a terminal: which of a table's rows. Where nobody sits, nothing is asked."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..errors import ConfigFault
from . import show

TRIES = 3
"""Answers that may be nothing in the table."""


def somebody() -> bool:
    """Whether a person sits there and can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def which(question: str, names: Sequence[str], default: int | None = None) -> list[int]:
    """The rows that are meant, by number or name; `all` is all, an empty line the default or none.

    Raises `ConfigFault` after too much that is neither.
    """
    for _ in range(TRIES):
        print(question, end=" ", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        words = line.replace(",", " ").split()
        if not words:
            return [] if default is None or not line else [default]
        if words == ["all"]:
            return list(range(len(names)))
        rows = [_row(word, names) for word in words]
        meant = [row for row in rows if row is not None]
        if len(meant) == len(rows):
            return list(dict.fromkeys(meant))
        show.say(f"'{words[rows.index(None)]}' is none of these. Say a number from 1 to {len(names)}, or a name.")
    raise ConfigFault("Nothing was chosen.", remedy="Name it on the command line.")


def _row(word: str, names: Sequence[str]) -> int | None:
    if word.isdecimal() and 0 < int(word) <= len(names):
        return int(word) - 1
    alike = [number for number, name in enumerate(names) if name.lower() == word.lower()]
    return alike[0] if alike else None
