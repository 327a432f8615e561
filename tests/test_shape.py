"""Sizes and manners of the source: modules a person reads in one sitting, each saying what it is for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

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

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, Function):
            yield node


@pytest.mark.parametrize("path", ALL, ids=name)
def test_modules_are_short(path: Path) -> None:
    lines = len(path.read_text().splitlines())
    assert lines <= MODULE_LINES
    if path in SOURCES and name(path) not in LONG_BY_CHOICE:
        assert lines <= LONG, f"{lines} lines: look at it again; split it, or list it in LONG_BY_CHOICE with its reason"


@pytest.mark.parametrize("path", ALL, ids=name)
def test_functions_are_short(path: Path) -> None:
    lengths = {node.name: (node.end_lineno or node.lineno) - node.lineno + 1 for node in functions(path)}
    assert {each: length for each, length in lengths.items() if length > FUNCTION_LINES} == {}


@pytest.mark.parametrize("path", ALL, ids=name)
def test_modules_say_what_they_are_for(path: Path) -> None:
    source = path.read_text()
    if source.strip():
        assert ast.get_docstring(ast.parse(source)), "it has no docstring"


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_names_are_of_the_domain(path: Path) -> None:
    assert path.stem not in {"utils", "util", "helpers", "manager", "handler", "base", "common", "misc"}


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_nothing_is_left_to_do(path: Path) -> None:
    assert not {"TO" + "DO", "FIX" + "ME", "X" + "XX"} & set(path.read_text().replace(":", " ").split())
