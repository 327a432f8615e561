"""The short way for chunks of a stream that are one piece of text: nearly all of them, and each of them costs.

Everything else (calls, signatures, endings, notes, errors, a second part or candidate) takes the way of `answer.py`,
which gives the same for these.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Raw, Struct

from ...neutral.parts import NONE


class PlainPart(Struct, forbid_unknown_fields=True):
    """A part that is text."""

    text: str
    thought: bool = False


class _Content(Struct):
    parts: tuple[PlainPart]


class _Candidate(Struct, rename="camel"):
    content: _Content
    index: Literal[0] = 0
    finish_reason: None = None
    finish_message: None = None
    grounding_metadata: None = None
    citation_metadata: None = None
    url_context_metadata: None = None
    logprobs_result: None = None


class PlainChunk(Struct, rename="camel"):
    """A chunk that says something and does nothing else but count."""

    candidates: tuple[_Candidate]
    usage_metadata: Raw = NONE
    prompt_feedback: None = None
    error: None = None


_decode = msgspec.json.Decoder(PlainChunk).decode


def read_plain(payload: bytes) -> PlainChunk | None:
    """The chunk in `payload` if it is a piece of text and nothing else; None for any other."""
    try:
        return _decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
