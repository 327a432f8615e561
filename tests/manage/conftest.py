"""A home folder that sees nothing of the machine's own settings, and a pretend router."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.home import Home, at_home
from tests.fakes.router import FakeRouter, running


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The home folder; the test's own process sees it too."""
    return at_home(tmp_path, monkeypatch)


@pytest.fixture
def router() -> Iterator[FakeRouter]:
    """A pretend router."""
    with running() as server:
        yield server
