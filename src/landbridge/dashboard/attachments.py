"""Files that are given with a question: what they are is seen in their first bytes, not believed of their names."""

from __future__ import annotations

import base64

from ..store.conversation import File
from .words import _

MB = 1_000_000
LARGEST_IMAGE = 5 * MB
"""Providers take no larger one."""
LARGEST_PDF = 20 * MB
LARGEST_TEXT = 1 * MB
MOST = 20
"""Files of one question."""
LARGEST = LARGEST_PDF
"""Bytes of any file."""
_SIGNS = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))


class Unfit(Exception):
    """A file that cannot be sent; the message says why, and is for the reader."""


def attach(name: str, data: bytes) -> File:
    """A file to send. Raises `Unfit`."""
    name = name.replace("\\", "/").rpartition("/")[2][:200] or _("file")
    type = _type_of(data)
    if not data:
        raise Unfit(_("{name} is empty.", name=name))
    if not type:
        raise Unfit(_("{name} is no image (PNG, JPEG, GIF, WebP), PDF or text.", name=name))
    most = LARGEST_IMAGE if type.startswith("image/") else LARGEST_PDF if type == "application/pdf" else LARGEST_TEXT
    if len(data) > most:
        raise Unfit(
            _("{name} has {size:.1f} MB; {most:.0f} MB are possible.", name=name, size=len(data) / MB, most=most / MB)
        )
    return File(name=name, type=type, data=base64.b64encode(data).decode())


def _type_of(data: bytes) -> str:
    """Its media type; empty for what nobody could read."""
    for sign, type in _SIGNS:
        if data.startswith(sign):
            return type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if b"%PDF-" in data[:1024]:
        return "application/pdf"
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return ""
    return "" if "\0" in text else "text/plain"
