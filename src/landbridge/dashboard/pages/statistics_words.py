"""What statistics say in words: names of parts, sums of money that may be unknown, and all of it as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from ...store.report import Amounts
from ...store.series import Line, Part, Quantiles, Statistics
from ..parts.charts import Unit
from ..parts.numbers import count, money, seconds, share
from ..words import N_, _, n_

GROUPS = {
    "": N_("All together"),
    "model": N_("Model"),
    "provider": N_("Provider"),
    "client": N_("Client"),
    "key": N_("Access key"),
    "session": N_("Conversation"),
    "agent": N_("Subagent"),
}
UNSAID = {
    "model": N_("No model named"),
    "provider": N_("Nobody answered"),
    "client": N_("Client unknown"),
    "key": N_("No key"),
    "session": N_("No conversation named"),
    "agent": N_("No subagent"),
}
"""What is said of a part without a name."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for the beginning of one."""


class Measure(Struct, frozen=True):
    """Something that is shown over time."""

    title: str
    unit: Unit = "count"
    per: float = 1.0
    """What a value is divided by."""

    def of(self, line: Line, name: str) -> list[float]:
        """The values of a line; `tokens` are those of prompts and answers."""
        if name == "tokens":
            return [float(sum(at)) for at in zip(line.prompt, line.cached, line.output, strict=True)]
        return [value / self.per for value in getattr(line, name)]


MEASURES = {
    "requests": Measure(N_("Requests")),
    "tokens": Measure(N_("Tokens")),
    "cost": Measure(N_("Cost"), "money", 1e6),
    "cached": Measure(N_("From the cache")),
    "errors": Measure(N_("Errors")),
}


class Sums(Protocol):
    """What the words for a cost are made of."""

    requests: int
    cost: int
    unknown: int
    local: int


def cost_words(sums: Sums) -> str:
    """`$1.20`; `≥ $1.20` where some is not known, `unknown` where nothing is; `local` of this machine's models."""
    if sums.requests and sums.local == sums.requests and not sums.cost:
        return _("local")
    if not sums.unknown:
        return money(sums.cost)
    return f"≥ {money(sums.cost)}" if sums.cost else _("unknown")


def cost_hint(sums: Sums) -> str:
    """What the sum leaves out."""
    return n_("{n} request of unknown price", "{n} requests of unknown price", sums.unknown) if sums.unknown else ""


def cached_words(amounts: Amounts) -> str:
    """How much of the prompts came from a cache."""
    return share(amounts.cache_read, amounts.input + amounts.cache_read + amounts.cache_write)


def times_words(times: Quantiles | None, name: str) -> str:
    """One of the usual times."""
    return "-" if times is None else seconds(getattr(times, name))


def part_name(by: str, part: Part, names: Mapping[str, str]) -> str:
    """What a part is called."""
    if part.parts > 1:
        return _("{n} others", n=part.parts)
    if not part.value:
        return _(UNSAID[by])
    return names.get(part.value, part.value)


def say_as(unit: Unit, value: float | None) -> str:
    """A value of a chart, in words."""
    if value is None:
        return "-"
    return {"count": count, "seconds": seconds}[unit](value) if unit != "money" else money(round(value * 1e6))


# -- CSV ---------------------------------------------------------------------------------------------------------------

SUMS = ("requests", "errors", "cancelled", "input", "cache_read", "cache_write", "output", "reasoning", "estimated")
LINE = ("requests", "errors", "prompt", "cached", "output", "cost_dollars")


def csv_of(rows: Sequence[Sequence[object]]) -> str:
    """Rows as CSV; text that a spreadsheet would work out is kept text. None is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_plain(value) for value in row])
    return out.getvalue()


def _plain(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def csv_over_time(found: Statistics, names: Sequence[str]) -> str:
    """The bars: a row a stretch of time and part."""
    by = found.by or ""
    parts = [(part_name(by, part, found.names), part.line) for part in found.parts] if by else [("", found.total.line)]
    rows: list[list[object]] = [["time", "begins_unix", *([by] if by else []), *LINE]]
    for place, (name, start) in enumerate(zip(names, found.starts, strict=True)):
        for part, line in parts:
            if line is not None and line.requests[place]:
                values = [getattr(line, each)[place] for each in LINE[:-1]]
                rows.append([name, start, *([part] if by else []), *values, line.cost[place] / 1e6])
    return csv_of(rows)


def csv_of_parts(found: Statistics) -> str:
    """The table of parts, and all of them together."""
    by = found.by or "all"
    times = [f"{name}_{which}" for name in ("seconds", "first") for which in Quantiles.__struct_fields__]
    rows: list[list[object]] = [[by, *SUMS, "cost_dollars", "cost_unknown", *times]]
    for part in (*found.parts, found.total):
        name = "total" if part is found.total else part_name(found.by or "model", part, found.names)
        cost = None if part.unknown and not part.cost else part.cost / 1e6
        sums = [getattr(part, each) for each in SUMS]
        rows.append([name, *sums, cost, part.unknown, *_quantiles(part.took), *_quantiles(part.first)])
    return csv_of(rows)


def csv_of_times(found: Statistics, names: Sequence[str]) -> str:
    """How long answers took over time."""
    times = [f"{name}_{which}" for name in ("seconds", "first") for which in Quantiles.__struct_fields__]
    rows: list[list[object]] = [["time", "begins_unix", *times]]
    for name, start, took, first in zip(names, found.starts, found.took, found.first, strict=True):
        if took is not None:
            rows.append([name, start, *_quantiles(took), *_quantiles(first)])
    return csv_of(rows)


def csv_of_errors(found: Statistics) -> str:
    """The kinds of errors."""
    rows: list[list[object]] = [["kind", "requests", "last_unix", "message", "id"]]
    rows += [[kind.outcome, kind.requests, kind.last_at, kind.message, kind.id] for kind in found.errors]
    return csv_of(rows)


def _quantiles(times: Quantiles | None) -> list[object]:
    return [None, None, None] if times is None else [times.p50, times.p90, times.p99]
