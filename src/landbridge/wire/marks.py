"""Whether a request's body may hold something, seen from its bytes alone: for bodies that would else pass unread.

A mention inside a text does not look so, because its quotes are escaped there.
"""

from __future__ import annotations

import re

_IMAGE = re.compile(rb'"type"\s*:\s*"(?:image|image_url|input_image)"|"inline_?[dD]ata"')
_DOCUMENT = re.compile(rb'"type"\s*:\s*"(?:document|file|input_file)"|"inline_?[dD]ata"')
_WEB_TOOL = re.compile(
    rb'"type"\s*:\s*"web_(?:search|fetch)|"(?:google_?[sS]earch|url_?[cC]ontext|web_search_options)"\s*:'
)


def may_hold_image(body: bytes) -> bool:
    """An image, in any dialect."""
    return _IMAGE.search(body) is not None


def may_hold_document(body: bytes) -> bool:
    """A document, in any dialect."""
    return _DOCUMENT.search(body) is not None


def may_hold_web_tool(body: bytes) -> bool:
    """A web search or fetch that the provider is to run, in any dialect."""
    return _WEB_TOOL.search(body) is not None
