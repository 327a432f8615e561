"""`docs/security.md` names what there is: a defence whose test has moved would be a claim."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text()
TESTS = sorted(set(re.findall(r"`(tests/[^`]+)`", PAGE)))
SOURCES = sorted(set(re.findall(r"`((?:access|config|engines|gateway|server|upstream)/[a-z_/]+\.py)`", PAGE)))
PARTS = [
    part
    for part in PAGE.split("\n## ")
    if part.startswith(("Web", "Other", "The net", "The dash", "Users", "Models", "Up", "Files"))
]


@pytest.mark.parametrize("path", [*TESTS, *(f"src/landbridge/{source}" for source in SOURCES)])
def test_what_it_names_exists(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.splitlines()[0])
def test_each_attacker_has_defences_that_are_tested_and_limits_that_are_said(part: str) -> None:
    assert "`tests/" in part
    assert "*Not:*" in part or part.startswith(("Web", "Up"))


def test_all_attackers_are_there() -> None:
    assert len(PARTS) == 8 and len(TESTS) > 40
