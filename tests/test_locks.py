"""The locks pin what pyproject.toml asks for, with hashes and without addresses."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def pins(lock: str) -> dict[str, list[Version]]:
    """Every version a lock may install, by name."""
    found: dict[str, list[Version]] = {}
    for line in (ROOT / lock).read_text().splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)==([^ ;\\]+)", line):
            found.setdefault(canonicalize_name(match[1]), []).append(Version(match[2]))
    return found


def wanted(lock: str) -> list[Requirement]:
    stated = project()
    lines = [*stated["project"]["dependencies"], *stated["build-system"]["requires"]]
    if lock == "requirements-dev.lock":
        lines += stated["dependency-groups"]["dev"]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("lock", LOCKS)
def test_everything_asked_for_is_pinned(lock: str) -> None:
    have = pins(lock)
    for requirement in wanted(lock):
        versions = have.get(canonicalize_name(requirement.name), [])
        fitting = [version for version in versions if requirement.specifier.contains(version)]
        assert fitting, f"{requirement} is not in {lock}: run scripts/lock"


@pytest.mark.parametrize("lock", LOCKS)
def test_p98_every_pin_has_a_hash(lock: str) -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / lock).read_text())[1:]
    assert len(entries) >= len(pins(lock))
    for entry in entries:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


@pytest.mark.parametrize("lock", LOCKS)
def test_no_addresses_in_locks(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text()


def test_both_locks_agree() -> None:
    run, dev = pins(LOCKS[0]), pins(LOCKS[1])
    assert {name: dev.get(name) for name in run} == run


def test_p98_every_dependency_has_a_reason() -> None:
    """Few packages, each with a line in the design: what nobody can say a reason for is not installed."""
    rows = (ROOT / "docs" / "design.md").read_text().partition("## Dependencies")[2].splitlines()
    named = {name.strip() for row in rows if row.startswith("|") for name in row.split("|")[2].split(",")}
    for requirement in map(Requirement, project()["project"]["dependencies"]):
        assert requirement.name in named, f"{requirement.name} has no row in docs/design.md"


def test_p98_nothing_we_install_runs_at_every_start_of_python() -> None:
    """A `.pth` file with an import runs in every Python process of the environment: so came the poisoned release."""
    for name in pins("requirements.lock"):
        try:
            files = distribution(name).files or []
        except PackageNotFoundError:  # for another system or Python
            continue
        starters = [file for file in files if file.suffix == ".pth"]
        assert not [file for file in starters if "import" in Path(str(file.locate())).read_text()], name
