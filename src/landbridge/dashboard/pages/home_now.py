"""The figures of now and today, and the last 24 hours as a chart."""

from __future__ import annotations

from nicegui import ui

from ...server.pace import Pace
from ...store.series import Statistics
from ..parts.cards import Stat, card
from ..parts.charts import REST, Chart, Figures, Legend, Row, bars, colour
from ..parts.faults import empty
from ..parts.numbers import count, share
from ..words import _, n_
from .statistics_range import axis_of
from .statistics_words import MEASURES, cached_words, cost_hint, cost_words, part_name, say_as


class Now:
    """Tokens a second now, and what was used today."""

    def __init__(self) -> None:
        with card(), ui.element("div").classes("lbh-stats"):
            self._tokens = Stat(_("Tokens per second"), "0", _("now"))
            self._requests = Stat(_("Requests today"))
            self._cost = Stat(_("Cost today"))
            self._cached = Stat(_("From the cache today"))
            self._errors = Stat(_("Errors today"))

    def pace(self, pace: Pace) -> None:
        """How fast it is."""
        said = n_("now, {n} request is answered", "now, {n} requests are answered", pace.running)
        self._tokens.set(pace_words(pace.tokens), said if pace.running else _("now"))

    def show(self, today: Statistics) -> None:
        """What was used today."""
        total = today.total
        tokens = _("{n} tokens", n=count(total.tokens))
        self._requests.set(count(total.requests), tokens if total.requests else "")
        self._cost.set(cost_words(total), cost_hint(total))
        saved = _("{n} tokens were not read again", n=count(total.cache_read)) if total.cache_read else ""
        self._cached.set(cached_words(total), saved)
        kinds = ", ".join(kind.outcome.replace("_", " ") for kind in today.errors[:2])
        self._errors.set(count(total.errors), kinds or share(total.errors, total.requests).replace("-", ""))


def pace_words(tokens: float) -> str:
    """Tokens a second, as exact as it matters."""
    return f"{tokens:.1f}" if 0 < tokens < 10 else count(round(tokens))


class Day:
    """The last 24 hours."""

    def __init__(self) -> None:
        with card() as element:
            element.classes("lbh-day")
            with ui.element("div").classes("lbh-head"):
                ui.label(_("The last 24 hours")).classes("lb-title").props('role="heading" aria-level="2"')
                ui.link(_("Statistics"), "/statistics")
            with ui.element("div").classes("lbh-day-room") as self._nothing:
                empty("query_stats", _("No requests yet"), _("Here you will see how many there are in each hour."))
            with ui.element("div").classes("lbh-day-room") as self._room:
                self._chart = Chart(210)
                self._legend = Legend()
                self._figures = Figures(_("Hour"))

    def show(self, found: Statistics) -> None:
        """What was used in them."""
        self._nothing.set_visibility(not found.total.requests)
        self._room.set_visibility(bool(found.total.requests))
        rows, axis = rows_of(found), axis_of(found.step, found.starts)
        self._chart.show(bars(axis, rows), _("Requests in each of the last 24 hours, by model"))
        self._legend.show(rows)
        self._figures.show(axis.names, rows, lambda value: say_as("count", value))


def rows_of(found: Statistics, most: int = 5) -> list[Row]:
    """Requests by model: the most used ones each, all others together."""
    by_use = sorted((part for part in found.parts if part.line is not None), key=lambda part: -part.requests)
    measure = MEASURES["requests"]
    rows = [
        Row(part_name(found.by or "model", part, {}), measure.of(part.line, "requests"), colour(place))
        for place, part in enumerate(by_use[:most])
        if part.line is not None
    ]
    total = found.total.line
    if total is not None:
        drawn = [sum(at) for at in zip(*(row.values for row in rows), strict=True)] or [0.0] * len(found.starts)
        rest = [all_of_them - part for all_of_them, part in zip(total.requests, drawn, strict=True)]
        if any(rest):
            rows.append(Row(_("Others"), rest, REST))
    return rows
