"""The cards of statistics: figures, by whom, how fast, what went wrong. Each takes what there is with `show`."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from ...store.series import Part, Quantiles, Statistics
from ..parts.cards import Stat, card, heading
from ..parts.charts import BAD, Axis, Chart, Figures, Row, colour, lines
from ..parts.faults import empty
from ..parts.numbers import clock, count, seconds, share
from ..words import _, n_
from .statistics_table import Cell, Column, Line, Table
from .statistics_words import (
    GROUPS,
    cached_words,
    cost_hint,
    cost_words,
    csv_of_errors,
    csv_of_parts,
    csv_of_times,
    part_name,
    say_as,
    times_words,
)


def titled(title: str, hint: str = "") -> ui.element:
    """A card's heading with room for tools on its other side: `with titled(...): ui.button(...)`."""
    with ui.element("div").classes("lbs-head"):
        heading(title, hint)
        return ui.element("div").classes("lbs-tools")


def export(name: str, make: Callable[[], str]) -> ui.button:
    """A button that gives what is shown as CSV."""

    def save() -> None:
        ui.download.content(make().encode("utf-8-sig"), f"landbridge-{name}.csv", "text/csv")

    button = ui.button(icon="download", on_click=save).props("flat round dense")
    return button.props(f'aria-label="{_("Export as CSV")}"').tooltip(_("Export as CSV"))


class Totals:
    """All of it in a few figures."""

    def __init__(self) -> None:
        with card(), ui.element("div").classes("lbs-stats"):
            self._requests = Stat(_("Requests"))
            self._errors = Stat(_("Errors"))
            self._prompt = Stat(_("Prompt tokens"))
            self._output = Stat(_("Answer tokens"))
            self._cost = Stat(_("Cost"))
            self._saved = Stat(_("Saved by the cache"))
            self._first = Stat(_("First token"))
            self._took = Stat(_("Whole answer"))

    def show(self, found: Statistics) -> None:
        """Of this time."""
        total = found.total
        prompt = total.input + total.cache_read + total.cache_write
        cancelled = n_("{n} cancelled", "{n} cancelled", total.cancelled) if total.cancelled else ""
        lost = n_("{n} not recorded", "{n} not recorded", found.lost) if found.lost else ""
        self._requests.set(count(total.requests), " · ".join(part for part in (cancelled, lost) if part))
        self._errors.set(count(total.errors), _("{share} of all", share=share(total.errors, total.requests)))
        self._prompt.set(count(prompt), _("{share} from the cache", share=cached_words(total)))
        thinking = _("{n} of it thinking", n=count(total.reasoning)) if total.reasoning else ""
        self._output.set(count(total.output), thinking)
        self._cost.set(cost_words(total), cost_hint(total))
        self._saved.set(count(total.cache_read), _("tokens that were not read again"))
        self._first.set(times_words(total.first, "p50"), _usually(total.first))
        self._took.set(times_words(total.took, "p50"), _usually(total.took))


def _usually(times: Quantiles | None) -> str:
    return _("90 % within {time}", time=seconds(times.p90)) if times is not None else ""


class Parts:
    """Who used it."""

    def __init__(self, pick: Callable[[str], object]) -> None:
        self._found: Statistics | None = None
        with card() as self.element:
            with ui.element("div").classes("lbs-head"):
                self._title = ui.label().classes("lb-title").props('role="heading" aria-level="2"')
                export("parts", lambda: csv_of_parts(self._found) if self._found is not None else "")
            columns = (
                Column(_("Name"), number=False),
                Column(_("Requests")),
                Column(_("Errors")),
                Column(_("Prompt")),
                Column(_("Cached"), hint=_("How much of the prompts came from a cache")),
                Column(_("Answers"), hint=_("Tokens of answers")),
                Column(_("Cost")),
                Column("p50", hint=_("Half of the good answers took at most so long")),
                Column("p90", hint=_("90 of 100 good answers took at most so long")),
                Column("p99", hint=_("99 of 100 good answers took at most so long")),
                Column(_("First"), hint=_("Half of them began after at most so long")),
            )
            self._table = Table(_("Who used it"), columns, pick)

    def show(self, found: Statistics) -> None:
        """Of this time."""
        self._found = found
        by = found.by or ""
        self.element.set_visibility(bool(by))
        if not by:
            return
        self._title.set_text(_("By {what}", what=_(GROUPS[by]).lower()))
        rows = [
            Line(
                key=part.value if part.parts == 1 else "\0others",
                cells=cells_of(part_name(by, part, found.names), part),
                colour=colour(place) if part.line is not None else colour(99),
                pick=bool(part.value),
                last=part.parts > 1,
            )
            for place, part in enumerate(found.parts)
        ]
        self._table.set([*rows, Line("\0total", cells_of(_("Total"), found.total), last=True)])


