"""Opaque tokens in `thoughtSignature`: Gemini's own as they are, those of other providers packed.

The field is base64 of bytes. A signature of another dialect is packed as the base64 of `lb1.<origin>.<signature>`
(`lb1r.` for thinking that is not readable), so that the client carries it and the target that made it gets it back
exactly (P54, P55). Google's placeholder for histories that another model made is nobody's signature.
"""

from __future__ import annotations

import base64
import binascii

from msgspec import Struct

from .types import DIALECT

PLACEHOLDER = "skip_thought_signature_validator"
"""What Google documents for calls that Gemini did not make itself (ai.google.dev, "Thought signatures", FAQ)."""
_PLACEHOLDERS = frozenset(
    word
    for each in (PLACEHOLDER, "context_engineering_is_the_way_to_go")
    for word in (each, base64.b64encode(each.encode()).decode())
)
_MARK, _REDACTED = "lb1.", "lb1r."
_HEAD = base64.b64encode(b"lb1").decode()


class Signature(Struct, frozen=True):
    """A token, the dialect that made it, and whether it is all there is of a thought."""

    text: str = ""
    origin: str = ""
    redacted: bool = False


def pack(signature: Signature) -> str:
    """What a client of this dialect sees."""
    if not signature.text or signature.origin == DIALECT:
        return signature.text
    mark = _REDACTED if signature.redacted else _MARK
    return base64.b64encode(f"{mark}{signature.origin}.{signature.text}".encode("utf-8", "surrogatepass")).decode()


def unpack(text: str) -> Signature:
    """What stands in the field. What looks packed but was not packed here is Gemini's own."""
    if not text or text in _PLACEHOLDERS:
        return Signature()
    if text.startswith(_HEAD):
        # The SDKs keep bytes, and write them in the other alphabet of base64.
        plain = text.replace("-", "+").replace("_", "/")
        found = _unpacked(plain)
        if found is not None and pack(found) == plain:
            return found
    return Signature(text, DIALECT)


def _unpacked(text: str) -> Signature | None:
    try:
        inner = base64.b64decode(text, validate=True).decode("utf-8", "surrogatepass")
    except (binascii.Error, UnicodeError, ValueError):
        return None
    mark, _, rest = inner.partition(".")
    origin, found, signature = rest.partition(".")
    return Signature(signature, origin, f"{mark}." == _REDACTED) if found and f"{mark}." in (_MARK, _REDACTED) else None
