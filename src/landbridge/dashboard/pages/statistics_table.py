"""A table whose columns sort and whose rows stay where the reader's focus is when values change."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from nicegui import ui

from ..words import _


class Column(Struct, frozen=True):
    """What stands in a column."""

    title: str
    number: bool = True
    hint: str = ""


class Cell(Struct, frozen=True):
    """What stands in one place, and what it is sorted by."""

    text: str
    by: float | str | None = None
    bad: bool = False


class Line(Struct, frozen=True):
    """One row; `key` says which it is."""

    key: str
    cells: Sequence[Cell]
    colour: str = ""
    """Of its swatch, where it has one."""
    pick: bool = False
    """Whether its name can be pressed."""
    last: bool = False
    """Whether it stays below the others, however they are sorted."""


def in_order(lines: Sequence[Line], column: int | None, *, down: bool) -> list[Line]:
    """Sorted by a column, what is not known last; None: as they came."""
    if column is None:
        return list(lines)
    ends = [line for line in lines if line.last]
    known = [line for line in lines if not line.last and line.cells[column].by is not None]
    unknown = [line for line in lines if not line.last and line.cells[column].by is None]
    known.sort(key=lambda line: _place(line.cells[column].by), reverse=down)
    return [*known, *unknown, *ends]


def _place(value: float | str | None) -> tuple[str, float]:
    return (value, 0.0) if isinstance(value, str) else ("", value or 0.0)


class Table:
    """The table. `set` shows other rows."""

    def __init__(self, caption: str, columns: Sequence[Column], pick: Callable[[str], object] | None = None) -> None:
        self._columns, self._pick = columns, pick
        self._sorted: int | None = None
        self._down = True
        self._lines: Sequence[Line] = ()
        self._rows: dict[str, _Row] = {}
        self._heads: list[tuple[ui.element, ui.icon]] = []
        with (
            ui.element("div").classes("lb-table lbs-table").props('tabindex="0" role="region"') as around,
            ui.element("table"),
        ):
            around.props["aria-label"] = caption
            with ui.element("thead"), ui.element("tr"):
                for place, column in enumerate(columns):
                    self._head(place, column)
            self._body = ui.element("tbody")

    def set(self, lines: Sequence[Line]) -> None:
        """Show these rows; those that were there before stay the same elements."""
        self._lines = lines
        self._show()

    def _head(self, place: int, column: Column) -> None:
        with ui.element("th").props('scope="col" aria-sort="none"') as head:
            if column.number:
                head.classes("lb-number")
            with ui.element("button").classes("lbs-sort").props('type="button"') as button:
                ui.label(column.title)
                icon = ui.icon("arrow_downward").props('aria-hidden="true"').classes("lbs-sort-icon")
            button.on("click", lambda: self._sort(place))
            if column.hint:
                button.tooltip(column.hint)
        self._heads.append((head, icon))

    def _sort(self, place: int) -> None:
        first = self._columns[place].number  # numbers are wanted from the largest
        self._down = not self._down if self._sorted == place else first
        self._sorted = place
        for number, (head, icon) in enumerate(self._heads):
            here = number == place
            head.props(f'aria-sort="{("descending" if self._down else "ascending") if here else "none"}"')
            icon.props(f'name="{"arrow_downward" if self._down else "arrow_upward"}"')
            icon.classes(add="lbs-sorted" if here else "", remove="" if here else "lbs-sorted")
        self._show()

    def _show(self) -> None:
        lines = in_order(self._lines, self._sorted, down=self._down)
        wanted = {line.key for line in lines}
        for key in [key for key in self._rows if key not in wanted]:
            self._rows.pop(key).element.delete()
        for place, line in enumerate(lines):
            row = self._rows.get(line.key)
            if row is None:
                with self._body:
                    row = self._rows[line.key] = _Row(line, self._columns, self._pick)
            row.show(line)
            if self._body.default_slot.children.index(row.element) != place:
                row.element.move(target_index=place)


class _Row:
    def __init__(self, line: Line, columns: Sequence[Column], pick: Callable[[str], object] | None) -> None:
        self._cells: list[ui.label] = []
        self._said: list[Cell] = []
        with ui.element("tr") as self.element:
            for place, column in enumerate(columns):
                with ui.element("th" if place == 0 else "td") as cell:
                    if place == 0:
                        cell.props('scope="row"')
                        self._name(line, pick)
                    else:
                        self._cells.append(ui.label())
                    if column.number:
                        cell.classes("lb-number")
        if line.last:
            self.element.classes("lbs-sum")

    def _name(self, line: Line, pick: Callable[[str], object] | None) -> None:
        with ui.element("div").classes("lbs-part"):
            self._swatch = ui.element("span").classes("lbc-swatch") if line.colour else None
            if line.pick and pick is not None:
                with ui.element("button").classes("lbs-pick").props('type="button"') as button:
                    self._cells.append(ui.label())
                button.on("click", lambda: pick(line.key)).tooltip(_("Show only this"))
            else:
                self._cells.append(ui.label())

    def show(self, line: Line) -> None:
        if self._swatch is not None:
            self._swatch.style(f"background: {line.colour}")
        for label, cell in zip(self._cells, line.cells, strict=True):
            label.set_text(cell.text)
            label.classes(add="lbs-bad" if cell.bad else "", remove="" if cell.bad else "lbs-bad")
