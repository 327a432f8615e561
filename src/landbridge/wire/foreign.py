"""Words for an answer that is no API answer: a web page of something in between, text, or nothing (P100)."""

from __future__ import annotations

import re

_TITLE = re.compile(rb"<title[^>]*>\s*(.*?)\s*</title>", re.I | re.S)
_LOOKED_AT = 4096
"""Bytes in which a title is looked for."""


def describe(body: bytes, origin: str, status: int) -> str:
    """What came instead of an answer of `origin`, in a sentence without its end; `status` 0: it had none."""
    shown = f" with HTTP {status}" if status else ""
    head = body[:_LOOKED_AT].lstrip()
    if head[:1] == b"<":
        title = _TITLE.search(head)
        named = f" titled '{title[1][:120].decode(errors='replace')}'" if title else ""
        return f"{origin}, or something in front of it, answered{shown} with a web page{named} instead of an API answer"
    if not head:
        return f"{origin} answered{shown} with nothing"
    return f"{origin} answered{shown} with what is no API answer: {head[:300].decode(errors='replace').strip()}"
