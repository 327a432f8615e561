"""Figures of now, and the bars of the last 24 hours."""

from __future__ import annotations

import pytest

from landbridge.dashboard.pages.home_now import pace_words, rows_of
from landbridge.store.series import Line, Part, Statistics


@pytest.mark.parametrize(
    ("tokens", "said"), [(0.0, "0"), (0.4, "0.4"), (9.94, "9.9"), (61.6, "62"), (12_345.0, "12.3k")]
)
def test_pace(tokens: float, said: str) -> None:
    assert pace_words(tokens) == said


def line(*requests: int) -> Line:
    none = [0] * len(requests)
    return Line(requests=list(requests), errors=none, prompt=none, cached=none, output=none, cost=none)


def found(parts: list[Part], total: Line) -> Statistics:
    return Statistics(
        since=0.0, until=2.0, step="hour", starts=[0.0, 1.0], by="model", parts=parts,
        total=Part(value="", requests=sum(total.requests), line=total), took=[], first=[], errors=[],
    )  # fmt: skip


def test_the_most_used_have_bars_of_their_own() -> None:
    parts = [Part(value=f"m{n}", requests=n, line=line(n, 0)) for n in range(1, 5)]
    rows = rows_of(found(parts, line(12, 1)), most=2)
    assert [(row.name, list(row.values)) for row in rows] == [("m4", [4, 0]), ("m3", [3, 0]), ("Others", [5, 1])]
    assert [row.name for row in rows_of(found(parts, line(10, 0)), most=9)] == ["m4", "m3", "m2", "m1"]
    assert rows_of(found([], line(0, 0))) == []
