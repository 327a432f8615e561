"""Charts: bars and lines over time, in the theme's colours, each with its figures as a table for who cannot see it.

They are SVG, whose colours are variables of the style sheet: a chart follows the theme without being told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from msgspec import Struct
from nicegui import ui

from ..words import _

Json = dict[str, Any]
Unit = Literal["count", "money", "seconds"]
COLOURS = 8
FEW_POINTS = 50
"""Of a line, that are drawn one by one."""
REST, BAD = "var(--c-rest)", "var(--c-bad)"
_TEXT = {"color": "var(--muted)", "fontSize": 12}
_NUMBER = (
    "(n => n >= 1e9 ? +(n/1e9).toFixed(1)+'G' : n >= 1e6 ? +(n/1e6).toFixed(1)+'M'"
    " : n >= 1e4 ? +(n/1e3).toFixed(1)+'k' : n.toLocaleString('en-US'))"
)
_SAY: dict[Unit, str] = {
    "count": f"v => v == null ? '-' : {_NUMBER}(v)",
    "money": "v => v == null ? '-' : '$' + (v === 0 ? '0' : v >= 100 ? v.toFixed(0) : v >= 1 ? v.toFixed(2)"
    " : v.toFixed(4).replace(/0+$/, '').replace(/[.]$/, ''))",
    "seconds": "v => v == null ? '-' : v < 1 ? Math.round(v*1000)+' ms' : v < 60 ? +v.toFixed(1)+' s'"
    " : v < 3600 ? +(v/60).toFixed(1)+' min' : +(v/3600).toFixed(1)+' h'",
}
"""How values are written at the axis and beside the pointer, in the browser."""


class Row(Struct, frozen=True):
    """One kind of bars, or one line."""

    name: str
    values: Sequence[float | None]
    colour: str


class Axis(Struct, frozen=True):
    """The moments below a chart: as they are named in full, and how the axis says them (JavaScript of `v`)."""

    names: Sequence[str]
    short: str = "v"
    only: str = ""
    """Which are said, as JavaScript of `v`; left out: as many as there is room for."""


def colour(place: int) -> str:
    """The colour of the first, second, ... kind."""
    return f"var(--c{place + 1})" if place < COLOURS else REST


def bars(axis: Axis, rows: Sequence[Row], unit: Unit = "count", *, zoom: bool = False, whole: bool = False) -> Json:
    """Bars on top of each other; with `zoom` a part of them can be looked at, with `whole` all of them are first."""
    series = [
        {
            "type": "bar",
            "stack": "all",
            "name": row.name,
            "data": [value or None for value in row.values],  # nothing is drawn of it
            "barMaxWidth": 36,
            "barCategoryGap": "22%",
            "itemStyle": {"color": row.colour},
            "emphasis": {"disabled": True},
        }
        for row in rows
    ]
    options = _chart(axis, series, unit)
    if zoom:
        options["grid"]["bottom"] = 36
        options["dataZoom"] = [{**each, **({"start": 0, "end": 100} if whole else {})} for each in (_WHEEL, _SLIDER)]
    return options


def lines(axis: Axis, rows: Sequence[Row], unit: Unit = "count") -> Json:
    """Lines from point to point; where a value is missing there is no point."""
    series = [
        {
            "type": "line",
            "name": row.name,
            "data": list(row.values),
            "symbol": "circle",
            "symbolSize": 5,
            "showAllSymbol": True,
            "showSymbol": sum(value is not None for value in row.values) <= FEW_POINTS,
            "connectNulls": True,
            "lineStyle": {"color": row.colour, "width": 2},
            "itemStyle": {"color": row.colour},
            "emphasis": {"disabled": True},
        }
        for row in rows
    ]
    return _chart(axis, series, unit)


def _chart(axis: Axis, series: list[Json], unit: Unit) -> Json:
    label: Json = {**_TEXT, "hideOverlap": True, ":formatter": f"v => {axis.short}"}
    if axis.only:
        label[":interval"] = f"(i, v) => {axis.only}"
    return {
        "animation": False,
        "grid": {"left": 4, "right": 12, "top": 12, "bottom": 4, "containLabel": True},
        "xAxis": {
            "type": "category",
            "data": list(axis.names),
            "axisLabel": label,
            "axisTick": {"show": False},
            "axisLine": {"lineStyle": {"color": "var(--c-line)"}},
        },
        "yAxis": {
            "type": "value",
            "splitNumber": 4,
            "minInterval": 1 if unit == "count" else 0,
            "axisLabel": {**_TEXT, ":formatter": _SAY[unit]},
            "splitLine": {"lineStyle": {"color": "var(--c-line)"}},
        },
        "tooltip": {
            "trigger": "axis",
            "confine": True,
            "className": "lbc-chart-tip",
            "backgroundColor": "var(--surface)",
            "borderColor": "var(--border)",
            "textStyle": {"color": "var(--text)", "fontSize": 13},
            "axisPointer": {"type": "shadow", "shadowStyle": {"color": "var(--muted)", "opacity": 0.12}},
            ":valueFormatter": _SAY[unit],
        },
        "series": series,
    }


_WHEEL: Json = {
    "type": "inside", "zoomOnMouseWheel": "ctrl", "moveOnMouseMove": False, "moveOnMouseWheel": False,
    "preventDefaultMouseMove": False,
}  # fmt: skip
"""With Ctrl, so that the page can be scrolled over a chart."""
_SLIDER: Json = {
    "type": "slider", "height": 16, "bottom": 4, "showDataShadow": False, "showDetail": False, "brushSelect": False,
    "borderColor": "var(--border)", "backgroundColor": "transparent", "fillerColor": "var(--accent-soft)",
    "handleStyle": {"color": "var(--surface)", "borderColor": "var(--muted)"},
    "moveHandleStyle": {"color": "var(--muted)"},
    "emphasis": {"handleStyle": {"color": "var(--surface)", "borderColor": "var(--accent)"},
                 "moveHandleStyle": {"color": "var(--accent)"}},
}  # fmt: skip


def link_styles() -> None:
    """Charts look as they shall: for a page that has some."""
    ui.add_head_html('<link rel="stylesheet" href="/static/charts.css">')


class Chart:
    """One chart. `show` gives it other values in place."""

    def __init__(self, height: int = 260) -> None:
        self.element = ui.echart({"series": []}, renderer="svg").classes("lbc-chart").style(f"height: {height}px")
        self.element.props('role="img"')

    def show(self, options: Json, said: str) -> None:
        """Draw `options`; `said` is what it shows, for who cannot see it."""
        self.element.props["aria-label"] = said
        self.element.options.clear()
        self.element.options.update(options)
        self.element.update()


class Legend:
    """What the colours of a chart mean."""

    def __init__(self) -> None:
        self._place = ui.element("div").classes("lbc-legend").props('aria-hidden="true"')
        self._said: list[tuple[str, str]] = []

    def show(self, rows: Sequence[Row]) -> None:
        """Of these kinds."""
        said = [(row.name, row.colour) for row in rows]
        if said == self._said:
            return
        self._said = said
        self._place.clear()
        with self._place:
            for name, fill in said:
                with ui.element("span").classes("lbc-legend-item"):
                    ui.element("span").classes("lbc-swatch").style(f"background: {fill}")
                    ui.label(name).classes("lbc-ellipsis").tooltip(name) if len(name) > 30 else ui.label(name)


class Figures:
    """The values of a chart as a table, folded below it."""

    def __init__(self, first: str) -> None:
        self._first, self._made = first, False
        self._rows: tuple[Sequence[str], Sequence[Row], Callable[[float | None], str]] = ((), (), str)
        with ui.element("details").classes("lbc-figures") as details:
            with ui.element("summary"):
                ui.label(_("Figures as a table"))
            self._place = ui.element("div").classes("lb-table").props('tabindex="0"')
        details.on("toggle", self._open, args=["target.open"])
        self._opened = False

    def show(self, names: Sequence[str], rows: Sequence[Row], say: Callable[[float | None], str]) -> None:
        """Of a chart with these names below it."""
        self._rows = (names, rows, say)
        if self._opened:
            self._fill()

    def _open(self) -> None:
        self._opened = not self._opened
        if self._opened:
            self._fill()

    def _fill(self) -> None:
        names, rows, say = self._rows
        self._place.clear()
        with self._place, ui.element("table"):
            with ui.element("thead"), ui.element("tr"):
                _cell("th", self._first)
                for row in rows:
                    _cell("th", row.name, number=True)
            with ui.element("tbody"):
                for place, name in enumerate(names):
                    if any(row.values[place] for row in rows):
                        with ui.element("tr"):
                            _cell("th", name, scope="row")
                            for row in rows:
                                _cell("td", say(row.values[place]), number=True)


def _cell(tag: str, text: str, *, number: bool = False, scope: str = "col") -> None:
    with ui.element(tag) as cell:
        ui.label(text)
    if number:
        cell.classes("lb-number")
    if tag == "th":
        cell.props(f'scope="{scope}"')
