"""What was fetched, as text: HTML as Markdown without what the page hides, other text as it is.

Also the child's side of `apart.py`: `python -m landbridge.gateway.hosted.page`. The first line of stdin is a JSON
object (`Order`), the rest the page; stdout is a JSON object with `title` and `text`, or with `unsupported`. What a
hostile page does to the converter, it does to a process that has limits.
"""

from __future__ import annotations

import codecs
import html
import json
import re
import resource
import sys
from contextlib import suppress
from typing import TypedDict

HTML = ("text/html", "application/xhtml+xml")
PDF = "application/pdf"
TEXTS = ("application/json", "application/xml", "application/javascript", "application/yaml", "application/toml")

_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,1000})</title", re.IGNORECASE)
_BLANK = re.compile(r"\n{3,}")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_HEAD = 4096


MEMORY = 1 << 30
"""Bytes of address space; a bomb ends here."""


class Order(TypedDict):
    """What the child is given beside the page."""

    content_type: str
    url: str
    seconds: int
    """Of CPU time."""


class Unsupported(ValueError):
    """No text can be made of it."""


def kind_of(content_type: str, data: bytes) -> str:
    """The media type, from the header, or from the first bytes where there is none."""
    declared = content_type.partition(";")[0].strip().lower()
    if data.startswith(b"%PDF-"):
        return PDF
    if declared and declared != "application/octet-stream":
        return declared
    start = data[:_HEAD].lstrip()[:100].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "text/html"
    return "text/plain" if declared == "" and b"\0" not in data[:_HEAD] else "application/octet-stream"


def read_page(data: bytes, content_type: str, url: str) -> tuple[str, str]:
    """Title and text. Raises `Unsupported`."""
    kind = kind_of(content_type, data)
    if kind in HTML:
        return _read_html(_decoded(data, content_type, markup=True), url)
    if kind.startswith("text/") or kind in TEXTS or kind.endswith(("+json", "+xml")):
        return "", _clean(_decoded(data, content_type, markup=False))
    raise Unsupported(kind)


def _read_html(source: str, url: str) -> tuple[str, str]:
    # Loading it takes time and memory that a router without searches can do without.
    from html_to_markdown import ConversionOptions, convert

    options = ConversionOptions(extract_metadata=False, skip_images=True, base_url=url, strip_tags=["svg", "iframe"])
    found = _TITLE.search(source[: 1 << 20])
    title = " ".join(html.unescape(found[1]).split()) if found else ""
    try:
        text = convert(_CONTROLS.sub("", source), options).content or ""
    except Exception as error:  # its own errors share no base but this one
        raise Unsupported(f"HTML that cannot be read ({type(error).__name__})") from None
    return title, _clean(text)


def _decoded(data: bytes, content_type: str, *, markup: bool) -> str:
    for mark, charset in _BOMS:
        if data.startswith(mark):
            return data.decode(charset, "replace")
    named = re.search(r"charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{1,40})", content_type, re.IGNORECASE)
    inside = _CHARSET.search(data[:_HEAD]) if markup and named is None else None
    charset = named[1] if named else inside[1].decode("ascii") if inside else "utf-8"
    try:
        return data.decode(charset, "replace")
    except (LookupError, UnicodeError):  # no such charset, or one that is none
        return data.decode("utf-8", "replace")


def _clean(text: str) -> str:
    return _BLANK.sub("\n\n", _CONTROLS.sub("", text.replace("\r\n", "\n"))).strip()


def main() -> int:
    """Read what stdin holds."""
    order: Order = json.loads(sys.stdin.buffer.readline())
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, order["seconds"]),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):  # a system's own limit is lower, or it knows no such
            resource.setrlimit(what, (most, most))
    try:
        title, text = read_page(sys.stdin.buffer.read(), order["content_type"], order["url"])
        answer = {"title": title, "text": text}
    except Unsupported as error:
        answer = {"unsupported": str(error)}
    sys.stdout.write(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
