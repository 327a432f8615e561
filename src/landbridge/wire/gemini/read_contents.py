"""`contents` of a request to neutral messages.

Roles are `user`, `model` and `function`; a content without one is the user's, unless it calls. Calls without an id get
one made of their place, so that the same history has the same ids, and results without one get that of their call: by
name, else by order (P31).
"""

from __future__ import annotations

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from ...neutral.parts import Message, Part, Role, Text, Thinking, ToolCall, ToolResult
from ..fields import decode_at
from .fields import first
from .plain_content import read_plain
from .read_parts import read_part, read_parts
from .types import WireContent

_content = msgspec.json.Decoder(WireContent)

_ROLES: dict[str, Role] = {"model": "assistant", "assistant": "assistant", "system": "system", "developer": "system"}
_NOTHING = Text("")


def read_contents(raws: list[Raw]) -> tuple[Message, ...]:
    """The conversation."""
    messages: list[Message] = []
    open_calls: list[ToolCall] = []
    for number, raw in enumerate(raws):
        message = _read_content(raw, number)
        if message.role == "assistant":
            calls = [part for part in message.parts if isinstance(part, ToolCall)]
            if messages and messages[-1].role == "assistant":
                message = Message("assistant", _continued(messages.pop().parts, message.parts))
                open_calls = open_calls + calls
            else:
                open_calls = calls
        elif open_calls and any(isinstance(part, ToolResult) for part in message.parts):
            message = replace(message, parts=_paired(message.parts, open_calls))
        messages.append(message)
    return tuple(messages)


def _read_content(raw: Raw, number: int) -> Message:
    said, parts = read_plain(raw) or _read_any(raw, f"contents[{number}]")
    # A role nobody knows speaks to the model, as a user does.
    role = _ROLES.get(said, "user")
    for place, part in enumerate(parts):
        if isinstance(part, ToolCall):
            role = "assistant"
            if not part.id:
                parts[place] = replace(part, id=f"call_{number}_{place}")
    return Message(role, tuple(parts))


def _read_any(raw: Raw, path: str) -> tuple[str, list[Part]]:
    """Role and parts of any content."""
    if first(raw) == b'"':
        return "user", [read_part(raw, path)]
    content = decode_at(_content, raw, path)
    return content.role or "", list(read_parts(content.parts, f"{path}.parts"))


def _continued(said: tuple[Part, ...], more: tuple[Part, ...]) -> tuple[Part, ...]:
    """One turn of two contents: Google's SDKs keep each chunk of a stream as a content of its own.

    So text goes on in the next, up to its signature, and a chunk that said nothing is none.
    """
    parts = [part for part in said if part != _NOTHING]
    for part in more:
        if parts and (whole := _joined(parts[-1], part)) is not None:
            parts[-1] = whole
        elif part != _NOTHING:
            parts.append(part)
    return tuple(parts)


def _joined(last: Part, part: Part) -> Part | None:
    """Two pieces of the same text, of which only the second may be signed."""
    if isinstance(last, Text) and isinstance(part, Text) and not last.signature:
        return replace(part, text=last.text + part.text)
    if isinstance(last, Thinking) and isinstance(part, Thinking) and not last.signature and not part.redacted:
        return replace(part, text=last.text + part.text)
    return None


def _paired(parts: tuple[Part, ...], open_calls: list[ToolCall]) -> tuple[Part, ...]:
    """The parts, each result with the id and the name of its call; the calls that were answered are taken away."""
    answered = {part.id for part in parts if isinstance(part, ToolResult)}
    free = [call for call in open_calls if call.id not in answered]
    ids = {call.id: call for call in open_calls}
    paired: list[Part] = []
    for part in parts:
        if isinstance(part, ToolResult):
            call = ids.get(part.id) or _call_of(part, free)
            if call is not None:
                if part.id != call.id or not part.name:
                    part = replace(part, id=call.id, name=part.name or call.name)
                open_calls[:] = [each for each in open_calls if each is not call]
        paired.append(part)
    return tuple(paired)


def _call_of(result: ToolResult, free: list[ToolCall]) -> ToolCall | None:
    """The first call that has the result's name, else, if it has no name, the first of all."""
    for place, call in enumerate(free):
        if call.name == result.name or not result.name:
            return free.pop(place)
    return None
