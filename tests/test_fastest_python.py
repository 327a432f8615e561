"""The choice of an interpreter at installation."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "scripts" / "fastest_python.py"
fastest = runpy.run_path(str(SCRIPT))["fastest"]


def test_a_clearly_faster_python_is_taken() -> None:
    assert fastest(["a", "b", "c"], {"a": 2.0, "b": 1.5, "c": 1.0}.__getitem__) == "c"


def test_nobody_is_surprised_for_a_little() -> None:
    assert fastest(["a", "b"], {"a": 1.2, "b": 1.0}.__getitem__) == "a"


def test_a_slow_moment_of_the_machine_decides_nothing() -> None:
    moments = {"a": iter([9.0, 1.0, 1.0, 9.0]), "b": iter([1.0, 9.0, 1.0, 1.0])}
    assert fastest(["a", "b"], lambda python: next(moments[python])) == "a"


@pytest.mark.io
def test_the_script_prints_a_python_that_can_make_environments() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, timeout=120, check=True)
    chosen = done.stdout.strip()
    subprocess.run([chosen, "-c", "import sys, venv; sys.exit(sys.version_info < (3, 11))"], timeout=60, check=True)
