"""Content blocks to parts. A string and a list with one text block mean the same (CLIENTS.md section 7).

A type nobody knows stays as `Opaque`; only a known type with an impossible field is an error.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import Raw

from ...errors import BadRequest
from ...neutral.parts import (
    NONE,
    Document,
    Image,
    Opaque,
    Part,
    Text,
    Thinking,
    ToolCall,
    ToolReference,
    ToolResult,
)
from ..fields import decode_at, is_set
from ..ids import from_safe
from .signatures import unpack
from .types import DIALECT, WireBlock, WireSource, decode_block, decode_blocks, decode_raws, decode_source, word

_string = msgspec.json.Decoder(str)

_OF_RESULTS = (Text, Image, Document, ToolReference, Opaque)
_PLAIN = ("text", "tool_use", "tool_result", "thinking", "redacted_thinking", "tool_reference")
"""Blocks that are wholly read."""


def read_content(raw: Raw, path: str) -> tuple[Part, ...]:
    """The parts of a message's content. Raises `BadRequest`."""
    if not is_set(raw):
        return ()
    match memoryview(raw)[0]:  # `bytes(raw)` would copy all of it
        case 0x22:  # "
            text = decode_at(_string, raw, path)
            return (Text(text),) if text else ()
        case 0x5B:  # [
            if (blocks := _plain_blocks(raw)) is not None:
                return tuple([_READERS[block.type](block, NONE, f"{path}[{at}]") for at, block in enumerate(blocks)])
            raws = decode_at(decode_raws, raw, path)
            return tuple([read_block(block, f"{path}[{at}]") for at, block in enumerate(raws)])
    raise BadRequest(f"{path} is neither text nor a list of blocks.")


def _plain_blocks(raw: Raw) -> list[WireBlock] | None:
    """The blocks, decoded in one pass, if none of them may be wanted as it came; else None."""
    try:
        blocks = decode_blocks(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    for block in blocks:
        if block.type not in _PLAIN:
            return None
    return blocks


def read_block(raw: Raw, path: str) -> Part:
    """One content block."""
    block = decode_at(decode_block, raw, path)
    if not isinstance(block.type, str):
        raise BadRequest(f"{path}.type is missing.", remedy="Every content block has a type.")
    read = _READERS.get(block.type)
    if read is None:
        return Opaque(DIALECT, block.type, raw)
    return read(block, raw, path)


def _text(block: WireBlock, raw: Raw, path: str) -> Part:
    if not isinstance(block.text, str):
        raise BadRequest(f"{path}.text is not a string.")
    citations = block.citations if is_set(block.citations) else NONE
    return Text(block.text, cache=_cache(block), citations=citations)


def _image(block: WireBlock, raw: Raw, path: str) -> Part:
    source = _source(block, path)
    cache = _cache(block)
    match source.type:
        case "base64" if source.data is not None:
            return Image(data=source.data, media_type=source.media_type or "image/png", cache=cache)
        case "url" if source.url is not None:
            return Image(url=source.url, cache=cache)
        case "file" if source.file_id is not None:
            return Image(file_id=source.file_id, cache=cache)
    return Opaque(DIALECT, "image", raw)


def _document(block: WireBlock, raw: Raw, path: str) -> Part:
    source = _source(block, path)
    found = _document_of(source, path)
    if found is None:
        return Opaque(DIALECT, "document", raw)
    return msgspec.structs.replace(
        found,
        title=word(block.title),
        context=word(block.context),
        citations=block.citations if is_set(block.citations) else NONE,
        cache=_cache(block),
    )


def _document_of(source: WireSource, path: str) -> Document | None:
    match source.type:
        case "base64" if source.data is not None:
            return Document(data=source.data, media_type=source.media_type or "application/pdf")
        case "text" if source.data is not None:
            return Document(text=source.data, media_type=source.media_type or "text/plain")
        case "url" if source.url is not None:
            return Document(url=source.url)
        case "file" if source.file_id is not None:
            return Document(file_id=source.file_id)
        case "content":
            parts = read_content(source.content, f"{path}.source.content")
            return Document(parts=tuple(part for part in parts if isinstance(part, Text | Image)))
    return None


def _thinking(block: WireBlock, raw: Raw, path: str) -> Part:
    signature, origin = unpack(word(block.signature))
    return Thinking(word(block.thinking), signature=signature, origin=origin, cache=_cache(block))


def _redacted(block: WireBlock, raw: Raw, path: str) -> Part:
    signature, origin = unpack(word(block.data))
    return Thinking(signature=signature, redacted=True, origin=origin, cache=_cache(block))


def _tool_use(block: WireBlock, raw: Raw, path: str) -> Part:
    if not isinstance(block.name, str) or not block.name:
        raise BadRequest(f"{path}.name is missing.", remedy="A tool_use block names its tool.")
    args = block.input if is_set(block.input) else Raw(b"{}")
    return ToolCall(from_safe(word(block.id)), block.name, args, cache=_cache(block))


def _tool_result(block: WireBlock, raw: Raw, path: str) -> Part:
    parts = read_content(block.content, f"{path}.content")
    return ToolResult(
        from_safe(word(block.tool_use_id)),
        tuple([part for part in parts if isinstance(part, _OF_RESULTS)]),
        is_error=block.is_error is True,
        cache=_cache(block),
    )


def _tool_reference(block: WireBlock, raw: Raw, path: str) -> Part:
    return ToolReference(word(block.tool_name) or word(block.name))


def _source(block: WireBlock, path: str) -> WireSource:
    if not is_set(block.source):
        raise BadRequest(f"{path}.source is missing.")
    return decode_at(decode_source, block.source, f"{path}.source")


def _cache(block: WireBlock) -> Raw:
    return block.cache_control if is_set(block.cache_control) else NONE


_READERS: dict[str, Callable[[WireBlock, Raw, str], Part]] = {
    "text": _text,
    "image": _image,
    "document": _document,
    "thinking": _thinking,
    "redacted_thinking": _redacted,
    "tool_use": _tool_use,
    "tool_result": _tool_result,
    "tool_reference": _tool_reference,
}
