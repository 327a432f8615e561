"""A command line that sees nothing of the machine's own settings, and a pretend router."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from landbridge.cli.main import main
from tests.fakes.router import FakeRouter, running
from tests.fakes.terminal import on_terminal


class Home:
    """A home folder of its own, with settings that name ports nobody else has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "landbridge.toml"
        self.data = folder / "data"
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.env = {
            "HOME": str(folder),
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "LANDBRIDGE_CONFIG": str(self.config),
            "LANDBRIDGE_DATA_DIR": str(self.data),
            "NO_COLOR": "1",
        }

    def settings(self, port: int, more: str = "") -> None:
        """Write settings whose router is at `port`; the other listeners are off."""
        off = "".join(f"[listeners.{name}]\nenabled = false\n" for name in ("openai", "dashboard"))
        self.config.write_text(f"[listeners.router]\nport = {port}\n{off}{more}")

    def program(self, name: str, script: str) -> None:
        """Put a program on the PATH, written in Python."""
        path = self.bin / name
        path.write_text(f"#!{sys.executable}\n{script}\n")
        path.chmod(0o755)

    def run(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run `landbridge` as a user does."""
        return subprocess.run(
            [sys.executable, "-m", "landbridge", *words],
            env={**self.env, **env},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )

    def at_terminal(self, typed: str, *words: str, **env: str) -> tuple[int, str]:
        """Run `landbridge` on a terminal where somebody types; gives the exit code and what was to be seen."""
        env = {**self.env, "COLUMNS": "100", "HF_TOKEN": "", "NO_PROXY": "127.0.0.1", **env}
        return on_terminal("-m", "landbridge", *words, env=env, typed=typed, cwd=self.folder)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The home folder; the test's own process sees it too."""
    own = Home(tmp_path)
    for name in [name for name in os.environ if name.startswith(("LANDBRIDGE_", "ANTHROPIC_", "CLAUDE", "XDG_"))]:
        monkeypatch.delenv(name)
    for name, value in own.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return own


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
