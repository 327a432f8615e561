"""Tables for people: columns of text, some of them numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Sequence[str] = (), last: Sequence[str] = ()
) -> None:
    """Print what `make_table` makes."""
    from rich.console import Console

    Console().print(make_table(columns, rows, numbers=numbers, last=last))


def make_table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Sequence[str] = (), last: Sequence[str] = ()
) -> Table:
    """A table of rows; `numbers` are set to the right, and what is in `last` may be broken where there is no room."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        broken = column in last
        table.add_column(
            column,
            justify="right" if column in numbers else "left",
            no_wrap=not broken,
            overflow="fold" if broken else "ellipsis",
        )
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))  # names and paths are no markup
    return table
