"""The dashboard's words in other languages, kept in step with the source: `python -m tests.words`.

Finds what pages say (`_`, `n_`, `N_`) and what settings mean, writes `languages/dashboard.pot`, brings each catalogue
up to date and compiles it. New words are left untranslated, and a test says so; words that are gone are dropped.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from landbridge.dashboard.words import FOLDER, LANGUAGES
from landbridge.manage.meanings import all_meanings

SOURCE = FOLDER.parent
NAME = "dashboard"
KEYWORDS = {"_": None, "N_": None, "n_": (1, 2)}
OTHERS = tuple(name for name in LANGUAGES if name != "en")
PLACEHOLDER = re.compile(r"\{\w+(?::[^}]*)?\}")
CODE = re.compile(r"`[^`]*`")
Id = str | tuple[str, ...] | list[str]


def found() -> Catalog:
    """Everything that is said."""
    catalog = Catalog(project="landbridge", copyright_holder="The landbridge developers", charset="utf-8", fuzzy=False)
    said = extract_from_dir(SOURCE, method_map=[("**.py", "python")], keywords=KEYWORDS, strip_comment_tags=True)
    for path, _line, id, _comments, _context in said:
        catalog.add(id, locations=[(f"dashboard/{path}", 0)])
    for text in meanings():
        catalog.add(text, locations=[("config/schema.py", 0)])
    return catalog


def meanings() -> Iterator[str]:
    """What settings mean, which a page shows as the router tells it."""
    for section in all_meanings().sections:
        yield from (text for text in (section.text, *(each.text for each in section.settings)) if text)


def po_of(language: str) -> Path:
    """The catalogue of a language, for people."""
    return FOLDER / language / "LC_MESSAGES" / f"{NAME}.po"


def read(language: str) -> Catalog:
    """A catalogue as it is."""
    path = po_of(language)
    if not path.exists():
        return Catalog(locale=language, project="landbridge", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str) -> Catalog:
    """A catalogue in step with the source."""
    catalog = read(language)
    catalog.update(found(), no_fuzzy_matching=True, update_header_comment=False)
    catalog.obsolete.clear()
    catalog.fuzzy = False
    return catalog


def po(catalog: Catalog) -> bytes:
    """The text of a catalogue: without dates, versions and lines, which would change with every commit."""
    out = io.BytesIO()
    write_po(out, catalog, width=110, omit_header=catalog.locale is None, sort_output=False, include_lineno=False)
    dated = re.compile(rb'^"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Project-Id-Version'
                       rb'|Report-Msgid-Bugs-To|Language-Team):.*\n', re.MULTILINE)  # fmt: skip
    text = dated.sub(b"", out.getvalue())
    return re.sub(rb"\A(?:#.*\n|\n)+", b"", text)


def mo(catalog: Catalog) -> bytes:
    """What gettext reads."""
    out = io.BytesIO()
    whole = read_po(io.BytesIO(po(catalog)), locale=catalog.locale)
    whole.creation_date = whole.revision_date = datetime(2000, 1, 1, tzinfo=UTC)  # the same text, the same bytes
    write_mo(out, whole)
    return out.getvalue()


def missing(catalog: Catalog) -> list[Id]:
    """What is not translated."""
    return [message.id for message in catalog if message.id and not all(_texts(message))]


def disagreeing(catalog: Catalog) -> list[Id]:
    """Translations whose placeholders, or whose code, are others than those of the text."""
    wrong: list[Id] = []
    for message in catalog:
        if message.id and any(_marks(text) != _marks(_texts_of(message.id)[-1]) for text in _texts(message) if text):
            wrong.append(message.id)
    return wrong


def _marks(text: str) -> list[str]:
    return sorted([*PLACEHOLDER.findall(CODE.sub("", text)), *CODE.findall(text)])


def _texts(message: Message) -> tuple[str, ...]:
    return _texts_of(message.string)


def _texts_of(text: Id | None) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, (tuple, list)) else (text or "",)


def main() -> int:
    """Bring everything up to date; say what is left to translate."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{NAME}.pot").write_bytes(po(found()))
    left = 0
    for language in OTHERS:
        catalog = updated(language)
        path = po_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(po(catalog))
        path.with_suffix(".mo").write_bytes(mo(catalog))
        left += len(missing(catalog))
        print(f"{path}: {len(catalog)} texts, {len(missing(catalog))} not translated, {disagreeing(catalog)} disagree")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
