"""Generated documents are fresh, and links between documents lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.redoc import DOCS, documents

ROOT = DOCS.parent
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]


def test_generated_documents_are_fresh() -> None:
    for name, text in documents().items():
        assert (DOCS / name).read_text() == text, f"docs/{name} is out of date: python -m tests.redoc"


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as code forges make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        other = (page.parent / file).resolve() if file else page
        assert other.exists(), target
        assert not anchor or anchor in anchors(other), target


def test_files_the_readme_follows_exist() -> None:
    text = (ROOT / "README.md").read_text()
    for name in set(re.findall(r"`([a-z_]+/[a-z_/]+\.py)`", text)):
        assert (ROOT / "src" / "landbridge" / name).exists(), name
