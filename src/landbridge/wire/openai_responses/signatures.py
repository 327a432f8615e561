"""Reasoning items and the signatures that stand for them.

A reasoning item's id and ciphertext are kept together, because OpenAI refuses one without the other: as JSON in
`Thinking.signature`, with how its text was cut into parts. Signatures of other providers travel to clients of this
dialect in the place of the ciphertext, as `lb1.<dialect>.<base64url>` (`lb1r.` for unreadable thinking), and come
back to who made them exactly (P54, P55).
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

import msgspec
from msgspec import Struct

from ...neutral.parts import Thinking
from .types import DIALECT, FAULTS, Item, encode, piece_decoder, raws_decoder, word

MARK = "lb1."
MARK_REDACTED = "lb1r."
BETWEEN = "\n\n"
"""Stands between two parts of a summary that become one text."""


class Token(Struct, omit_defaults=True):
    """What a signature of this dialect holds of a reasoning item."""

    id: str = ""
    encrypted_content: str = ""
    parts: list[int] = []
    """Characters of each part of the summary, if it has several."""


_decode_token = msgspec.json.Decoder(Token).decode


def pack(signature: str, origin: str, redacted: bool) -> str:
    """Another provider's signature as a client of this dialect sees it."""
    mark = MARK_REDACTED if redacted else MARK
    return f"{mark}{origin}.{base64.urlsafe_b64encode(signature.encode()).decode().rstrip('=')}"


def _unpack(text: str) -> tuple[str, str, bool] | None:
    """(signature, origin, redacted) of what `pack` made; None for anything else."""
    redacted = text.startswith(MARK_REDACTED)
    origin, _, code = text.removeprefix(MARK_REDACTED if redacted else MARK).partition(".")
    try:
        found = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4)).decode()
    except (binascii.Error, UnicodeError, ValueError):
        return None
    return (found, origin, redacted) if origin and pack(found, origin, redacted) == text else None


def texts_of(item: Item) -> list[str]:
    """The readable parts of a reasoning item: its summary, or the reasoning itself where there is none."""
    for raw in (item.summary, item.content):
        try:
            pieces = [piece_decoder.decode(each) for each in raws_decoder.decode(raw)]
        except FAULTS:
            continue
        if texts := [piece.text for piece in pieces if isinstance(piece.text, str) and piece.text]:
            return texts
    return []


def sign(item: Item, lengths: list[int]) -> tuple[str, str, bool]:
    """(signature, origin, redacted) of a reasoning item whose readable parts have these lengths."""
    encrypted = word(item.encrypted_content)
    if encrypted.startswith((MARK, MARK_REDACTED)):
        # What looks packed but was not packed here is nobody's: no target would take it.
        return _unpack(encrypted) or ("", "", False)
    if not encrypted:
        return "", "", False  # nothing to replay
    token = Token(word(item.id), encrypted, lengths if len(lengths) > 1 else [])
    return encode(token).decode(), DIALECT, not lengths


def read_reasoning(item: Item) -> Thinking:
    """The thinking a client of this dialect means by a reasoning item."""
    parts = texts_of(item)
    signature, origin, redacted = sign(item, list(map(len, parts)))
    return Thinking(BETWEEN.join(parts), signature=signature, redacted=redacted, origin=origin)


def token_of(signature: str) -> Token:
    """What a signature of this dialect holds."""
    try:
        return _decode_token(signature)
    except (*FAULTS, UnicodeEncodeError):
        return Token(encrypted_content=signature)


def own_id(signature: str, origin: str) -> str:
    """The id a signature is bound to; empty if it is to none."""
    return token_of(signature).id if origin == DIALECT and signature else ""


def summary_of(text: str, token: Token) -> list[dict[str, Any]]:
    """The text as the parts it was made of."""
    parts: list[str] = []
    at = 0
    for length in token.parts:
        parts.append(text[at : at + length])
        at += length + len(BETWEEN)
    if BETWEEN.join(parts) != text:
        parts = [text] if text else []
    return [{"type": "summary_text", "text": part} for part in parts]


def reasoning_item(id: str, text: str, signature: str, origin: str, redacted: bool) -> dict[str, Any]:
    """A reasoning item as clients get it. A ciphertext under another id than its own is packed, like a foreign one."""
    item: dict[str, Any] = {"id": id, "type": "reasoning", "summary": summary_of(text, Token())}
    token = token_of(signature) if origin == DIALECT else Token()
    if signature and token.id == id:
        item |= {"summary": summary_of(text, token), "encrypted_content": token.encrypted_content}
    elif signature:
        item["encrypted_content"] = pack(signature, origin, redacted)
    return item
