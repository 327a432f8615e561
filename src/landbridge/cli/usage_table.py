"""What was used, as a table with bars for people and as CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Mapping, Sequence

from ..store.report import Amounts, Row, Usage
from .fitting import print_fitting
from .money import count_text, seconds_text, sum_text

BAR = 16
"""Characters of the longest bar."""
_EIGHTHS = " ▏▎▍▌▋▊▉"
NOTHING = "-"
BARS = ""
"""The heading above the bars."""
SPARE = ("FIRST", "P95", BARS, "CACHED", "P50", "ERRORS")
"""Columns that a narrow terminal can do without."""
NUMBERS = ("requests", "errors", "input", "cached", "output", "cost", "p50", "p95", "first")
SUMS = (
    "requests",
    "errors",
    "cancelled",
    "input",
    "cache_read",
    "cache_write",
    "output",
    "reasoning",
    "estimated",
    "cost",
    "unknown",
    "local",
    "seconds_p50",
    "seconds_p95",
    "first_p50",
)
"""Columns of CSV behind those of the group."""


def print_usage(usage: Usage, names: Mapping[str, str], limit: int = 0) -> None:
    """Print a table, a total below it, and what the figures do not say. `names` are those of access keys."""
    print(period(usage))
    if not usage.total.requests:
        print("Nothing was used in that time.")
        return
    rows = usage.rows[:limit] if limit else usage.rows
    lengths = bars([weight(row, usage.total) for row in usage.rows])
    cells = [[*_group(row, usage, names), *_amounts(row), bar] for row, bar in zip(rows, lengths, strict=False)]
    if len(usage.rows) > len(rows):
        cells.append([f"and {len(usage.rows) - len(rows)} more", *[""] * (len(usage.by) - 1 + len(NUMBERS) + 1)])
    total = ["total", *[""] * (len(usage.by) - 1)]
    cells.append([*(total if usage.by else []), *_amounts(usage.total), ""])
    columns = [*(name.upper() for name in (*usage.by, *NUMBERS)), BARS]
    print_fitting(columns, cells, numbers=[name.upper() for name in NUMBERS], spare=SPARE)
    for line in notes(usage.total, usage.lost):
        print(line)


def period(usage: Usage) -> str:
    """The time it is about."""
    words = [f"since {clock(usage.since)}" if usage.since is not None else ""]
    words += [f"until {clock(usage.until)}" if usage.until is not None else ""]
    said = " ".join(word for word in words if word) or "since the ledger began"
    return f"{said[0].upper()}{said[1:]}:"


def clock(at: float) -> str:
    """A moment by this machine's clock."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def notes(total: Amounts, lost: int = 0) -> list[str]:
    """What somebody who reads the sums should know."""
    found = []
    if total.unknown:
        many = f"{total.unknown} exchanges" if total.unknown > 1 else "one exchange"
        found.append(f'The cost of {many} is not known: say prices in the settings, [prices."provider/model"].')
    if total.estimated:
        many = f"{total.estimated} exchanges" if total.estimated > 1 else "one exchange"
        found.append(f"The tokens of {many} are estimated, as the provider did not say them.")
    if lost:
        many = f"{lost} exchanges" if lost > 1 else "one exchange"
        found.append(f"Not in it: {many} of about that time, lost when the router was killed or could not write.")
    return found


def _group(row: Row, usage: Usage, names: Mapping[str, str]) -> list[str]:
    shown = []
    for name in usage.by:
        value = row.group[name]
        shown.append(f"{names[value]} ({value})" if name == "key" and value in names else value or NOTHING)
    return shown


def _amounts(sums: Amounts) -> list[str]:
    prompt = sums.input + sums.cache_read + sums.cache_write
    cached = f"{sums.cache_read * 100 // prompt} %" if prompt else ""
    times = (seconds_text(each) for each in (sums.seconds_p50, sums.seconds_p95, sums.first_p50))
    counts = (str(sums.requests), str(sums.errors or ""), count_text(prompt), cached, count_text(sums.output))
    return [*counts, sum_text(sums), *times]


def weight(row: Amounts, total: Amounts) -> int:
    """How long its bar is: by cost where anything costs, else by tokens, else by requests."""
    if total.cost:
        return row.cost
    return row.tokens if total.tokens else row.requests


def bars(weights: Sequence[int]) -> list[str]:
    """Bars in the relation of the weights; what is more than nothing is to be seen."""
    most = max(weights, default=0)
    return [bar(each * BAR * 8 // most if most else 0, each > 0) for each in weights]


def bar(eighths: int, some: bool = False) -> str:
    """A bar of so many eighths of a character."""
    whole, rest = divmod(max(eighths, 1 if some else 0), 8)
    return ("█" * whole + _EIGHTHS[rest]).rstrip()


def as_csv(usage: Usage) -> str:
    """A line a group, without the total, which a spreadsheet makes. Costs are dollars; unknown ones are counted."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*usage.by, *SUMS])
    for row in usage.rows or [Row(group={}, **{name: getattr(usage.total, name) for name in SUMS})]:
        writer.writerow([*(row.group[name] for name in usage.by if row.group), *(_plain(row, name) for name in SUMS)])
    return out.getvalue()


def _plain(row: Row, name: str) -> object:
    value = getattr(row, name)
    if name == "cost":
        known = row.unknown < row.requests or row.cost
        return f"{value / 1_000_000:.6f}" if known else ""
    return "" if value is None else value
