"""Each defect of other gateways that is ours to avoid has a test named after its number (`test_p15_...`).

The numbers are those of the list the design began with; a test may stand for several (`test_p6_p23_...`).
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.functions import functions

TESTS = Path(__file__).parent
REQUIRED = sorted({*range(1, 101)} - {78})


@cache
def named() -> set[int]:
    """Numbers in the names of test functions."""
    found: set[int] = set()
    for path in TESTS.rglob("test_*.py"):
        for function in functions(ast.parse(path.read_text())):
            if function.name.startswith("test_"):
                found |= {int(number) for number in re.findall(r"(?<=_p)\d+(?=_|$)", function.name)}
    return found


@pytest.mark.parametrize("number", REQUIRED)
def test_each_pitfall_has_its_test(number: int) -> None:
    assert number in named()
