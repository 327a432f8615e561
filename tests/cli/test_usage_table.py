"""Usage as a table with bars, and as CSV."""

from __future__ import annotations

import csv
import io

import pytest

from landbridge.cli.usage_table import BAR, NUMBERS, as_csv, bar, bars, notes, print_usage, weight
from landbridge.store.report import Amounts, Row, Usage

ROWS = [
    Row(group={"model": "a/x"}, requests=3, input=100, cache_read=300, output=10, cost=3_000_000, errors=1),
    Row(group={"model": "[b]/y"}, requests=1, input=5, output=5, unknown=1, estimated=1, seconds_p50=1.5),
    Row(group={"model": ""}, requests=1, local=1),
]
TOTAL = Amounts(requests=5, input=105, cache_read=300, output=15, cost=3_000_000, unknown=1, local=1, estimated=1)


def usage(*rows: Row, total: Amounts = TOTAL) -> Usage:
    return Usage(since=None, until=None, by=["model"], rows=list(rows), total=total)


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def test_a_table(wide: None, capsys: pytest.CaptureFixture[str]) -> None:
    print_usage(usage(*ROWS), {})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Since the ledger began:"
    assert lines[1].split() == ["MODEL", *(name.upper() for name in NUMBERS)]
    assert lines[2].split() == ["a/x", "3", "1", "400", "75", "%", "10", "$3.00", "█" * BAR]
    assert lines[3].split() == ["[b]/y", "1", "5", "0", "%", "5", "unknown", "1.5", "s"]
    assert lines[4].split() == ["-", "1", "0", "0", "local"]
    assert lines[5].split()[:2] == ["total", "5"]
    assert "≥ $3.00" in lines[5]
    assert "The cost of one exchange is not known" in lines[6]
    assert "estimated" in lines[7]


def test_what_sums_do_not_say() -> None:
    assert notes(Amounts(requests=1)) == []
    assert "one exchange of about that time" in notes(Amounts(requests=1), 1)[0]
    assert "7 exchanges is not known" in notes(Amounts(requests=9, unknown=7))[0]


def test_more_rows_than_wanted_are_counted(wide: None, capsys: pytest.CaptureFixture[str]) -> None:
    print_usage(usage(*ROWS), {}, limit=1)
    lines = capsys.readouterr().out.splitlines()
    assert lines[3].strip() == "and 2 more"
    assert "[b]/y" not in "".join(lines)


def test_keys_are_named(wide: None, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [Row(group={"key": "k1"}, requests=1), Row(group={"key": "gone"}, requests=1)]
    print_usage(Usage(since=0.0, until=1.0, by=["key"], rows=rows, total=Amounts(requests=2)), {"k1": "Ann"})
    out = capsys.readouterr().out
    assert "Ann (k1)" in out and "\ngone " in out
    assert out.startswith("Since 19") and " until 19" in out


def test_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    print_usage(usage(total=Amounts()), {})
    assert "Nothing was used" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("total", "expected"), [(Amounts(cost=5), 2), (Amounts(input=5), 30), (Amounts(requests=1), 1)]
)
def test_what_bars_are_of(total: Amounts, expected: int) -> None:
    assert weight(Row(group={}, cost=2, input=10, output=20, requests=1), total) == expected


def test_bars() -> None:
    assert bars([]) == []
    assert bars([0, 0]) == ["", ""]
    assert bars([100, 50, 1, 0]) == ["█" * BAR, "█" * (BAR // 2), "▏", ""]
    assert [bar(eighths) for eighths in (0, 1, 7, 8, 9)] == ["", "▏", "▉", "█", "█▏"]


def test_csv() -> None:
    lines = list(csv.DictReader(io.StringIO(as_csv(usage(*ROWS)))))
    assert [line["model"] for line in lines] == ["a/x", "[b]/y", ""]
    assert [line["cost"] for line in lines] == ["3.000000", "", "0.000000"], "what is not known is empty, not 0"
    assert [line["unknown"] for line in lines] == ["0", "1", "0"]
    assert [line["seconds_p50"] for line in lines] == ["", "1.5", ""]


def test_csv_of_the_total_alone() -> None:
    (line,) = csv.DictReader(io.StringIO(as_csv(Usage(since=None, until=None, by=[], rows=[], total=TOTAL))))
    assert (line["requests"], line["cost"]) == ("5", "3.000000")
