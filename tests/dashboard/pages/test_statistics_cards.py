"""A part as a row of the table."""

from __future__ import annotations

from landbridge.dashboard.pages.statistics_cards import cells_of
from landbridge.store.series import Part, Quantiles


def test_a_row_says_and_sorts() -> None:
    part = Part(
        value="m", requests=4, errors=1, input=10, cache_read=30, cost=1_500_000, took=Quantiles(1.0, 2.0, 30.0),
        first=Quantiles(0.25, 1.0, 1.0),
    )  # fmt: skip
    cells = cells_of("M", part)
    assert [cell.text for cell in cells] == [
        "M", "4", "1", "40", "75 %", "0", "$1.50", "1.0 s", "2.0 s", "30.0 s", "250 ms",
    ]  # fmt: skip
    assert [cell.by for cell in cells] == ["m", 4, 1, 40, 0.75, 0, 1_500_000, 1.0, 2.0, 30.0, 0.25]
    assert [cell.bad for cell in cells] == [False, False, True, *[False] * 8]


def test_what_is_not_known_has_no_place() -> None:
    cells = cells_of("M", Part(value="m", requests=4, unknown=4))
    assert [(cell.text, cell.by) for cell in cells[4:]] == [
        ("-", None), ("0", 0), ("unknown", None), ("-", None), ("-", None), ("-", None), ("-", None),
    ]  # fmt: skip
