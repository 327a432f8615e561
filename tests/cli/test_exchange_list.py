"""Exchanges as lines."""

from __future__ import annotations

import time
from typing import Any

import pytest

from landbridge.cli.exchange_list import COLUMNS, cells, line, plain, print_list
from landbridge.gateway.ids import new_request_id
from landbridge.store.report import MARK, Exchange


def exchange(**fields: Any) -> Exchange:
    known: dict[str, Any] = {
        "id": "req_0123456789abcdef",
        "at": 1_795_000_000.0,
        "seconds": 2.5,
        "client": "claude-cli",
        "model": "m",
        "target": "lab/m",
        "provider": "lab",
        "status": 200,
        "outcome": "ok",
        **fields,
    }
    return Exchange(**known)


def shown(**fields: Any) -> dict[str, str]:
    return dict(zip(COLUMNS, cells(exchange(**fields)), strict=True))


def test_the_ids_of_one_second_are_told_apart() -> None:
    """They begin with their time: that of the same minute is no id."""
    ids = []
    for _ in range(5):
        ids.append(new_request_id())
        time.sleep(0.002)
    assert len({shown(id=id)["ID"] for id in ids}) == 5
    assert all(id.startswith(f"{MARK}{shown(id=id)['ID']}") for id in ids)


def test_a_plain_one() -> None:
    row = shown(first=0.25, input=100, cache_read=20_000, output=50, cost=1_500_000)
    assert row["ID"] == "0123456789abcd"
    assert (row["CLIENT"], row["MODEL"], row["STATUS"], row["TOOK"], row["FIRST"]) == (
        "claude-cli",
        "lab/m",
        "200",
        "2.5 s",
        "250 ms",
    )
    assert (row["IN"], row["OUT"], row["COST"], row["NOTE"]) == ("20.1k", "50", "$1.50", "")


@pytest.mark.parametrize(
    ("fields", "column", "text"),
    [
        ({"model": "claude-x"}, "MODEL", "claude-x -> lab/m"),
        ({"model": "lab/m"}, "MODEL", "lab/m"),
        ({"model": "gone", "target": ""}, "MODEL", "gone"),
        ({"model": "", "target": ""}, "MODEL", "-"),
        ({"status": 0}, "STATUS", "-"),
        ({"client": ""}, "CLIENT", "-"),
        ({}, "IN", ""),
        ({"input": 0}, "IN", "0"),
        ({"input": 10, "estimated": True}, "IN", "~10"),
        ({"output": 3, "estimated": True}, "OUT", "~3"),
        ({}, "COST", "unknown"),
        ({"provider": "local", "cost": 0}, "COST", "local"),
        ({"outcome": "overloaded", "message": "too\nmany\x1b[2J"}, "NOTE", "overloaded: too many [2J"),
        ({"outcome": "cancelled"}, "NOTE", "cancelled"),
        ({"outcome": "cut", "message": "word " * 50}, "NOTE", f"cut: {'word ' * 12}..."),
        (
            {"agent": "a1", "attempts": 2, "losses": ["x", "y"], "repairs": {"q": 2, "r": 1}},
            "NOTE",
            "subagent, 2 tries, 2 lost, 3 repaired",
        ),
    ],
)
def test_what_a_row_says(fields: dict[str, Any], column: str, text: str) -> None:
    assert shown(**fields)[column] == text


def test_lines_stand_below_each_other() -> None:
    one, other = line(exchange(outcome="cut")), line(exchange(client="", model="x" * 90, cost=5, outcome="cancelled"))
    assert one.index("cut") == other.index("cancelled")
    assert "\n" not in line(exchange(model="a\nb"))


def test_a_table_has_the_newest_last(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    print_list([exchange(id="req_newer"), exchange(id="req_older")])
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == list(COLUMNS)
    assert [row.split()[2] for row in rows] == ["older", "newer"]
    print_list([exchange(id="req_today", at=time.time())])
    assert len(capsys.readouterr().out.splitlines()[1].split()[0]) == len("12:34:56"), "today needs no date"
    print_list([])
    assert "No exchange" in capsys.readouterr().out


def test_what_a_terminal_would_obey_is_not_said() -> None:
    assert plain("\x1b]0;title\x07ok\u202e") == " ]0;title ok "
    assert plain("grün") == "grün"
