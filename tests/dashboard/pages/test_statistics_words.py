"""Statistics in words and as CSV: what is not known stays so."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from landbridge.dashboard.pages.statistics_words import (
    GROUPS,
    MEASURES,
    UNSAID,
    cached_words,
    cost_hint,
    cost_words,
    csv_of,
    csv_of_errors,
    csv_of_parts,
    csv_of_times,
    csv_over_time,
    part_name,
    say_as,
    times_words,
)
from landbridge.store.series import Kind, Line, Part, Quantiles, Statistics


@pytest.mark.parametrize(
    ("part", "said", "hint"),
    [
        (Part(value="", requests=2, cost=1_200_000), "$1.20", ""),
        (Part(value="", requests=2, cost=1_200_000, unknown=1), "≥ $1.20", "1 request of unknown price"),
        (Part(value="", requests=2, unknown=2), "unknown", "2 requests of unknown price"),
        (Part(value="", requests=2, local=2), "local", ""),
        (Part(value="", requests=2, local=2, cost=500), "$0.0005", ""),
        (Part(value=""), "$0.00", ""),
    ],
)
def test_a_cost_that_is_not_known_is_no_nothing(part: Part, said: str, hint: str) -> None:
    assert (cost_words(part), cost_hint(part)) == (said, hint)


def line(*requests: int) -> Line:
    none = [0] * len(requests)
    return Line(
        requests=list(requests), errors=none, prompt=[10] * len(none), cached=[5] * len(none), output=[1] * len(none),
        cost=[2_000_000] * len(none),
    )  # fmt: skip


def found(**fields: Any) -> Statistics:
    total = Part(value="", requests=3, cost=4_000_000, unknown=1, line=line(1, 2), took=Quantiles(1.0, 2.0, 3.0))
    parts = [
        Part(value="k1", requests=2, cost=4_000_000, line=line(1, 1)),
        Part(value="=evil()", requests=1, unknown=1, line=line(0, 1)),
        Part(value="", requests=0, parts=4),
    ]
    known: dict[str, Any] = {
        "since": 0.0, "until": 7200.0, "step": "hour", "starts": [0.0, 3600.0], "by": "key", "parts": parts,
        "names": {"k1": "laptop"}, "total": total, "took": [Quantiles(1.0, 2.0, 3.0), None], "first": [None, None],
        "errors": [Kind(outcome="cut", requests=1, last_at=5.0, message="@gone", id="req_1")],
    }  # fmt: skip
    return Statistics(**{**known, **fields})


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_names() -> None:
    assert [part_name("key", part, {"k1": "laptop"}) for part in found().parts] == ["laptop", "=evil()", "4 others"]
    assert set(UNSAID) | {""} == set(GROUPS)
    assert part_name("session", Part(value=""), {}) == "No conversation named"


def test_times_and_shares() -> None:
    assert (times_words(None, "p90"), times_words(Quantiles(0.5, 2.0, 90.0), "p90")) == ("-", "2.0 s")
    assert (cached_words(Part(value="", input=1, cache_read=3)), cached_words(Part(value=""))) == ("75 %", "-")
    assert [say_as("count", None), say_as("money", 1.5), say_as("seconds", 0.25)] == ["-", "$1.50", "250 ms"]


def test_measures() -> None:
    assert MEASURES["tokens"].of(line(1, 2), "tokens") == [16.0, 16.0]
    assert MEASURES["cost"].of(line(1, 2), "cost") == [2.0, 2.0]


def test_csv_over_time_has_a_row_a_stretch_and_part() -> None:
    rows = read(csv_over_time(found(), ["00:00", "01:00"]))
    assert [(row["time"], row["key"], row["requests"], row["cost_dollars"]) for row in rows] == [
        ("00:00", "laptop", "1", "2.0"),
        ("01:00", "laptop", "1", "2.0"),
        ("01:00", "'=evil()", "1", "2.0"),
    ]
    together = read(csv_over_time(found(by=None, parts=[]), ["00:00", "01:00"]))
    assert [row["requests"] for row in together] == ["1", "2"]


def test_csv_of_the_rest() -> None:
    rows = read(csv_of_parts(found()))
    assert [(row["key"], row["cost_dollars"], row["cost_unknown"]) for row in rows] == [
        ("laptop", "4.0", "0"),
        ("'=evil()", "", "1"),
        ("4 others", "0.0", "0"),
        ("total", "4.0", "1"),
    ]
    assert [row["seconds_p99"] for row in rows] == ["", "", "", "3.0"]
    assert [(row["time"], row["seconds_p50"], row["first_p50"]) for row in read(csv_of_times(found(), ["a", "b"]))] == [
        ("a", "1.0", "")
    ]
    assert [(row["kind"], row["message"]) for row in read(csv_of_errors(found()))] == [("cut", "'@gone")]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_nothing_is_a_formula(text: str) -> None:
    assert next(csv.reader(io.StringIO(csv_of([[text, -1]])))) == [f"'{text}", "-1"]
