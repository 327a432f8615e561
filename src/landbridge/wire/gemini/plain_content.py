"""The short way for contents of a request as clients mostly write them: text, calls and results, in camelCase.

What has anything else (the other spelling, media, a result that is no string, a field nobody knows) takes the way of
`read_parts.py`, which gives the same for these and says what is wrong.
"""

from __future__ import annotations

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from ...neutral.parts import Part, Text, Thinking, ToolResult
from .identifiers import own_id, read_name
from .read_parts import UNSIGNED, read_call
from .signatures import unpack
from .types import WireCall


class _Said(Struct, forbid_unknown_fields=True):
    output: str | UnsetType = UNSET
    result: str | UnsetType = UNSET
    error: str | UnsetType = UNSET


class _Result(Struct, forbid_unknown_fields=True):
    response: _Said
    id: str | None = None
    name: str | None = None


class _Part(
    Struct,
    forbid_unknown_fields=True,
    rename={"signature": "thoughtSignature", "call": "functionCall", "result": "functionResponse"},
):
    text: str | UnsetType = UNSET
    thought: bool | None = None
    signature: str | None = None
    call: WireCall | None = None
    result: _Result | None = None


class _Content(Struct):
    parts: list[_Part]
    role: str | None = None


_decode = msgspec.json.Decoder(_Content).decode


def read_plain(raw: Raw) -> tuple[str, list[Part]] | None:
    """Role and parts of the content in `raw` if it is plain; None for any other."""
    try:
        content = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    parts: list[Part] = []
    for wire in content.parts:
        part = _read_part(wire)
        if part is None:
            return None
        parts.append(part)
    return content.role or "", parts


def _read_part(part: _Part) -> Part | None:
    signature = unpack(part.signature) if part.signature else UNSIGNED
    if part.call is not None:
        return read_call(part.call, signature) if part.call.name else None
    if part.result is not None:
        return _read_result(part.result)
    if part.text is UNSET:
        return None
    if part.thought:
        return Thinking(part.text, signature.text, signature.redacted, signature.origin)
    return Text(part.text, signature.text, signature.origin)


def _read_result(result: _Result) -> ToolResult | None:
    said = [
        text for text in (result.response.output, result.response.result, result.response.error) if text is not UNSET
    ]
    if len(said) != 1:
        return None
    name = result.name or ""
    texts = (Text(said[0]),) if said[0] else ()
    return ToolResult(own_id(result.id or "", name), texts, result.response.error is not UNSET, read_name(name))
