"""The child's side of reading a PDF: `python -m landbridge.gateway.media.pages`. One PDF in, its pages out.

The first line of stdin is a JSON object (`Order`), the rest the PDF in base64. Each line of stdout is a JSON object:
first `{"total": pages}`, then one object a page, at the end `{"done": true}`, or `{"fault": why}` where it is none.
PDFium works here and nowhere else: what a hostile file does to it, it does to a process that has limits.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import resource
import struct
import sys
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, TypedDict

import pypdfium2 as pdfium

MEMORY = 1 << 30
"""Bytes of address space; a bomb ends here."""
SIDE = 1568
"""Longest side of a drawn page in pixels; models that see scale larger pictures down."""
SCALE = 2.0
"""Pixels for a point (1/72 inch) at most."""
FEW = 200
"""Characters: a page with fewer, most of it a picture, is a scan with a stamp on it."""
HALF = 0.5
EVERYWHERE = (-1e6, -1e6, 1e6, 1e6)
"""Also beyond the edges of the page: simple programs write lines that are too long."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
_HYPHENS = str.maketrans({"\ufffe": "-", "\x02": "-", "\xad": "-"})
"""How PDFium marks a word that is broken at the end of a line."""


class Order(TypedDict):
    """What is wanted."""

    pages: int
    """Pages at most."""
    characters: int
    """Characters of all pages together, at most; the page that exceeds them is the last."""
    pictures: int
    """Pages without text that are drawn, at most."""
    seconds: int
    """Of CPU time."""


def main() -> int:
    """Read what stdin holds."""
    order: Order = json.loads(sys.stdin.buffer.readline())
    limit(order["seconds"])
    for record in read(sys.stdin.buffer.read(), order):
        sys.stdout.write(json.dumps(record) + "\n")
        sys.stdout.flush()
    return 0


def limit(seconds: int) -> None:
    """Bound what this process may use."""
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):  # a system's own limit is lower, or it knows no such
            resource.setrlimit(what, (most, most))


def read(data: bytes, order: Order) -> Iterator[dict[str, Any]]:
    """The records of a PDF in base64."""
    try:
        paper = pdfium.PdfDocument(base64.b64decode(b"".join(data.split()), validate=True))
    except binascii.Error:
        yield {"fault": "broken"}
        return
    except pdfium.PdfiumError as error:
        locked = error.err_code in (pdfium.raw.FPDF_ERR_PASSWORD, pdfium.raw.FPDF_ERR_SECURITY)
        yield {"fault": "locked" if locked else "broken"}
        return
    with suppress(pdfium.PdfiumError):
        paper.init_forms()
    total = len(paper)
    yield {"total": total}
    characters, pictures = 0, order["pictures"]
    for number in range(min(total, order["pages"])):
        if characters > order["characters"]:
            break
        record = read_page(paper, number, draw=pictures > 0)
        characters += len(record.get("text", ""))
        pictures -= "picture" in record
        yield record
    yield {"done": True}


def read_page(paper: Any, number: int, *, draw: bool) -> dict[str, Any]:
    """One page: its `text`, whether it `shows` something that is no text, and that as a PNG where it shall be drawn."""
    try:
        page = _flat(paper, number)
        text = clean(page.get_textpage().get_text_bounded(*EVERYWHERE))
        shows = _shows(page, text)
        record: dict[str, Any] = {"text": text, "shows": shows}
        if shows and draw:
            record["picture"] = base64.b64encode(picture(page)).decode()
    except (pdfium.PdfiumError, MemoryError):
        return {"unreadable": True}
    return record


def _flat(paper: Any, number: int) -> Any:
    """A page with what is written into its form fields and notes, which is no text of its own otherwise."""
    page = paper[number]
    if pdfium.raw.FPDFPage_GetAnnotCount(page) and pdfium.raw.FPDFPage_Flatten(page, 0) == pdfium.raw.FLATTEN_SUCCESS:
        page.close()
        return paper[number]
    return page


def clean(text: str) -> str:
    """Lines that end alike, without what no text holds."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").translate(_HYPHENS)
    return "\n".join(line.rstrip() for line in _CONTROLS.sub("", lines).split("\n")).strip("\n")


def _shows(page: Any, text: str) -> bool:
    """Whether the page is a picture: without text, or with next to none over a picture that covers most of it."""
    if not text.strip():
        return bool(pdfium.raw.FPDFPage_CountObjects(page))
    if len(text) > FEW:
        return False
    width, height = page.get_size()
    images = page.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_IMAGE], max_depth=4)
    return any(_area(image.get_bounds()) > HALF * width * height for image in images)


def _area(bounds: tuple[float, float, float, float]) -> float:
    left, bottom, right, top = bounds
    return (right - left) * (top - bottom)


def picture(page: Any) -> bytes:
    """The page, drawn, as a PNG."""
    longest = max(*page.get_size(), 1.0)
    bitmap = page.render(scale=min(SCALE, SIDE / longest), rev_byteorder=True)
    pixels, stride, width = bytes(bitmap.buffer), bitmap.stride, bitmap.width * bitmap.n_channels
    rows = b"".join(b"\0" + pixels[row * stride : row * stride + width] for row in range(bitmap.height))
    colours = {1: 0, 3: 2, 4: 6}[bitmap.n_channels]
    header = struct.pack(">IIBBBBB", bitmap.width, bitmap.height, 8, colours, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


if __name__ == "__main__":
    sys.exit(main())
