"""Statistics: what was used over time and by whom, how fast, what it cost and what went wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from nicegui import events, ui

from ...server.pace import PACE, Pace
from ...store.series import Statistics
from ..desk import Desk
from ..parts.again import Again
from ..parts.cards import card
from ..parts.charts import REST, Axis, Chart, Figures, Legend, Row, bars, colour, link_styles
from ..parts.faults import empty, fault_card, loading
from ..router import RouterFault
from ..words import _
from .statistics_cards import Errors, Parts, Times, Totals, export, titled
from .statistics_range import CHOICES, Period, axis_of, chosen_part, minute, period, words_of
from .statistics_sessions import Tree
from .statistics_words import GROUPS, MEASURES, csv_over_time, part_name, say_as

FRESH_SECONDS = 3.0
"""At least so long nothing is read anew."""


async def build(desk: Desk, id: str) -> None:
    """Build the page."""
    link_styles()
    ui.add_head_html('<link rel="stylesheet" href="/static/statistics.css">')
    page = _Page(desk)
    await page.load()
    page.follow()


class _Page:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._period = period("7d", datetime.now())
        self._filters: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._written = -1
        self._tools()
        self._trouble = ui.element("div")
        with ui.element("div") as self._wait:
            loading(6)
        with (
            ui.element("div").classes("lb-page") as self._nothing,
            card(),
            empty("query_stats", _("Nothing in this time"), _("Requests are counted here as they end.")),
        ):
            connect = ui.button(_("Connect a client"), on_click=lambda: ui.navigate.to("/connect"))
            connect.props("unelevated no-caps")
        with ui.element("div").classes("lb-page") as self._content:
            self._totals = Totals()
            self._over_time = _OverTime(self._closer)
            self._parts = Parts(self._only)
            with ui.element("div").classes("lb-grid").style("--smallest: 420px"):
                self._times = Times()
                self._errors = Errors()
            self._tree = Tree(desk)
        self._content.set_visibility(False)
        self._nothing.set_visibility(False)

    def follow(self) -> None:
        """Show what comes, too."""
        again = Again(self.load, FRESH_SECONDS)

        def heard(pace: Pace) -> None:
            if self._written not in (-1, pace.written) and self._period.goes_on:
                again.ask()
            self._written = pace.written

        self._desk.live.follow(PACE, Pace, heard)

    def _tools(self) -> None:
        with ui.element("div").classes("lbs-bar"):
            choices = {key: _(title) for key, title in CHOICES.items()}
            self._choice = ui.toggle(choices, value="7d", on_change=self._chosen).classes("lbs-choice")
            self._choice.props(f'unelevated no-caps aria-label="{_("Time")}"')
            groups = {key: _(title) for key, title in GROUPS.items()}
            self._by = ui.select(groups, value="model", label=_("By"), on_change=self.load).props("outlined dense")
            with ui.element("div").classes("lbs-bar") as self._custom:
                self._since = _moment(_("From"))
                self._until = _moment(_("To"))
                ui.button(_("Show"), on_click=self._custom_chosen).props("unelevated no-caps")
            self._custom.set_visibility(False)
        self._chips = ui.element("div").classes("lb-row")
        self._chips.set_visibility(False)

    # -- what is shown -------------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Read and show it."""
        query = {**self._filters, "since": self._period.since, "until": self._period.until}
        by = str(self._by.value)
        self._trouble.clear()
        try:
            asked = {**query, "by": by}
            found = await self._desk.router.ask("GET", "/api/v1/statistics", Statistics, query=asked)
            self._show(found)
            if found.total.requests:
                await self._tree.load(query)
        except RouterFault as fault:
            self._wait.set_visibility(False)
            with self._trouble:
                fault_card(fault.message, retry=self.load)

    def _show(self, found: Statistics) -> None:
        self._names |= found.names
        self._wait.set_visibility(False)
        self._content.set_visibility(bool(found.total.requests))
        self._nothing.set_visibility(not found.total.requests)
        if found.total.requests:
            axis = axis_of(found.step, found.starts)
            self._totals.show(found)
            self._over_time.show(found, axis)
            self._parts.show(found)
            self._times.show(found, axis)
            self._errors.show(found)

    async def _chosen(self, event: events.ValueChangeEventArguments[Any]) -> None:
        custom = event.value == "custom"
        self._custom.set_visibility(custom)
        if not custom:
            self._period = period(str(event.value), datetime.now())
            await self.load()
        elif not self._since.value:
            now = datetime.now()
            self._since.value, self._until.value = minute(now.timestamp() - 86_400), minute(now.timestamp())

    async def _custom_chosen(self) -> None:
        self._period = Period(self._since.value or "", self._until.value or "")
        await self.load()

    async def _closer(self, since: float, until: float) -> None:
        """Show only a part of the time that is shown."""
        self._since.value, self._until.value = minute(since), minute(until + 59)
        self._choice.value = "custom"
        await self._custom_chosen()

    # -- what is left out ----------------------------------------------------------------------------------------------

    async def _only(self, value: str) -> None:
        by = str(self._by.value)
        self._filters[by] = value
        self._show_chips()
        self._by.value = "" if by != "model" else "client"

    def _show_chips(self) -> None:
        self._chips.clear()
        self._chips.set_visibility(bool(self._filters))
        with self._chips:
            for by, value in self._filters.items():
                said = f"{_(GROUPS[by])}: {self._names.get(value, value)}"
                with ui.element("span").classes("lbs-chip"):
                    ui.label(said).classes("lbc-ellipsis")
                    button = ui.button(icon="close", on_click=lambda by=by: self._without(by))
                    button.props("flat round dense size=sm").props["aria-label"] = _("Do not filter: {what}", what=said)

    async def _without(self, by: str) -> None:
        self._filters.pop(by, None)
        self._show_chips()
        await self.load()


