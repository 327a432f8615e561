"""Clients are found as the shell finds them; their package says the version, or else they do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from landbridge.agents.installed import Installed, find, locate

pytestmark = pytest.mark.io


def program(folder: Path, script: str) -> dict[str, str]:
    path = folder / "claude"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


def test_the_program_is_asked_for_its_version(tmp_path: Path) -> None:
    found = find("claude", program(tmp_path, 'echo "2.1.330 (Claude Code)"'))
    assert found == Installed(str(tmp_path / "claude"), "2.1.330")


def test_a_program_that_says_nothing_is_found_all_the_same(tmp_path: Path) -> None:
    assert find("claude", program(tmp_path, "exit 3")) == Installed(str(tmp_path / "claude"), "")


def test_there_is_none(tmp_path: Path) -> None:
    assert find("claude", {"PATH": str(tmp_path)}) is None
    assert locate("claude", {}) is None


def package(folder: Path, **fields: object) -> dict[str, str]:
    """An npm package with the program in it, linked as npm links it; the program itself fails."""
    inner = folder / "lib/node_modules/@maker/claude"
    (inner / "bin").mkdir(parents=True)
    program(inner / "bin", "exit 3")
    (inner / "package.json").write_text(json.dumps(fields))
    (folder / "bin").mkdir()
    (folder / "bin/claude").symlink_to("../lib/node_modules/@maker/claude/bin/claude")
    return {"PATH": f"{folder}/bin"}


def test_the_package_is_asked_before_the_program(tmp_path: Path) -> None:
    env = package(tmp_path, version="3.4.5", bin={"claude": "bin/claude"})
    assert find("claude", env) == Installed(f"{tmp_path}/bin/claude", "3.4.5")


@pytest.mark.parametrize("bin", ["bin/other", {"other": "bin/other"}, 7])
def test_another_package_around_it_is_not_asked(bin: object, tmp_path: Path) -> None:
    found = find("claude", package(tmp_path, version="3.4.5", bin=bin))
    assert found is not None
    assert found.version == ""
