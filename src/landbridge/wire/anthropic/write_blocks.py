"""Parts to content blocks, as plain values with raw JSON inside; what cannot be carried is reported."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from msgspec import Raw

from ...neutral.blocks import is_whole
from ...neutral.parts import (
    Audio,
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
from ..ids import to_safe
from ..written import Loss
from .types import DIALECT

Block = dict[str, object]
Lose = Callable[[str, str], None]
"""`(path, why)`: report something that cannot be carried."""


class Losses:
    """Collects what could not be carried."""

    def __init__(self) -> None:
        self.all: list[Loss] = []

    def __call__(self, path: str, why: str) -> None:
        """Report one."""
        self.all.append(Loss(path, why))


def write_block(part: Part, path: str, lose: Lose) -> Block | Raw | None:
    """The block of a part, for a provider; None where nothing is left to say."""
    match part:
        case Text():
            return _text(part)
        case Image():
            return _marked({"type": "image", "source": _image_source(part)}, part.cache)
        case Document():
            return _document(part, path, lose)
        case Thinking():
            return _thinking(part, path, lose)
        case ToolCall():
            return _tool_use(part)
        case ToolResult():
            return _tool_result(part, path, lose)
        case ToolReference():
            return {"type": "tool_reference", "tool_name": part.name}
        case Opaque() | Audio():
            return _foreign(part, path, lose)


def _foreign(part: Opaque | Audio, path: str, lose: Lose) -> Block | Raw:
    """What has no block of its own: said in the conversation, so that the model knows something was there."""
    if isinstance(part, Audio):
        lose(path, "the Messages API takes no audio")
        return {"type": "text", "text": "[audio that cannot be heard here]"}
    if part.dialect == DIALECT:
        return part.raw
    lose(path, f"a '{part.name}' block of {part.dialect} has no place in the Messages API")
    return {"type": "text", "text": f"[a {part.name} that cannot be shown here]"}


def _tool_use(part: ToolCall) -> Block:
    block: Block = {"type": "tool_use", "id": to_safe(part.id), "name": part.name, "input": _object(part.args)}
    return _marked(block, part.cache)


def _text(part: Text) -> Block | None:
    """Empty text is refused by the API (P61)."""
    if not part.text.strip():
        return None
    block: Block = {"type": "text", "text": part.text}
    if bytes(part.citations):
        block["citations"] = part.citations
    return _marked(block, part.cache)


def _marked(block: Block, cache: Raw) -> Block:
    if bytes(cache):
        block["cache_control"] = cache
    return block


def _image_source(part: Image) -> Block:
    if part.file_id:
        return {"type": "file", "file_id": part.file_id}
    if part.data:
        return {"type": "base64", "media_type": part.media_type or "image/png", "data": part.data}
    return {"type": "url", "url": part.url}


def _document(part: Document, path: str, lose: Lose) -> Block:
    block: Block = {"type": "document", "source": _document_source(part, path, lose)}
    if part.title:
        block["title"] = part.title
    if part.context:
        block["context"] = part.context
    if bytes(part.citations):
        block["citations"] = part.citations
    return _marked(block, part.cache)


def _document_source(part: Document, path: str, lose: Lose) -> Block:
    if part.file_id:
        return {"type": "file", "file_id": part.file_id}
    if part.url:
        return {"type": "url", "url": part.url}
    if part.parts:
        return {"type": "content", "content": [write_block(inner, path, lose) for inner in part.parts]}
    if part.data and part.media_type.startswith("text/"):
        return {"type": "text", "media_type": "text/plain", "data": _decoded(part.data)}
    if part.data:
        return {"type": "base64", "media_type": part.media_type or "application/pdf", "data": part.data}
    return {"type": "text", "media_type": "text/plain", "data": part.text}


def _decoded(data: str) -> str:
    try:
        return base64.b64decode(data).decode("utf-8", "replace")
    except binascii.Error:
        return data


def _thinking(part: Thinking, path: str, lose: Lose) -> Block | None:
    """Only what Anthropic itself signed goes back to it; a signature is never made up (P54, P55)."""
    if part.origin != DIALECT or not part.signature:
        lose(path, "thinking that Anthropic did not sign is left out")
        return None
    if part.redacted:
        return {"type": "redacted_thinking", "data": part.signature}
    return {"type": "thinking", "thinking": part.text, "signature": part.signature}


def _tool_result(part: ToolResult, path: str, lose: Lose) -> Block:
    block: Block = {"type": "tool_result", "tool_use_id": to_safe(part.id)}
    inner = [write_block(each, f"{path}.parts[{number}]", lose) for number, each in enumerate(part.parts)]
    content = [each for each in inner if each is not None]
    if content:
        block["content"] = content
    if part.is_error:
        block["is_error"] = True
    return _marked(block, part.cache)


def _object(args: Raw) -> Raw | Block:
    """The API takes objects only; anything else is put into one, where the model can still see it."""
    text = bytes(args).decode("utf-8", "replace")
    if not is_whole(text):
        return {"value": text}
    return args if text.lstrip().startswith("{") else {"value": args}
