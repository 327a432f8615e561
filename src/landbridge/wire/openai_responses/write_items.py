"""The items of an answer, as clients of the dialect get them: shared by whole answers and streams.

Item ids are made of the response's id and the item's place, so that the same answer gets the same ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Raw

from ...neutral.events import BlockStart, Finish, Kind, Usage
from .names import Name, as_text
from .types import STATUS_WRITTEN, encode
from .usage import write_usage

Item = dict[str, Any]

REASONING, MESSAGE, FUNCTION, CUSTOM = "rs_", "msg_", "fc_", "ctc_"
"""Beginnings of item ids."""

REFUSED = "The model refused to answer."
"""Said where a refusal has no words of its own: Codex shows text only."""

REFUSAL: dict[str, Any] = {"type": "refusal", "refusal": ""}
"""The content of the message that ends a refused answer; its words came before, when nobody knew what they were."""


def item_id(prefix: str, response_id: str, index: int) -> str:
    """The id of the item at this place."""
    return f"{prefix}{response_id.rpartition('_')[2]}{index:02d}"


def message_item(id: str, text: str | None, notes: Sequence[Raw] = (), status: str = "completed") -> Item:
    """A message; without its content while it is not known."""
    content = [] if text is None else [text_piece(text, notes)]
    return {"id": id, "type": "message", "status": status, "content": content, "role": "assistant"}


def refusal_item(id: str, status: str = "completed") -> Item:
    """The message that says an answer was refused."""
    content = [REFUSAL] if status == "completed" else []
    return {"id": id, "type": "message", "status": status, "content": content, "role": "assistant"}


def text_piece(text: str, notes: Sequence[Raw] = ()) -> Item:
    """The content of a message."""
    return {"type": "output_text", "annotations": list(notes), "logprobs": [], "text": text}


def call_item(id: str, call_id: str, name: Name, args: str, status: str = "completed") -> Item:
    """A call of a function or a custom tool, under the name its client knows."""
    kind = "custom_tool_call" if name.custom else "function_call"
    item: Item = {"id": id, "type": kind, "status": status, "call_id": call_id, "name": name.name}
    if name.namespace:
        item["namespace"] = name.namespace
    return item | ({"input": as_text(args) if args else ""} if name.custom else {"arguments": args})


def call_prefix(name: Name) -> str:
    """How the id of a call's item begins."""
    return CUSTOM if name.custom else FUNCTION


def block_id(block: BlockStart, name: Name, response_id: str, index: int) -> str:
    """The id of a block's item. A ciphertext is bound to its provider's own id, if that has the dialect's form."""
    match block.kind:
        case Kind.THINKING:
            return block.id if block.id.startswith(REASONING) else item_id(REASONING, response_id, index)
        case Kind.TOOL:
            return item_id(call_prefix(name), response_id, index)
    return item_id(MESSAGE, response_id, index)


class OpenBlock:
    """A block of a stream, while it is written."""

    __slots__ = ("block", "id", "index", "name", "notes", "texts")

    def __init__(self, block: BlockStart, id: str, index: int, name: Name) -> None:
        self.block, self.id, self.index, self.name = block, id, index, name
        self.texts: list[str] = []
        self.notes: list[Raw] = []
        """Annotations of its text."""


def says_something(item: Item) -> bool:
    """Whether an item is a message with text in it."""
    return item["type"] == "message" and any(part.get("text") for part in item["content"])


def response_object(id: str, model: str, now: int, status: str, said: Item) -> Item:
    """A response; `said` are the fields its request decides."""
    return {
        "id": id,
        "object": "response",
        "created_at": now,
        "status": status,
        "completed_at": None,
        "error": None,
        "incomplete_details": None,
        "model": model,
        "output": [],
        "usage": None,
        **said,
    }


def ending(finish: Finish, usage: Usage, now: int) -> Item:
    """The fields that say how a response ended."""
    fields: Item = {"status": "completed", "completed_at": now, "usage": write_usage(usage)}
    if reason := STATUS_WRITTEN.get(finish.reason):
        fields |= {"status": "incomplete", "completed_at": None, "incomplete_details": {"reason": reason}}
    return fields


def on_one_line(fields: Item) -> bytes:
    """The fields as JSON, without the line breaks there are in what the client sent: one would end a record."""
    text = encode(fields)
    return text if _is_line(text) else msgspec.json.format(text, indent=-1)


def one_line(raw: Raw) -> Raw:
    """Raw JSON without line breaks."""
    text = bytes(raw)
    return raw if _is_line(text) else Raw(msgspec.json.format(text, indent=-1))


def _is_line(text: bytes) -> bool:
    return b"\n" not in text and b"\r" not in text
