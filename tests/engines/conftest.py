"""Fixtures of the engines' tests: a bench with one model, and a small real model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.engines.bench import Bench
from tests.fakes.minilm import minilm as fetched

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A bench with the model `m`."""
    made = Bench(tmp_path)
    made.set()
    made.put("m")
    return made


@pytest.fixture(scope="session")
def smollm2() -> Path:
    """The file of a small real model, fetched once and kept."""
    data = ROOT / ".cache" / "data"
    command = [sys.executable, "-m", "landbridge", "models", "pull", "smollm2", "--data-dir", str(data)]
    subprocess.run(command, check=True, capture_output=True)
    return data / "models" / "smollm2.gguf"


@pytest.fixture(scope="session")
def minilm() -> Path:
    """The file of a real embedding model, fetched and converted once and kept."""
    return fetched(ROOT / ".cache" / "minilm")
