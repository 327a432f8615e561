"""One kept response: what was given, what came back, and the response it went on from. Items stay the bytes they were.

A conversation is a chain of entries. Its items in their order, always the same bytes, are what a model is shown again:
prompt caches match exact prefixes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Raw, Struct

OVERHEAD = 256
"""Bytes an entry takes beside its content."""

_fields = msgspec.json.Decoder(dict[str, Raw]).decode
_array = msgspec.json.Decoder(list[Raw]).decode
_string = msgspec.json.Decoder(str).decode
FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _Response(Struct):
    id: str = ""
    output: Raw = Raw(b"[]")


_decode = msgspec.json.Decoder(_Response).decode


class Entry(Struct, frozen=True):
    """A response and its input."""

    id: str
    previous: str
    """The response it goes on from; empty: it began the conversation."""
    created: float
    items: bytes
    """The input given with it, as a JSON array."""
    response: bytes
    """The response as the client got it."""

    @property
    def size(self) -> int:
        """Bytes it takes, about."""
        return len(self.items) + len(self.response) + OVERHEAD


def made(response: bytes, body: bytes, now: float) -> Entry | None:
    """The entry of a response to a request's `body`; None for what is none."""
    try:
        fields, answered = _fields(body), _decode(response)
    except FAULTS:
        return None
    if not answered.id:
        return None
    previous = text_of(fields.get("previous_response_id"))
    return Entry(answered.id, previous, now, items_of(fields.get("input")), bytes(response))


def text_of(raw: Raw | None) -> str:
    """The text in a field; empty where it is absent or none."""
    try:
        return "" if raw is None else _string(raw)
    except FAULTS:
        return ""


def items_of(given: Raw | None) -> bytes:
    """`input` as a JSON array: a text is one message of the user."""
    raw = b"" if given is None else bytes(given).strip()
    if raw[:1] == b"[":
        return raw
    if raw[:1] != b'"':
        return b"[]"
    return b'[{"type":"message","role":"user","content":[{"type":"input_text","text":' + raw + b"}]}]"


def output_of(response: bytes) -> bytes:
    """The items of a response, as a JSON array."""
    return bytes(_decode(response).output)


def joined(arrays: Iterable[bytes]) -> bytes:
    """JSON arrays as one, every item as it was."""
    inner = (array.strip()[1:-1].strip() for array in arrays)
    return b"[" + b",".join(each for each in inner if each) + b"]"


def history(chain: Sequence[Entry]) -> bytes:
    """The items of a conversation, oldest first: what was given and what was answered, in turn."""
    return joined(part for entry in chain for part in (entry.items, output_of(entry.response)))


def input_items(chain: Sequence[Entry]) -> list[dict[str, object]]:
    """The input of the last response of `chain`, all earlier turns included, as the API lists it: each with an id."""
    listed: list[dict[str, object]] = []
    for number, entry in enumerate(chain):
        listed += [_listed(raw, entry.id, at) for at, raw in enumerate(_array(entry.items))]
        if number < len(chain) - 1:
            listed += [dict(_fields(raw)) for raw in _array(output_of(entry.response))]
    return listed


_PREFIXES = {"message": "msg_", "function_call": "fc_", "reasoning": "rs_", "custom_tool_call": "ctc_"}


def _listed(raw: Raw, response_id: str, at: int) -> dict[str, object]:
    """An item of the input, with what the API adds to it."""
    if bytes(raw)[:1] == b'"':
        item: dict[str, object] = {"type": "message", "role": "user", "content": raw}
    else:
        item = dict(_fields(raw))
    kind = text_of(kept) if isinstance(kept := item.get("type"), Raw) else "message"
    item.setdefault("type", "message")
    if "id" not in item:
        item["id"] = f"{_PREFIXES.get(kind, 'item_')}{response_id.rpartition('_')[2]}{at:02d}i"
    if kind == "message":
        item.setdefault("status", "completed")
        content = item.get("content")
        if isinstance(content, Raw) and bytes(content)[:1] == b'"':
            role = item.get("role")
            spoken = "output_text" if isinstance(role, Raw) and text_of(role) == "assistant" else "input_text"
            item["content"] = [{"type": spoken, "text": content}]
    return item
