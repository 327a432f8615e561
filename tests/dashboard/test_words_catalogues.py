"""The catalogues are in step with the source, whole, true to what they translate, and in the wheel.

`python -m tests.words` brings them up to date; what it leaves empty is to be translated in the `.po` file.
"""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from landbridge.dashboard.words import FOLDER, LANGUAGES
from tests import words
from tests.words import OTHERS, disagreeing, found, missing, mo, po, po_of, read, updated

ROOT = Path(__file__).parents[2]
SHIPPED = ("*.css", "*.js", "*.svg", "*.png", "*.mo", "*.mjs", "*.woff2")


@pytest.fixture(scope="module")
def source() -> Catalog:
    return found()


@pytest.fixture(autouse=True)
def once(monkeypatch: pytest.MonkeyPatch, source: Catalog) -> None:
    monkeypatch.setattr(words, "found", lambda: source)  # it takes a second


def test_the_template_has_what_the_source_says(source: Catalog) -> None:
    assert (FOLDER / "dashboard.pot").read_bytes() == po(source), "python -m tests.words"


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue(language: str) -> None:
    text = po_of(language).read_bytes()
    assert text == po(updated(language)), "python -m tests.words"
    assert po_of(language).with_suffix(".mo").read_bytes() == mo(read(language)), "python -m tests.words"
    assert missing(read(language)) == [], f"translate them in {po_of(language)}"
    assert disagreeing(read(language)) == [], "their {placeholders}, or their `code`, are others than in the text"


def test_each_language_has_its_catalogue() -> None:
    assert (
        {path.parent.parent.name for path in FOLDER.glob("*/LC_MESSAGES/*.po")} == set(OTHERS) == {*LANGUAGES} - {"en"}
    )


def test_what_is_wrong_is_found() -> None:
    catalog = Catalog(locale="ko")
    catalog.add("{n} models", "모델 {m}개")
    catalog.add("`auto`: as `x`", "`auto`: `x`처럼")
    catalog.add("See `auto`.", "`aut`를 보세요.")
    catalog.add(("{n} a", "{n} as"), ("{n}개",))
    catalog.add("{size:.1f} MB", "{size} MB")
    catalog.add("nothing", "")
    assert disagreeing(catalog) == ["{n} models", "See `auto`.", "{size:.1f} MB"]
    assert missing(catalog) == ["nothing"]


def shipped() -> Iterator[Path]:
    for pattern in SHIPPED:
        yield from (ROOT / "src/landbridge/dashboard").rglob(pattern)


@pytest.mark.io
def test_the_wheel_has_what_pages_need() -> None:
    """hatchling takes every file of the package that git does not ignore."""
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    assert build["targets"]["wheel"] == {"packages": ["src/landbridge"]} and set(build) == {"targets"}
    files = sorted(shipped())
    assert {path.suffix for path in files} >= {".css", ".svg", ".mo"}
    ignored = subprocess.run(
        ["git", "check-ignore", "--", *map(str, files)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ignored.stdout == ""