def cells_of(name: str, part: Part) -> list[Cell]:
    """The row of a part: what is not known is sorted as such."""
    prompt = part.input + part.cache_read + part.cache_write
    known = None if part.unknown and not part.cost else part.cost
    return [
        Cell(name, name.lower()),
        Cell(count(part.requests), part.requests),
        Cell(count(part.errors), part.errors, bad=part.errors > 0),
        Cell(count(prompt), prompt),
        Cell(cached_words(part), part.cache_read / prompt if prompt else None),
        Cell(count(part.output), part.output),
        Cell(cost_words(part), known),
        *(Cell(times_words(part.took, name), _time(part.took, name)) for name in ("p50", "p90", "p99")),
        Cell(times_words(part.first, "p50"), _time(part.first, "p50")),
    ]


def _time(times: Quantiles | None, name: str) -> float | None:
    return None if times is None else float(getattr(times, name))


class Times:
    """How fast answers were."""

    def __init__(self) -> None:
        self._found: Statistics | None = None
        self._axis = Axis(())
        with card():
            with titled(_("How fast"), _("Good answers only; true to a hundredth.")):
                options = {"first": _("First token"), "took": _("Whole answer")}
                self._which = ui.toggle(options, value="first", on_change=lambda: self._draw()).props(
                    f'unelevated no-caps aria-label="{_("What is timed")}"'
                )
                self._which.classes("lbs-choice")
                export("times", lambda: csv_of_times(self._found, self._axis.names) if self._found is not None else "")
            self._chart = Chart(220)
            columns = (Column(_("Time to"), number=False), Column("p50"), Column("p90"), Column("p99"))
            self._table = Table(_("How fast"), columns)
            self._figures = Figures(_("Time"))

    def show(self, found: Statistics, axis: Axis) -> None:
        """Of this time."""
        self._found, self._axis = found, axis
        rows = (("first", _("the first token"), found.total.first), ("took", _("the whole answer"), found.total.took))
        names = Quantiles.__struct_fields__
        self._table.set(
            [
                Line(key, [Cell(words), *(Cell(times_words(times, each), _time(times, each)) for each in names)])
                for key, words, times in rows
            ]
        )
        self._draw()

    def _draw(self) -> None:
        found = self._found
        if found is None:
            return
        which = str(self._which.value)
        times: list[Quantiles | None] = getattr(found, which)
        rows = [
            Row(name, [_time(each, name) for each in times], fill)
            for name, fill in (("p50", colour(0)), ("p90", colour(3)), ("p99", BAD))
        ]
        said = _("Time to the first token") if which == "first" else _("Time to the whole answer")
        self._chart.show(lines(self._axis, rows, "seconds"), said)
        self._figures.show(self._axis.names, rows, lambda value: say_as("seconds", value))


class Errors:
    """What went wrong."""

    def __init__(self) -> None:
        self._found: Statistics | None = None
        self._said: list[object] = []
        with card():
            with titled(_("What went wrong"), _("Errors by kind, with the latest of each.")):
                export("errors", lambda: csv_of_errors(self._found) if self._found is not None else "")
            self._place = ui.element("div")

    def show(self, found: Statistics) -> None:
        """Of this time."""
        self._found = found
        if self._said == [found.errors]:
            return
        self._said = [found.errors]
        self._place.clear()
        with self._place:
            if not found.errors:
                empty("check_circle_outline", _("Nothing went wrong in this time"))
            most = max((kind.requests for kind in found.errors), default=1)
            for kind in found.errors:
                with ui.element("div").classes("lbs-error"):
                    ui.label(kind.outcome.replace("_", " ")).style("font-weight: 600")
                    with ui.element("div").classes("lbs-error-track").props('aria-hidden="true"'):
                        ui.element("div").classes("lbs-error-bar").style(f"width: {kind.requests / most:.1%}")
                    ui.label(count(kind.requests)).classes("lb-number")
                    with ui.element("div").classes("lbs-error-last lb-muted lb-small"):
                        ui.link(_("Latest: {time}", time=clock(kind.last_at)), f"/requests/{kind.id}")
                        if kind.message:
                            ui.label(kind.message)
