"""Answers at a terminal mean rows, and what means nothing is asked again, but not for ever."""

from __future__ import annotations

import io
import sys

import pytest

from landbridge.cli.ask import somebody, which
from landbridge.errors import ConfigFault

NAMES = ("Q4_K_M", "Q8_0", "F16")


@pytest.mark.parametrize(
    ("answer", "rows"),
    [
        ("2\n", [1]),
        ("q8_0\n", [1]),
        ("1, 3\n", [0, 2]),
        ("3 F16 1\n", [2, 0]),
        ("all\n", [0, 1, 2]),
        ("\n", [0]),
        ("", []),
        ("4\n2\n", [1]),
        ("0\n-1\nf16\n", [2]),
    ],
)
def test_answers(monkeypatch: pytest.MonkeyPatch, answer: str, rows: list[int]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
    assert which("Which?", NAMES, 0) == rows


def test_nothing_is_none_where_there_is_no_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    assert which("Which?", NAMES) == []


def test_too_much_that_is_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("x\ny\nz\n1\n"))
    with pytest.raises(ConfigFault, match="Nothing was chosen"):
        which("Which?", NAMES)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("Which?") == 3
    assert "'x' is none of these. Say a number from 1 to 3, or a name." in said.err


def test_nobody_is_asked_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert not somebody()
