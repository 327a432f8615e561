"""Questions at a terminal: which of a table's rows, a line, a key, yes or no. Where nobody sits, nothing is asked."""

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
    """The rows that are meant, by number, name or how only one begins; `all` is all, an empty line the default or none.

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
    begun = [number for number, name in enumerate(names) if name.lower().startswith(word.lower())]
    return alike[0] if alike else begun[0] if len(begun) == 1 else None


def one(question: str, names: Sequence[str], default: int | None = None) -> int:
    """The one row that is meant. Raises `ConfigFault` after too much that is none, or several."""
    for _ in range(TRIES):
        rows = which(question, names, default)
        if len(rows) == 1:
            return rows[0]
        show.say("One of them, by its number or name.")
    raise ConfigFault("Nothing was chosen.", remedy="Name it on the command line.")


def line(question: str, default: str = "") -> str:
    """What is typed; the default for an empty line. Raises `KeyboardInterrupt` where the terminal is gone."""
    shown = f"{question} [{default}]" if default else question
    print(f"{shown}:", end=" ", file=sys.stderr, flush=True)
    typed = sys.stdin.readline()
    if not typed:
        raise KeyboardInterrupt
    return typed.strip() or default


def hidden(question: str) -> str:
    """The same for what nobody may read over a shoulder."""
    try:
        import termios
    except ImportError:  # Windows
        from getpass import getpass

        return getpass(f"{question}: ").strip()
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    quiet = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    try:
        termios.tcsetattr(terminal, termios.TCSADRAIN, quiet)  # first of all: a key may be pasted at once
        print(f"{question}:", end=" ", file=sys.stderr, flush=True)
        typed = sys.stdin.readline()
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        print(file=sys.stderr, flush=True)
    if not typed:
        raise KeyboardInterrupt
    return typed.strip()


def yes(question: str, default: bool = True) -> bool:
    """Whether it is so; an empty line is the default, and so is what nobody understands."""
    typed = line(f"{question} ({'Y/n' if default else 'y/N'})").lower()
    return typed in ("y", "yes") if not default else typed not in ("n", "no")
