"""Wide tables on narrow terminals: columns that matter least are left out, instead of all being cut.

Into a pipe or a file everything goes: there is no width to keep to.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from .tables import make_table

GAP = 2
"""Characters between columns."""
ENDLESS = 400
"""The width of what is no terminal."""
LEAST = 16
"""Width that the last column, which may be broken, should have at least."""


def print_fitting(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    numbers: Sequence[str] = (),
    last: Sequence[str] = (),
    spare: Sequence[str] = (),
) -> None:
    """Print a table. Columns of `spare` are left out, the first of them first, until it fits."""
    from rich.console import Console

    width = room()
    kept = fitting(columns, rows, width, last, spare)
    at = [columns.index(name) for name in kept]
    table = make_table(kept, [[row[index] for index in at] for row in rows], numbers=numbers, last=last)
    Console(width=width).print(table)


def fitting(
    columns: Sequence[str], rows: Sequence[Sequence[str]], width: int, last: Sequence[str], spare: Sequence[str]
) -> list[str]:
    """The columns that fit, in their order."""
    needs = {name: max(len(name), *(len(row[at]) for row in rows), 0) for at, name in enumerate(columns)}
    needs.update({name: min(needs[name], LEAST) for name in last if name in needs})
    kept = list(columns)
    for name in spare:
        if sum(needs[each] for each in kept) + GAP * (len(kept) - 1) <= width:
            break
        kept.remove(name)
    return kept


def room() -> int:
    """Characters of a line."""
    if os.environ.get("COLUMNS", "").isdigit():
        return max(20, int(os.environ["COLUMNS"]))
    if not sys.stdout.isatty():
        return ENDLESS
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
