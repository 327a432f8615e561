"""The troubleshooting page has a row for every kind of error a user can meet, and none for kinds that are gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from landbridge import errors
from landbridge.errors import GatewayError

PAGE = Path(__file__).parent.parent / "docs" / "troubleshooting.md"
BASES = {"internal", "provider", "engine"}
"""Kinds of bases: what is raised is one of their children."""


def kinds(of: type[GatewayError] = GatewayError) -> Iterator[str]:
    yield of.kind
    for child in of.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from kinds(child)


def test_every_kind_has_its_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(set(kinds()) - BASES)
    assert len(rows) == len(set(rows))
