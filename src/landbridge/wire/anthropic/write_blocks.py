"""Parts to content blocks, as plain values with raw JSON inside; what the target cannot take is said in text and
reported.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from msgspec import Raw

from ...neutral.blocks import is_whole
from ...neutral.parts import (
    NONE,
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
from ...neutral.traits import Traits
from ..ids import to_safe
from ..written import Loss
from .identifiers import write_name
from .types import DIALECT

Block = dict[str, object]
Lose = Callable[[str, str], None]
"""`(path, why)`: report something that cannot be carried."""


class BlockWriter:
    """Writes the parts of one request and collects what is lost."""

    def __init__(self, traits: Traits) -> None:
        self.losses: list[Loss] = []
        self._traits = traits

    def lose(self, path: str, why: str) -> None:
        """Report something that cannot be carried."""
        self.losses.append(Loss(path, why))

    def write(self, part: Part, path: str) -> Block | Raw | None:
        """The block of a part; None where nothing is left to say."""
        match part:
            case Text():
                return _text(part)
            case Image():
                return self._image(part, path)
            case Document():
                return self._document(part, path)
            case Thinking():
                return self._thinking(part, path)
            case ToolCall():
                return _tool_use(part)
            case ToolResult():
                return self._tool_result(part, path)
            case ToolReference():
                return {"type": "tool_reference", "tool_name": write_name(part.name)}
            case Opaque() | Audio():
                return self._foreign(part, path)

    def _note(self, path: str, why: str, note: str) -> Block:
        """A loss that the model is told of, so that it knows something was there."""
        self.lose(path, why)
        return {"type": "text", "text": note}

    def _foreign(self, part: Opaque | Audio, path: str) -> Block | Raw:
        """What has no block of its own."""
        if isinstance(part, Audio):
            return self._note(path, "the Messages API takes no audio", "[audio that cannot be heard here]")
        if part.dialect == DIALECT:
            return part.raw
        why = f"a '{part.name}' block of {part.dialect} has no place in the Messages API"
        return self._note(path, why, f"[a {part.name} that cannot be shown here]")

    def _image(self, part: Image, path: str) -> Block:
        if not self._traits.images:
            return self._note(path, "this model sees no images", "[an image that cannot be seen here]")
        return _marked({"type": "image", "source": _image_source(part)}, part.cache)

    def _document(self, part: Document, path: str) -> Block:
        if not self._traits.documents and not part.text and not part.parts:
            note = f"[a document that cannot be read here: {part.title or part.media_type or 'untitled'}]"
            return self._note(path, "this model reads no documents", note)
        block: Block = {"type": "document", "source": self._document_source(part, path)}
        if part.title:
            block["title"] = part.title
        if part.context:
            block["context"] = part.context
        if bytes(part.citations):
            block["citations"] = part.citations
        return _marked(block, part.cache)

    def _document_source(self, part: Document, path: str) -> Block:
        if part.file_id:
            return {"type": "file", "file_id": part.file_id}
        if part.url:
            return {"type": "url", "url": part.url}
        if content := self._written(part.parts, path):
            return {"type": "content", "content": content}
        if part.data and part.media_type.startswith("text/"):
            return {"type": "text", "media_type": "text/plain", "data": _decoded(part.data)}
        if part.data:
            return {"type": "base64", "media_type": part.media_type or "application/pdf", "data": part.data}
        return {"type": "text", "media_type": "text/plain", "data": part.text}

    def _thinking(self, part: Thinking, path: str) -> Block | None:
        """Only what Anthropic itself signed goes back to it; a signature is never made up (P54, P55)."""
        if part.origin != DIALECT or not part.signature:
            self.lose(path, "thinking that Anthropic did not sign is left out")
            return None
        if part.redacted:
            return {"type": "redacted_thinking", "data": part.signature}
        return {"type": "thinking", "thinking": part.text, "signature": part.signature}

    def _tool_result(self, part: ToolResult, path: str) -> Block:
        block: Block = {"type": "tool_result", "tool_use_id": to_safe(part.id)}
        if content := self._written(part.parts, path):
            block["content"] = content
        if part.is_error:
            block["is_error"] = True
        return _marked(block, part.cache)

    def _written(self, parts: tuple[Part, ...], path: str) -> list[Block | Raw]:
        """The blocks of parts inside another."""
        written = (self.write(each, f"{path}.parts[{number}]") for number, each in enumerate(parts))
        return [block for block in written if block is not None]


def _tool_use(part: ToolCall) -> Block:
    block: Block = {
        "type": "tool_use",
        "id": to_safe(part.id),
        "name": write_name(part.name),
        "input": _object(part.args),
    }
    return _marked(block, part.cache)


def _text(part: Text) -> Block | None:
    """Empty text is refused by the API (P61)."""
    if not part.text or part.text.isspace():
        return None
    block: Block = {"type": "text", "text": part.text}
    if part.citations is not NONE and bytes(part.citations):
        block["citations"] = part.citations
    return _marked(block, part.cache)


def _marked(block: Block, cache: Raw) -> Block:
    if cache is not NONE and bytes(cache):
        block["cache_control"] = cache
    return block


def _image_source(part: Image) -> Block:
    if part.file_id:
        return {"type": "file", "file_id": part.file_id}
    if part.data:
        return {"type": "base64", "media_type": part.media_type or "image/png", "data": part.data}
    return {"type": "url", "url": part.url}


def _decoded(data: str) -> str:
    try:
        return base64.b64decode("".join(data.split()), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return data


def _object(args: Raw) -> Raw | Block:
    """The API takes objects only; anything else is put into one, where the model can still see it (P26, P29)."""
    text = bytes(args).decode("utf-8", "replace")
    if not text.strip():
        return {}
    if not is_whole(text):
        return {"value": text}
    return args if text.lstrip().startswith("{") else {"value": args}
