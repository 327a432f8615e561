"""The manual of the dashboard has a section and pictures of every page, and no more pictures than it shows or makes."""

from __future__ import annotations

import re

from landbridge.dashboard.places import PLACES
from tests.redoc import DOCS

TEXT = (DOCS / "dashboard.md").read_text()
IMAGES = DOCS / "images"
MORE = ("model", "request")
"""Pages of one thing."""
LARGEST = 150_000
"""Bytes of a picture."""


def test_every_page_has_its_section_and_its_picture() -> None:
    sections = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
    assert [title for title in sections if title in {place.title for place in PLACES}] == [
        place.title for place in PLACES
    ]
    for name in (*(place.name for place in PLACES), *MORE):
        assert f"images/{name}-light.png" in TEXT and f"images/{name}-dark.png" in TEXT


def test_there_are_pictures_in_both_themes_and_widths() -> None:
    names = [*(place.name for place in PLACES), *MORE]
    wanted = {
        f"{name}-{theme}{width}.png" for name in names for theme in ("light", "dark") for width in ("", "-narrow")
    }
    assert {path.name for path in IMAGES.glob("*.png")} == wanted
    assert [path.name for path in IMAGES.glob("*.png") if path.stat().st_size > LARGEST] == []


def test_pictures_that_are_shown_are_there() -> None:
    shown = re.findall(r"images/[\w.-]+", TEXT)
    assert shown
    assert [name for name in shown if not (DOCS / name).exists()] == []
