"""A command line that sees nothing of the machine's own settings, and a pretend router."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from landbridge.cli.main import main
from tests.fakes.home import Home as Home
from tests.fakes.home import at_home
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


class Shell:
    """Runs commands in this process and keeps what they print."""

    def __init__(self, home: Home, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self._capsys = home, capsys
        self.code, self.out, self.err = 0, "", ""

    def models(self, *words: str) -> Shell:
        self.code = main(["models", *words])
        self.out, self.err = self._capsys.readouterr()
        assert "Traceback" not in self.err
        assert "Unexpected" not in self.err
        return self

    def json(self, *words: str) -> Any:
        """What a command prints with --json; there is nothing else on stdout."""
        assert self.models(*words, "--json").code == 0, self.err
        return json.loads(self.out)

    @property
    def folder(self) -> Path:
        return self.home.data / "models"


@pytest.fixture
def shell(home: Home, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A shell on a machine of its own, where no router runs."""
    home.settings(1)
    return Shell(home, capsys)
