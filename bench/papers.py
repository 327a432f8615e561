"""Reading the text of a PDF beside pypdf: `python -m bench.papers`.

The paper has 36 pages of 40 lines. Both read it in this process; the child process that landbridge gives to a hostile
file is not counted.
"""

from __future__ import annotations

import base64
import io
import statistics
import time
from collections.abc import Callable

import pypdf

from landbridge.gateway.media.pages import Order, read

from . import table
from .works import prose

PAGES, LINES = 36, 40


def paper() -> bytes:
    """A PDF, as small as one can be."""
    lines = "".join(f"({prose(80)}) Tj T*\n" for _ in range(LINES))
    content = f"BT /F 10 Tf 12 TL 50 750 Td\n{lines}ET".encode()
    kids = " ".join(f"{4 + number} 0 R" for number in range(PAGES))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F 3 0 R>>>>/Contents %d 0 R>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {PAGES}>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *(page % (4 + PAGES) for _ in range(PAGES)),
        b"<</Length %d>>stream\n%b\nendstream" % (len(content), content),
    ]
    out, places = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table_of_places = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table_of_places + trailer


def ours(data: bytes) -> str:
    """As a request's PDF is read."""
    order = Order(pages=PAGES, characters=10_000_000, pictures=0, seconds=60)
    return "".join(record.get("text", "") for record in read(base64.b64encode(data), order))


def theirs(data: bytes) -> str:
    """With pypdf."""
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def spend(way: Callable[[bytes], str], data: bytes) -> float:
    """Seconds of CPU."""
    began = time.process_time()
    text = way(data)
    assert text.count(prose(60)) == PAGES * LINES, "all of it was read"
    return time.process_time() - began


def main() -> None:
    """Measure, print, and save where asked."""
    asked = table.options(__doc__).parse_args()
    data = paper()
    pairs = [(spend(ours, data), spend(theirs, data)) for _ in range(asked.rounds + 1)][1:]
    row = {
        "pages": str(PAGES),
        "landbridge (PDFium), ms": f"{statistics.median(one for one, _ in pairs) * 1e3:.0f}",
        "pypdf, ms": f"{statistics.median(other for _, other in pairs) * 1e3:.0f}",
        "pypdf = 1": table.spread([one / other for one, other in pairs], ".3f"),
    }
    table.show("papers", "python -m bench.papers", [row], asked)


if __name__ == "__main__":
    main()
