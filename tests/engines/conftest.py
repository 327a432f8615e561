"""Fixtures of the engines' tests: a bench with one model, an empty library, a small model, and real ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from landbridge.engines.library import Library
from landbridge.engines.sources import Progress
from tests.engines.bench import Bench
from tests.fakes.gguf_model import write_model
from tests.fakes.minilm import minilm as fetched

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A bench with the model `m`."""
    made = Bench(tmp_path)
    made.set()
    made.put("m")
    return made


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """A library in which nothing is yet."""
    return Library(tmp_path / "data" / "models")


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small model's file."""
    return write_model(tmp_path_factory.mktemp("model") / "m.gguf").read_bytes()


def quiet(progress: Progress) -> None:
    """Nobody watches."""


def files(library: Library) -> dict[str, int]:
    """Every file under the library's folder, and its rights."""
    found = library.folder.rglob("*")
    return {str(path.relative_to(library.folder)): path.stat().st_mode & 0o777 for path in found if path.is_file()}


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
