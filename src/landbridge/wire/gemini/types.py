"""Flat Structs of Gemini's answers, and the words of the dialect.

Made so that an unknown field never fails to decode. `Raw` fields default to an empty `Raw`, because `Raw | None`
decodes nothing but null. Requests are read field by field instead (`fields.py`), because their names have two
spellings.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw, Struct

from ...neutral.events import Reason
from ...neutral.parts import NONE

DIALECT = "gemini"


class Call(Struct, rename="camel"):
    """`functionCall`: whole, with its arguments as an object."""

    name: Any = None
    id: Any = None
    args: Raw = NONE


class Piece(Struct, rename="camel"):
    """A part of an answer's content. What has neither text nor a call is opaque, and its raw form is looked up."""

    text: str | None = None
    thought: Any = None
    thought_signature: Any = None
    function_call: Call | None = None


class Content(Struct, rename="camel"):
    """What the candidate says."""

    parts: list[Piece] | None = None


class Candidate(Struct, rename="camel"):
    """One candidate."""

    content: Content | None = None
    finish_reason: Any = None
    finish_message: Any = None
    index: Any = None
    grounding_metadata: Raw = NONE
    citation_metadata: Raw = NONE
    url_context_metadata: Raw = NONE
    logprobs_result: Raw = NONE


class Feedback(Struct, rename="camel"):
    """`promptFeedback`: why there is no candidate."""

    block_reason: Any = None
    block_reason_message: Any = None


class Chunk(Struct, rename="camel"):
    """A `GenerateContentResponse`: a chunk of a stream, or a whole answer."""

    candidates: list[Candidate] | None = None
    prompt_feedback: Feedback | None = None
    usage_metadata: Raw = NONE
    model_version: Any = None
    response_id: Any = None
    error: Raw = NONE


class _RawContent(Struct, rename="camel"):
    parts: list[Raw] | None = None


class _RawCandidate(Struct, rename="camel"):
    content: _RawContent | None = None


class RawChunk(Struct, rename="camel"):
    """The same, with its parts as they came."""

    candidates: list[_RawCandidate] | None = None


class WireContent(Struct):
    """A content of a request."""

    role: str | None = None
    parts: Raw = NONE


class WirePart(Struct, rename={"signature": "thoughtSignature", "call": "functionCall", "result": "functionResponse"}):
    """A part of a request's content, in both spellings; raw, because only one of them means something."""

    text: Raw = NONE
    thought: bool | None = None
    signature: str | None = None
    thought_signature: str | None = None
    call: Raw = NONE
    function_call: Raw = NONE
    result: Raw = NONE
    function_response: Raw = NONE
    inlineData: Raw = NONE
    inline_data: Raw = NONE
    fileData: Raw = NONE
    file_data: Raw = NONE


class WireCall(Struct):
    """`functionCall`."""

    id: str | None = None
    name: str | None = None
    args: Raw = NONE


class WireResult(Struct):
    """`functionResponse`."""

    id: str | None = None
    name: str | None = None
    response: Raw = NONE
    parts: Raw = NONE


class WireBlob(Struct):
    """`inlineData` or `fileData`, in both spellings."""

    data: str = ""
    mimeType: str = ""
    mime_type: str = ""
    displayName: str = ""
    display_name: str = ""
    fileUri: str = ""
    file_uri: str = ""


NOTES = {
    "groundingMetadata": "grounding_metadata",
    "citationMetadata": "citation_metadata",
    "urlContextMetadata": "url_context_metadata",
    "logprobsResult": "logprobs_result",
}
"""Records of a candidate that have no neutral place, with their attributes."""

decode_chunk = msgspec.json.Decoder(Chunk).decode
decode_chunks = msgspec.json.Decoder(list[Raw]).decode
decode_raw_chunk = msgspec.json.Decoder(RawChunk).decode
decode_object = msgspec.json.Decoder(dict[str, Raw]).decode
encode = msgspec.json.Encoder().encode

FINISH_READ = {
    "STOP": Reason.END,
    "MAX_TOKENS": Reason.LENGTH,
    "CONTINUATION": Reason.LENGTH,
    "SAFETY": Reason.CONTENT_FILTER,
    "RECITATION": Reason.CONTENT_FILTER,
    "LANGUAGE": Reason.CONTENT_FILTER,
    "BLOCKLIST": Reason.CONTENT_FILTER,
    "PROHIBITED_CONTENT": Reason.CONTENT_FILTER,
    "SPII": Reason.CONTENT_FILTER,
    "IMAGE_SAFETY": Reason.CONTENT_FILTER,
    "IMAGE_PROHIBITED_CONTENT": Reason.CONTENT_FILTER,
    "IMAGE_RECITATION": Reason.CONTENT_FILTER,
    "MODEL_ARMOR": Reason.CONTENT_FILTER,
    "ESCALATION": Reason.CONTENT_FILTER,
    "PUP_LIMITED_DISABLED": Reason.CONTENT_FILTER,
}
"""Words of `finishReason`. Every other word is an ordinary end, but for those of `BROKEN`."""

BROKEN = {
    "MALFORMED_FUNCTION_CALL": "a tool call that cannot be read",
    "MALFORMED_RESPONSE": "an answer that cannot be read",
    "UNEXPECTED_TOOL_CALL": "a call of a tool that it was not given",
    "TOO_MANY_TOOL_CALLS": "too many calls of Google's own tools",
    "MISSING_THOUGHT_SIGNATURE": "nothing, because the history lacks a thought signature",
}
"""Words of `finishReason` that mean that there is no whole answer, with what the model wrote instead."""

FINISH_WRITTEN = {
    Reason.END: "STOP",
    Reason.LENGTH: "MAX_TOKENS",
    Reason.TOOLS: "STOP",
    Reason.STOP_SEQUENCE: "STOP",
    Reason.REFUSAL: "PROHIBITED_CONTENT",
    Reason.CONTENT_FILTER: "SAFETY",
    Reason.PAUSE: "STOP",
    Reason.CONTEXT_FULL: "MAX_TOKENS",
}


def word(value: Any) -> str:
    """A string of the wire; empty for anything else."""
    return value if isinstance(value, str) else ""


def one_line(raw: Raw | bytes) -> bytes:
    """JSON without line breaks: Google prints whole answers with indentation, and a record is one line."""
    text = bytes(raw)
    return msgspec.json.format(text, indent=-1) if b"\n" in text or b"\r" in text else text
