"""Rows in order: what is not known comes last, and sums stay below."""

from __future__ import annotations

from landbridge.dashboard.pages.statistics_table import Cell, Line, in_order


def row(key: str, value: float | None, *, last: bool = False) -> Line:
    return Line(key, [Cell(key, key), Cell(str(value), value)], last=last)


LINES = [row("b", 2.0), row("a", None), row("c", 0.0), row("d", 3.0), row("sum", 5.0, last=True)]


def keys(column: int | None, *, down: bool) -> list[str]:
    return [line.key for line in in_order(LINES, column, down=down)]


def test_order() -> None:
    assert keys(None, down=True) == ["b", "a", "c", "d", "sum"]
    assert keys(1, down=True) == ["d", "b", "c", "a", "sum"]
    assert keys(1, down=False) == ["c", "b", "d", "a", "sum"]
    assert keys(0, down=False) == ["a", "b", "c", "d", "sum"]
