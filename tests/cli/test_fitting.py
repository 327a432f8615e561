"""Wide tables lose columns on narrow terminals, and nothing in a pipe."""

from __future__ import annotations

import pytest

from landbridge.cli.fitting import ENDLESS, LEAST, fitting, print_fitting, room

COLUMNS = ("NAME", "A", "B", "NOTE")
ROWS = (("x" * 10, "1", "22", "n" * 50), ("y", "1", "2", ""))


@pytest.mark.parametrize(
    ("width", "kept"),
    [
        (200, "NAME A B NOTE"),
        (10 + 1 + 2 + LEAST + 6, "NAME A B NOTE"),
        (10 + 1 + 2 + LEAST + 5, "NAME A NOTE"),
        (10 + 1 + LEAST + 3, "NAME NOTE"),
        (5, "NAME NOTE"),
    ],
)
def test_what_matters_least_goes_first(width: int, kept: str) -> None:
    assert " ".join(fitting(COLUMNS, ROWS, width, ("NOTE",), ("B", "A"))) == kept


def test_no_rows() -> None:
    assert fitting(COLUMNS, [], 200, (), ("B",)) == list(COLUMNS)


def test_a_pipe_has_room_for_all(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert room() == ENDLESS
    print_fitting(("N",), [["z" * 300]], numbers=("N",), spare=("N",))
    assert "z" * 300 in capsys.readouterr().out
    monkeypatch.setenv("COLUMNS", "90")
    assert room() == 90
