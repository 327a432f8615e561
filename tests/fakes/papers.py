"""PDFs of every kind, written by hand: whole and broken, with text, scans, forms, and bombs.

paper(["first page", "second page"])      text, one page each; a list of lines is fine too
scan(2), form("name", "Kim"), bomb(), locked("text", password="x"), broken(paper(["a"]))
"""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Sequence
from functools import cache

import pypdf

FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def b64(data: bytes) -> str:
    """As it stands in a request."""
    return base64.b64encode(data).decode()


def paper(pages: Sequence[str], *, xref: bool = True) -> bytes:
    """One page for each text; lines of a text stand below each other. An empty text makes an empty page."""
    streams = [_stream(_typeset(text)) if text else b"" for text in pages]
    return assemble([(stream, b"", b"") for stream in streams], xref=xref)


def korean(text: str) -> bytes:
    """One page in an alphabet that needs a table to be read (`ToUnicode`), as word processors write it."""
    codes = "".join(f"{number:04x}" for number in range(1, len(text) + 1))
    pairs = "\n".join(f"<{number:04x}> <{ord(sign):04x}>" for number, sign in enumerate(text, 1))
    table = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{len(text)} beginbfchar\n{pairs}\nendbfchar\n"
        "endcmap end end"
    )
    font = (
        b"<</Type/Font/Subtype/Type0/BaseFont/Batang/Encoding/Identity-H/ToUnicode 9 0 R/DescendantFonts"
        b"[<</Type/Font/Subtype/CIDFontType2/BaseFont/Batang/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
        b"/Supplement 0>>/DW 1000>>]>>"
    )
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F 5 0 R>>>>/Contents 4 0 R>>",
        _stream(f"BT /F 20 Tf 72 700 Td <{codes}> Tj ET".encode()),
        font, b"null", b"null", b"null",
        _stream(table.encode()),
    ]  # fmt: skip
    return _file(objects)


def scan(pages: int, text: str = "") -> bytes:
    """Pages that are one grey picture each, perhaps with a stamp of text on it."""
    picture = _stream(
        zlib.compress(bytes(range(100)) * 100),
        b"/Type/XObject/Subtype/Image/Width 100/Height 100/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode",
    )
    drawing = b"q 612 0 0 792 0 0 cm /I Do Q " + (_typeset(text) if text else b"")
    return assemble([(_stream(drawing), picture, b"")] * pages)


def form(name: str, value: str) -> bytes:
    """A form with one field that somebody has filled in."""
    look = _stream(
        f"/Tx BMC q BT /F 12 Tf 2 4 Td ({value}) Tj ET Q EMC".encode(),
        b"/Type/XObject/Subtype/Form/BBox[0 0 200 20]/Resources<</Font<</F 5 0 R>>>>",
    )
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]/DR<</Font<</F 5 0 R>>>>/DA(/F 12 Tf)>>>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F 5 0 R>>>>/Contents 4 0 R"
        b"/Annots[6 0 R]>>",
        _stream(_typeset(f"{name}:")),
        FONT,
        f"<</Type/Annot/Subtype/Widget/FT/Tx/T({name})/V({value})/Rect[72 600 272 620]/DA(/F 12 Tf)/AP<</N 7 0 R>>"
        "/P 3 0 R/F 4>>".encode(),
        look,
    ]
    return _file(objects)


@cache
def bomb(megabytes: int = 700) -> bytes:
    """A small file with a page of so many megabytes."""
    packer = zlib.compressobj(1)
    line = _typeset("boom") * 30_000
    packed = b"".join(packer.compress(line) for _ in range(megabytes * 1_000_000 // len(line))) + packer.flush()
    return assemble([(_stream(zlib.compress(packed, 9), b"/Filter[/FlateDecode/FlateDecode]"), b"", b"")])


def locked(text: str, password: str = "secret", *, owner: str = "") -> bytes:
    """Encrypted (RC4, which needs no library). With an empty password anybody may read it."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(paper([text])))
    writer.encrypt(password, owner or password or "of the owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def broken(data: bytes) -> bytes:
    """The same with a table of contents (`xref`) that leads nowhere."""
    at = data.rindex(b"startxref")
    return data[:at] + b"startxref\n7\n%%EOF"


def assemble(pages: Sequence[tuple[bytes, bytes, bytes]], *, xref: bool = True) -> bytes:
    """A file of pages, each given as its stream of commands, a picture `/I`, and more of its dictionary; all may be
    empty.
    """
    first = 4
    kids = b" ".join(b"%d 0 R" % (first + 3 * number) for number in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[" + kids + b"]/Count %d>>" % len(pages),
        FONT,
    ]
    for number, (content, picture, more) in enumerate(pages):
        at = first + 3 * number
        contents = b"/Contents %d 0 R" % (at + 1) if content else b""
        shown = b"/XObject<</I %d 0 R>>" % (at + 2) if picture else b""
        objects += [
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F 3 0 R>>" + shown + b">>"
            + contents + more + b">>",
            content or b"null",
            picture or b"null",
        ]  # fmt: skip
    data = _file(objects)
    return data if xref else broken(data)


def _typeset(text: str) -> bytes:
    lines = text.split("\n")
    shown = b" T* ".join(b"(%b) Tj" % line.translate(_ESCAPES).encode("cp1252") for line in lines)
    return b"BT /F 12 Tf 14 TL 72 720 Td " + shown + b" ET\n"


_ESCAPES = str.maketrans({"(": r"\(", ")": r"\)", "\\": r"\\"})


def _stream(data: bytes, more: bytes = b"") -> bytes:
    return b"<<%b/Length %d>>stream\n%b\nendstream" % (more, len(data), data)


def _file(objects: Sequence[bytes]) -> bytes:
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, content))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, table))
    return out.getvalue()


def png(width: int = 2, height: int = 2, colour: tuple[int, int, int] = (255, 0, 0)) -> bytes:
    """A picture of one colour."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = (b"\0" + bytes(colour) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
