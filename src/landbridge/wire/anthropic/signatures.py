"""Opaque tokens of other providers inside Anthropic's `signature` field.

An Anthropic signature stays as it is. Any other (a Gemini thought signature, a Responses item's ciphertext) is packed
as `lb1.<dialect>.<base64url>`, so that the client carries it and the target that made it gets it back exactly (P54,
P55).
"""

from __future__ import annotations

import base64
import binascii

from .types import DIALECT

MARK = "lb1."


def pack(signature: str, origin: str) -> str:
    """What a client of this dialect sees as the signature."""
    if not signature or origin == DIALECT:
        return signature
    return f"{MARK}{origin}.{base64.urlsafe_b64encode(signature.encode()).decode().rstrip('=')}"


def unpack(signature: str) -> tuple[str, str]:
    """(signature, origin) of what a client sends back; no origin where there is no signature.

    What looks packed but was not packed here is nobody's: no target would take it.
    """
    if not signature.startswith(MARK):
        return signature, DIALECT if signature else ""
    origin, _, text = signature.removeprefix(MARK).partition(".")
    try:
        found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, UnicodeError, ValueError):
        return "", ""
    return (found, origin) if origin and pack(found, origin) == signature else ("", "")
