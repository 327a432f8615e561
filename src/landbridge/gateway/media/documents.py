"""Documents in words: what was read of a PDF, page by page, and files that are text anyway. Pure.

Nothing is left out silently: where pages are missing, pictures or unreadable, that is said at the place.
"""

from __future__ import annotations

import base64
import binascii
import codecs

import msgspec
from msgspec import Raw

from ...neutral.parts import Document, Image, Text
from .paper import Limits, Page, Paper

Shown = tuple[Text | Image, ...]
"""What stands for a document."""

PDF = "application/pdf"
PDF_START = "JVBERi"
"""`%PDF-` in base64, as far as it is certain."""
BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
BETWEEN = "\n\n"


def is_pdf(document: Document) -> bool:
    """Whether its data is a PDF; its beginning counts more than what the client calls it."""
    return document.data.startswith(PDF_START) or (bool(document.data) and document.media_type == PDF)


def decoded(document: Document) -> str | None:
    """The text of a file that is none but text (Markdown, JSON, CSV), whatever it is called; None for any other."""
    try:
        data = base64.b64decode("".join(document.data.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    charset = next((name for mark, name in BOMS.items() if data.startswith(mark)), "utf-8")
    declared = document.media_type.startswith("text/")
    try:
        text = data.decode(charset, "replace" if declared else "strict")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def as_text(document: Document) -> Shown:
    """A document that has text or parts, without its frame."""
    head = [f"{document.title}:" if document.title else "", document.context]
    if not document.parts:
        return _marked((Text(_join([*head, document.text])),), document.cache)
    about = _join(head)
    return _marked(((Text(about),) if about else ()) + document.parts, document.cache)


def of_paper(document: Document, paper: Paper, limits: Limits) -> Shown:
    """What was read of a PDF."""
    name = document.title or "untitled"
    if not paper.pages:
        why = _FAULTS[paper.fault or "broken"].format(limits=limits)
        return _marked((Text(_join([f"[A PDF stood here: {name}. It could not be read: {why}.]", document.context])),),
                       document.cache)  # fmt: skip
    shown: list[Text | Image] = []
    lines = [f"[PDF: {name}, {_pages(paper.total)}. What follows is its text, without layout and pictures.]"]
    lines.append(document.context)
    for number, page in enumerate(paper.pages, 1):
        lines.append(_page(page, f"Page {number} of {paper.total}"))
        if page.picture:
            shown += [Text(_join(lines)), Image(data=page.picture, media_type="image/png")]
            lines = []
    lines.append(_cut(paper, limits))
    if rest := _join(lines):
        shown.append(Text(rest))
    return _marked(tuple(shown), document.cache)


def loss_of(paper: Paper) -> str:
    """What the request log says of it."""
    if not paper.pages:
        return "this model reads no PDFs, and the text of this one could not be read"
    read = len(paper.pages)
    much = _pages(read) if read == paper.total else f"{read} of its {_pages(paper.total)}"
    drawn = sum(bool(page.picture) for page in paper.pages)
    seen = f"; {_pages(drawn)} without text as pictures" if drawn else ""
    return f"this model reads no PDFs; it got the text of {much}{seen}"


_FAULTS = {
    "locked": "it is encrypted, and nobody gave a password",
    "broken": "it is damaged, has no pages, or is no PDF at all",
    "slow": "that took longer than the {limits.seconds:g} seconds of media.pdf_seconds",
    "crashed": "its reader ended for lack of memory, or because it is damaged",
}


def _page(page: Page, mark: str) -> str:
    if page.unreadable:
        return f"[{mark} could not be read.]"
    if page.picture:
        return _join([f"[{mark}, which is a picture:]" if not page.text else f"[{mark}, mostly a picture:]", page.text])
    if page.shows:
        has = "has no text" if not page.text else "has little text"
        return _join([f"[{mark} {has}: it is a picture, probably a scan, that is not shown here.]", page.text])
    return f"[{mark}]\n{page.text}" if page.text else f"[{mark} is empty.]"


def _cut(paper: Paper, limits: Limits) -> str:
    """Said where pages are missing."""
    read = len(paper.pages)
    if read == paper.total:
        return ""
    if paper.fault:
        why = _FAULTS[paper.fault].format(limits=limits)
    elif read >= limits.pages:
        why = f"the limit is media.pdf_pages = {limits.pages}"
    else:
        characters = sum(len(page.text) for page in paper.pages)
        why = f"they have {characters} characters, and the limit is media.pdf_characters = {limits.characters}"
    return f"[The PDF is cut here: {read} of its {_pages(paper.total)} are above; {why}.]"


def _pages(count: int) -> str:
    return "1 page" if count == 1 else f"{count} pages"


def _join(lines: list[str]) -> str:
    return BETWEEN.join(line for line in lines if line)


def _marked(shown: Shown, cache: Raw) -> Shown:
    """The client's cache mark stands behind what the document became."""
    if not bytes(cache) or not shown:
        return shown
    return (*shown[:-1], msgspec.structs.replace(shown[-1], cache=cache))
