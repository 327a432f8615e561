"""The child that reads PDFs, asked in this process: text as it stands on the pages, and what is no text."""

from __future__ import annotations

import base64
import json
import struct
import subprocess
import sys
import zlib
from typing import Any

import pytest

from landbridge.gateway.media import pages
from landbridge.gateway.media.pages import Order, read
from tests.fakes import papers

pytestmark = pytest.mark.io

ORDER = Order(pages=1000, characters=1_000_000, pictures=3, seconds=20)


def records(data: bytes, **order: int) -> list[dict[str, Any]]:
    return list(read(papers.b64(data).encode(), {**ORDER, **order}))  # type: ignore[typeddict-item]  # its own keys


def texts(data: bytes, **order: int) -> list[str]:
    total, *found, done = records(data, **order)
    assert "total" in total and done == {"done": True}
    return [record["text"] for record in found]


def test_p58_the_words_of_each_page() -> None:
    assert texts(papers.paper(["First page (1)\nof two", "Second \\ page"])) == [
        "First page (1)\nof two",
        "Second \\ page",
    ]


def test_p58_words_of_other_alphabets() -> None:
    assert texts(papers.korean("안녕하세요 세계")) == ["안녕하세요 세계"]


def test_what_was_written_into_a_form_is_read() -> None:
    assert texts(papers.form("client", "Kim Minji")) == ["client:\nKim Minji"]


def test_words_beyond_the_edge_of_the_page_are_read() -> None:
    line = "a line that is far too long for its page " * 20
    assert texts(papers.paper([line])) == [line.strip()]


def test_a_broken_table_of_contents_is_mended() -> None:
    assert texts(papers.paper(["still there"], xref=False)) == ["still there"]


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7", b"<html>no</html>", papers.paper([]), papers.paper(["a" * 500])[:400]]
)
def test_what_is_no_pdf_is_said_to_be_none(data: bytes) -> None:
    assert records(data) == [{"fault": "broken"}]


def test_what_is_no_base64_is_broken_too() -> None:
    assert list(read(b"not base64!", ORDER)) == [{"fault": "broken"}]


def test_base64_may_have_line_breaks() -> None:
    data = base64.encodebytes(papers.paper(["lines"]))
    assert [record.get("text") for record in read(data, ORDER)] == [None, "lines", None]


def test_encryption() -> None:
    assert records(papers.locked("nothing to see", "secret")) == [{"fault": "locked"}]
    assert texts(papers.locked("anybody may read", "", owner="owner")) == ["anybody may read"]


def test_a_scan_is_drawn() -> None:
    _, page, _ = records(papers.scan(1))
    assert page["text"] == "" and page["shows"]
    picture = base64.b64decode(page["picture"])
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, colours = struct.unpack(">IIBB", picture[16:26])
    assert (width, height, depth, colours) == (1212, 1568, 8, 2), "as large as models take them"
    at = picture.index(b"IDAT")
    (length,) = struct.unpack(">I", picture[at - 4 : at])
    pixels = zlib.decompress(picture[at + 4 : at + 4 + length])
    assert len(pixels) == height * (1 + 3 * width)
    row = pixels[: 1 + 3 * width]
    assert (row[0], row[1], row[-1]) == (0, 0, 99), "from the darkest to the brightest column of the picture"


def test_a_scan_with_a_stamp_is_still_a_scan() -> None:
    _, page, _ = records(papers.scan(1, "Scanned with a phone"))
    assert page["text"] == "Scanned with a phone" and page["picture"]
    _, page, _ = records(papers.scan(1, "A page with words over its background. " * 10))
    assert not page["shows"]


def test_only_so_many_pages_are_drawn() -> None:
    _, *found, _ = records(papers.scan(5), pictures=2)
    assert [record["shows"] for record in found] == [True] * 5
    assert ["picture" in record for record in found] == [True, True, False, False, False]


def test_an_empty_page_shows_nothing() -> None:
    _, page, _ = records(papers.paper([""]))
    assert page == {"text": "", "shows": False}


def test_limits_of_pages_and_characters() -> None:
    data = papers.paper(["four"] * 500)
    assert records(data)[0] == {"total": 500}
    assert len(texts(data)) == 500
    assert len(texts(data, pages=7)) == 7
    assert len(texts(data, characters=9)) == 3, "the page that exceeds it is the last"


def test_a_page_that_cannot_be_loaded_does_not_take_the_others_with_it() -> None:
    data = papers.paper(["one", "two", "three"]).replace(b"[4 0 R 7 0 R 10 0 R]", b"[4 0 R 3 0 R 10 0 R]")
    total, *found, done = records(data)
    assert (total, done) == ({"total": 3}, {"done": True})
    assert [record.get("text") for record in found] == ["one", None, "three"]
    assert found[1] == {"unreadable": True}


def test_lines_end_alike_and_hold_no_controls() -> None:
    assert pages.clean("one \r\ntwo\rthree\x00\x07\n") == "one\ntwo\nthree"
    assert pages.clean("exam\ufffe\r\nple\ttab") == "exam-\nple\ttab"


def test_as_a_process_it_has_limits() -> None:
    """A bomb of 700 MB ends the child, and nobody else."""
    order = json.dumps(ORDER).encode() + b"\n"
    command = [sys.executable, "-P", "-m", "landbridge.gateway.media.pages"]
    done = subprocess.run(command, input=order + papers.b64(papers.bomb()).encode(), capture_output=True, check=False)
    assert done.returncode != 0
    assert done.stdout == b'{"total": 1}\n'
    good = subprocess.run(
        command, input=order + papers.b64(papers.paper(["hi"])).encode(), capture_output=True, check=True
    )
    assert [json.loads(line) for line in good.stdout.splitlines()] == records(papers.paper(["hi"]))
