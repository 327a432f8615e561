"""Exchanges as lines: a table of those that were, and a line for each that comes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from ..store.report import MARK, Exchange
from .fitting import print_fitting
from .money import cost_text, count_text, seconds_text

COLUMNS = ("TIME", "ID", "CLIENT", "MODEL", "STATUS", "TOOK", "FIRST", "IN", "OUT", "COST", "NOTE")
NUMBERS = ("TOOK", "FIRST", "IN", "OUT", "COST")
SPARE = ("FIRST", "CLIENT", "TOOK", "IN", "OUT", "COST")
"""Columns that a narrow terminal can do without."""
SHORT = 14
"""Characters of an id that are shown, without the word all begin with: its millisecond, and two for those of one."""
BRIEF = 60
"""Characters of an error's message."""
WIDTHS = (14, SHORT, 11, 34, 6, 9, 8, 7, 7, 9)
"""Of the columns of a line that comes by itself."""
LOCAL = "local"


def print_list(exchanges: Sequence[Exchange]) -> None:
    """Print a table, the oldest first."""
    if not exchanges:
        print("No exchange is like that.")
        return
    rows = [cells(each) for each in reversed(exchanges)]
    today = time.strftime("%m-%d ")
    if all(row[0].startswith(today) for row in rows):
        rows = [(row[0].removeprefix(today), *row[1:]) for row in rows]
    print_fitting(COLUMNS, rows, numbers=NUMBERS, last=("NOTE",), spare=SPARE)


def line(exchange: Exchange) -> str:
    """One exchange as a line under the others."""
    *fields, note = cells(exchange)
    shown = [
        field[:width].rjust(width) if name in NUMBERS else field[:width].ljust(width)
        for field, width, name in zip(fields, WIDTHS, COLUMNS, strict=False)
    ]
    return "  ".join([*shown, note]).rstrip()


def cells(exchange: Exchange) -> tuple[str, ...]:
    """One row."""
    prompt = sum(filter(None, (exchange.input, exchange.cache_read, exchange.cache_write)))
    about = "~" if exchange.estimated else ""
    counted = exchange.input is not None or exchange.cache_read is not None
    return (
        clock(exchange.at)[5:],
        exchange.id.removeprefix(MARK)[:SHORT],
        plain(exchange.client) or "-",
        model_text(exchange),
        str(exchange.status or "-"),
        seconds_text(exchange.seconds),
        seconds_text(exchange.first),
        f"{about}{count_text(prompt)}" if counted else "",
        f"{about}{count_text(exchange.output)}" if exchange.output is not None else "",
        cost_text(exchange.cost, local=exchange.provider == LOCAL),
        ", ".join(notes(exchange)),
    )


def model_text(exchange: Exchange) -> str:
    """What answered; what was asked for in front of it, where that is another name."""
    asked, target = plain(exchange.model), plain(exchange.target)
    if not target:
        return asked or "-"
    return target if asked in (target, target.rpartition("/")[2]) else f"{asked} -> {target}"


def notes(exchange: Exchange) -> Iterable[str]:
    """What is unusual."""
    if exchange.outcome != "ok":
        yield f"{exchange.outcome}: {brief(plain(exchange.message))}" if exchange.message else exchange.outcome
    if exchange.agent:
        yield "subagent"
    if exchange.attempts > 1:
        yield f"{exchange.attempts} tries"
    if exchange.losses:
        yield f"{len(exchange.losses)} lost"
    if exchange.repairs:
        yield f"{sum(exchange.repairs.values())} repaired"


def brief(message: str) -> str:
    """The beginning of a message; `logs show` has all of it."""
    return message if len(message) <= BRIEF else f"{message[:BRIEF].rsplit(' ', 1)[0]} ..."


def clock(at: float) -> str:
    """Date and time by this machine's clock."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def plain(text: str) -> str:
    """Text of others without what a terminal would obey."""
    return text if text.isprintable() else "".join(each if each.isprintable() else " " for each in text)
