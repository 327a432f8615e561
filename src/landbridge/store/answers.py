"""An answer as it went over a wire, whole or streamed, to what was said in it."""

from __future__ import annotations

from itertools import count

import msgspec
from msgspec import Raw, Struct

from ..errors import GatewayError
from ..neutral.events import Delta, Usage
from ..neutral.parts import Opaque, Text, Thinking, ToolCall
from ..neutral.response import Response, collect
from ..wire.dialects import DIALECTS, LEGACY, dialect


class Said(Struct, frozen=True):
    """What an answer says."""

    response: Response | None
    """None where it is an error, or was never completed."""
    error: str = ""
    text: str = ""
    """What a person would read of it, as far as it came."""
    usage: Usage = Usage()


def read_answer(name: str, status: int, body: bytes) -> Said:
    """What a body in the dialect `name` says. Never raises: what cannot be read is said in `error`."""
    try:
        return _read(name, status, body)
    except GatewayError as error:
        return Said(None, error.text)


def dialect_of(url: str) -> str:
    """The dialect of an upstream's endpoint; empty where it is none that generates."""
    path = url.partition("?")[0]
    ends = {"/messages": "anthropic", "/chat/completions": "openai_chat", "/responses": "openai_responses"}
    if "GenerateContent" in path or ":generateContent" in path:
        return "gemini"
    return next((name for end, name in ends.items() if path.endswith(end)), "")


def _read(name: str, status: int, body: bytes) -> Said:
    if not body.strip():
        return Said(None, f"Status {status}, without a body." if status else "No answer came.")
    if name not in {**DIALECTS, **LEGACY}:
        return Said(None, "It is no answer of a model.", body.decode("utf-8", "replace"))
    made, known = count(1), dialect(name)
    if status >= 400:
        raise known.read_error(status, body, "upstream", {})

    def new_id(prefix: str) -> str:
        return f"{prefix}{next(made)}"

    if not _is_stream(body):
        return _said(known.read_response(body, new_id, "upstream"))
    reader = known.reader(new_id, "upstream")
    events = [*reader.feed(_as_events(body)), *reader.close()]
    try:
        return _said(collect(events))
    except GatewayError as error:
        text = "".join(event.text for event in events if isinstance(event, Delta))
        return Said(None, error.text, text)


def _as_events(body: bytes) -> bytes:
    """Gemini's stream as one JSON list, as the events it would be otherwise."""
    if body.lstrip()[:1] != b"[":
        return body
    try:
        return b"".join(b"data: %b\n\n" % bytes(each) for each in msgspec.json.decode(body, type=list[Raw]))
    except msgspec.DecodeError:
        return body


def _is_stream(body: bytes) -> bool:
    """Whether it is a stream of events (or Gemini's list), and not one object."""
    return body.lstrip()[:1] != b"{"


def _said(response: Response) -> Said:
    return Said(response, "", "\n\n".join(filter(None, map(_words, response.parts))), response.usage)


def _words(part: object) -> str:
    match part:
        case Text():
            return part.text
        case Thinking():
            return f"(thinking) {part.text}" if part.text else "(thinking, not readable)"
        case ToolCall():
            return f"{part.name} {_compact(bytes(part.args))}"
        case Opaque():
            return f"({part.name})"
    return f"({type(part).__name__.lower()})"


def _compact(args: bytes) -> str:
    try:
        return msgspec.json.encode(msgspec.json.decode(args)).decode()
    except msgspec.DecodeError:
        return args.decode("utf-8", "replace")
