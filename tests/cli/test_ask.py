"""Answers at a terminal mean rows, and what means nothing is asked again, but not for ever."""

from __future__ import annotations

import io
import os
import sys

import pytest

from landbridge.cli.ask import line, one, somebody, which, yes
from landbridge.errors import ConfigFault
from tests.fakes.terminal import in_conversation

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
        ("f\n", [2]),
        ("q\nq8\n", [1]),
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


def test_one_is_asked_for_until_it_is_one(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("1 2\n\nf16\n"))
    assert one("Which?", NAMES) == 2
    assert capsys.readouterr().err.count("One of them") == 2
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    assert one("Which?", NAMES, 1) == 1
    monkeypatch.setattr(sys, "stdin", io.StringIO("all\nall\nall\n2\n"))
    with pytest.raises(ConfigFault, match="Nothing was chosen"):
        one("Which?", NAMES)


def test_lines_have_defaults_and_a_terminal_that_is_gone_ends_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("  there \n\n"))
    assert [line("Where", "here"), line("Where", "here")] == ["there", "here"]
    assert capsys.readouterr().err == "Where [here]: Where [here]: "
    with pytest.raises(KeyboardInterrupt):
        line("Where")


@pytest.mark.parametrize(
    ("typed", "default", "meant"),
    [("\n", True, True), ("\n", False, False), ("n\n", True, False), ("YES\n", False, True), ("x\n", False, False)],
)
def test_yes_and_no(monkeypatch: pytest.MonkeyPatch, typed: str, default: bool, meant: bool) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    assert yes("Sure?", default) is meant


@pytest.mark.io
def test_what_is_hidden_is_not_to_be_seen_and_the_terminal_is_as_before() -> None:
    program = (
        "import sys, termios\n"
        "from landbridge.cli.ask import hidden\n"
        "before = termios.tcgetattr(0)\n"
        "typed = hidden('Key')\n"
        "print('got', len(typed), termios.tcgetattr(0) == before)\n"
    )
    code, seen = in_conversation("-c", program, env=dict(os.environ), steps=[("Key:", "sk-live-4711\n")])
    assert code == 0
    assert "sk-live" not in seen
    assert "got 12 True" in seen
