"""Tool ids between dialects: Anthropic's must match `[a-zA-Z0-9_-]+`, others take anything.

The mapping is reversible and deterministic, so that histories and caches keep fitting (P33): an id that may stand
stays, any other is written as `lbid_` and its base64url.
"""

from __future__ import annotations

import base64
import binascii
import re

PREFIX = "lbid_"
_SAFE = re.compile(r"[a-zA-Z0-9_-]+")


def to_safe(id: str) -> str:
    """The id as Anthropic's dialect takes it."""
    if _SAFE.fullmatch(id) and not id.startswith(PREFIX):
        return id
    return PREFIX + base64.urlsafe_b64encode(id.encode("utf-8", "surrogatepass")).decode().rstrip("=")


def from_safe(id: str) -> str:
    """The id that `to_safe` was given. What only looks like one of its own stays, so that no two ids become one."""
    if not id.startswith(PREFIX):
        return id
    text = id.removeprefix(PREFIX)
    try:
        found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("utf-8", "surrogatepass")
    except (binascii.Error, UnicodeError, ValueError):
        return id
    return found if to_safe(found) == id else id
