"""Sizes and manners of the source: modules a person reads in one sitting, each saying what it is for."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from tests.functions import functions

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.py"))
ALL = SOURCES + sorted((ROOT / "tests").rglob("*.py")) + sorted((ROOT / "bench").rglob("*.py"))
MODULE_LINES = 500
FUNCTION_LINES = 80

LONG = 300
LONG_BY_CHOICE = frozenset(
    {
        "src/landbridge/config/schema.py",  # every setting with its meaning in one place: the manual is made from it
        "src/landbridge/errors.py",  # the whole tree of errors: the manual is made from it, too
    }
)
"""Source modules over `LONG` lines that were looked at again and left whole, each with its reason beside it."""


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def text(path: Path) -> str:
    return path.read_text()


@cache
def facts(path: Path) -> tuple[bool, list[tuple[str, int]]]:
    """Whether a module says what it is for, and its functions with their lines. Trees are not kept: too large."""
    tree = ast.parse(text(path))
    found = [(node.name, (node.end_lineno or node.lineno) - node.lineno + 1) for node in functions(tree)]
    return bool(ast.get_docstring(tree)), found


def lines(path: Path) -> int:
    return len(text(path).splitlines())


# One test a rule, not one a file: thousands of tests that take a millisecond each take half a minute together.


def test_modules_are_short() -> None:
    assert {name(path): lines(path) for path in ALL if lines(path) > MODULE_LINES} == {}
    long = {name(path): lines(path) for path in SOURCES if lines(path) > LONG and name(path) not in LONG_BY_CHOICE}
    assert long == {}, "look at them again; split them, or list them in LONG_BY_CHOICE with their reasons"


def test_functions_are_short() -> None:
    long = {
        f"{name(path)}: {function}": length
        for path in ALL
        for function, length in facts(path)[1]
        if length > FUNCTION_LINES
    }
    assert long == {}


def test_modules_say_what_they_are_for() -> None:
    assert [name(path) for path in ALL if text(path).strip() and not facts(path)[0]] == []


def test_names_are_of_the_domain() -> None:
    empty = {"utils", "util", "helpers", "manager", "handler", "base", "common", "misc"}
    assert [name(path) for path in SOURCES if path.stem in empty] == []


def test_nothing_is_left_to_do() -> None:
    marks = {"TO" + "DO", "FIX" + "ME", "X" + "XX"}
    assert [name(path) for path in SOURCES if marks & set(text(path).replace(":", " ").split())] == []
