"""A home folder of its own for the command line, and programs in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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


def at_home(folder: Path, patch: pytest.MonkeyPatch) -> Home:
    """A home in `folder` that the test's own process sees, too."""
    own = Home(folder)
    for name in [name for name in os.environ if name.startswith(("LANDBRIDGE_", "ANTHROPIC_", "CLAUDE", "XDG_"))]:
        patch.delenv(name)
    for name, value in own.env.items():
        patch.setenv(name, value)
    patch.chdir(folder)
    return own