class _OverTime:
    """The chart of all that was used."""

    def __init__(self, closer: Callable[[float, float], Awaitable[None]]) -> None:
        self._found: Statistics | None = None
        self._axis = Axis(())
        self._part: tuple[float, float] | None = None
        with card():
            with titled(_("Over time")):
                measures = {key: _(measure.title) for key, measure in MEASURES.items()}
                self._measure = ui.toggle(measures, value="requests", on_change=lambda: self._draw()).classes(
                    "lbs-choice"
                )
                self._measure.props(f'unelevated no-caps aria-label="{_("What is shown")}"')
                export("over-time", lambda: csv_over_time(self._found, self._axis.names) if self._found else "")
            self._when = ui.label().classes("lb-muted lb-small")
            self._chart = Chart(300)
            self._chart.element.on("chart:datazoom", self._zoomed, args=["start", "end", "batch"], throttle=0.2)
            self._legend = Legend()
            self._closer = ui.button(_("Look closer at this part"), icon="zoom_in")
            self._closer.on_click(lambda: self._close(closer)).props("outline no-caps dense").set_visibility(False)
            self._figures = Figures(_("Time"))

    def show(self, found: Statistics, axis: Axis) -> None:
        """Of this time."""
        other = self._found is None or found.starts[0] != self._found.starts[0] or found.step != self._found.step
        if other:
            self._part = None
            self._closer.set_visibility(False)
        self._found, self._axis = found, axis
        self._when.set_text(words_of(found))
        self._draw(whole=other)

    def _draw(self, *, whole: bool = False) -> None:
        found = self._found
        if found is None:
            return
        name = str(self._measure.value)
        measure = MEASURES[name]
        rows = _rows(found, name)
        said = _("{what} from {when}", what=_(measure.title), when=words_of(found))
        self._chart.show(bars(self._axis, rows, measure.unit, zoom=True, whole=whole), said)
        self._legend.show(rows)
        self._figures.show(self._axis.names, rows, lambda value: say_as(measure.unit, value))

    def _zoomed(self, event: events.GenericEventArguments) -> None:
        said = event.args if event.args.get("start") is not None else (event.args.get("batch") or [{}])[0]
        start, end = float(said.get("start", 0)), float(said.get("end", 100))
        self._part = (start, end) if end - start < 99.5 else None
        self._closer.set_visibility(self._part is not None)

    async def _close(self, closer: Callable[[float, float], Awaitable[None]]) -> None:
        if self._found is not None and self._part is not None:
            await closer(*chosen_part(self._found, *self._part))


def _rows(found: Statistics, name: str) -> list[Row]:
    """The kinds of bars of one measure."""
    measure, total = MEASURES[name], found.total.line
    if total is None:
        return []
    if found.by is None:
        if name != "tokens":
            return [Row(_(measure.title), measure.of(total, name), colour(0))]
        kinds = {"cached": _("Prompts: cached"), "prompt": _("Prompts: read anew"), "output": _("Answers")}
        return [Row(words, getattr(total, kind), colour(place)) for place, (kind, words) in enumerate(kinds.items())]
    rows = [
        Row(part_name(found.by, part, found.names), measure.of(part.line, name), colour(place))
        for place, part in enumerate(found.parts)
        if part.line is not None
    ]
    drawn = [sum(at) for at in zip(*(row.values for row in rows), strict=True)] or [0.0] * len(found.starts)
    rest = [max(value - part, 0.0) for value, part in zip(measure.of(total, name), drawn, strict=True)]
    if any(value > 1e-9 for value in rest):
        rows.append(Row(_("Others"), rest, REST))
    return rows


def _moment(label: str) -> ui.input:
    return ui.input(label).props("type=datetime-local outlined dense stack-label")
