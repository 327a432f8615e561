"""Generated documents are fresh, and links between documents lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from landbridge.config import load, warnings
from landbridge.config.keys import keys, variable
from landbridge.config.meanings import meanings
from landbridge.neutral.events import Finish, Reason
from landbridge.neutral.parts import Message, Text
from landbridge.neutral.request import Request
from landbridge.neutral.response import Response
from tests.redoc import DOCS, documents
from tests.redoc_answers import GIVEN, answered_cell
from tests.redoc_cells import NAMES, SILENT, YES
from tests.redoc_errors import BLAME, blamed, kinds
from tests.redoc_requests import ASKED, asked_cell
from tests.redoc_settings import EXAMPLE, ORDER
from tests.redoc_support import answered_rows, asked_rows

ROOT = DOCS.parent
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]


def test_generated_documents_are_fresh() -> None:
    for name, text in documents().items():
        assert (DOCS / name).read_text() == text, f"docs/{name} is out of date: python -m tests.redoc"


@pytest.mark.io
def test_the_example_of_the_settings_is_read_without_a_complaint(tmp_path: Path) -> None:
    file = tmp_path / "landbridge.toml"
    file.write_text(EXAMPLE)
    config = load(file, {})
    assert warnings(config, file) == []
    assert set(config.providers) == {"work", "lab"}
    assert f"```toml\n{EXAMPLE}```" in (DOCS / "settings.md").read_text()


def test_every_setting_has_its_row_and_its_meaning() -> None:
    text = (DOCS / "settings.md").read_text()
    listed = [key for key in keys() if key.path[0] != "model_defaults"]  # the same keys as models.NAME: said there
    assert {key.path[0] for key in listed} == set(ORDER)
    assert "`[model_defaults]` has the same keys" in text
    for key in listed:
        assert text.count(f"| `{variable(key.path)}` |") == 1
        assert meanings()[key.section.__name__, key.path[-1]].endswith("."), f"say under {key.path} what it means"


def test_every_kind_of_error_has_its_row_whom_to_blame_and_what_to_do() -> None:
    text = (DOCS / "errors.md").read_text()
    found = list(kinds())
    assert len({kind.kind for kind in found}) == len(found)
    for kind in found:
        assert text.count(f"| `{kind.kind}` |") == 2, "once for people, once for programs"
        assert kind.__doc__
        assert kind.advice.endswith((".", "?"))
        assert blamed(kind) in BLAME
    advice = [kind.advice for kind in found]
    assert len(set(advice)) == len(advice), "each kind has something to do of its own"


@pytest.mark.parametrize("client", NAMES)
def test_nothing_is_lost_without_a_word(client: str) -> None:
    for row in (*asked_rows(client), *answered_rows(client)):
        assert SILENT not in row, row


def test_probes_are_of_what_they_say() -> None:
    """What is looked for is not there without it, and somebody's own dialect has it whole."""
    plain = Request("m", (Message("user", (Text("plain"),)),))
    for feature in (each for features in ASKED.values() for each in features):
        assert not feature.there(plain), feature.name
        assert YES in [asked_cell(feature, name, name) for name in NAMES], feature.name
    for given in GIVEN:
        assert not given.there(Response((Text("plain"),), Finish(Reason.END))), given.name
        assert YES in [answered_cell(given, name, name) for name in NAMES], given.name


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
