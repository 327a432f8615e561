"""Answers of an upstream that speaks the Gemini API."""

from __future__ import annotations

from msgspec import Raw

from ..play import Call, Part, Says, Text, Thought, Tokens, fragments
from .chat import Json, dump

STOPS = {"": "STOP", "end": "STOP", "tools": "STOP", "length": "MAX_TOKENS", "filter": "SAFETY"}


def usage(tokens: Tokens) -> Json:
    """The `usageMetadata` object."""
    counts: Json = {
        "promptTokenCount": tokens.prompt,
        "candidatesTokenCount": tokens.output,
        "totalTokenCount": tokens.prompt + tokens.output,
    }
    return counts | ({"cachedContentTokenCount": tokens.cached} if tokens.cached else {})


def _pieces(part: Part, size: int) -> list[Json]:
    match part:
        case Text(text):
            return [{"text": each} for each in fragments(text, size)]
        case Thought(text):
            return [{"text": each, "thought": True} for each in fragments(text, size)]
        case Call(name, args, id):
            call: Json = {"name": name, "args": Raw(args.encode())}
            return [{"functionCall": call | ({"id": id} if id else {})}]


def _answer(parts: list[Json], stop: str, content: Says, id: str, model: str, last: bool) -> Json:
    candidate: Json = {"content": {"role": "model", "parts": parts}, "index": 0}
    body: Json = {"candidates": [candidate | ({"finishReason": stop} if last else {})]}
    if last and content.usage is not None:
        body["usageMetadata"] = usage(content.usage)
    return body | {"modelVersion": model, "responseId": id}


def whole(content: Says, id: str, model: str) -> bytes:
    """A whole answer."""
    parts = [piece for part in content.parts for piece in _pieces(part, 1 << 30)]
    return dump(_answer(parts, STOPS[content.stop], content, id, model, True))


def stream(content: Says, id: str, model: str, with_usage: bool) -> bytes:
    """An answer's stream; usage is always in its last chunk. Calls come whole, as Gemini sends them."""
    pieces = [piece for part in content.parts for piece in _pieces(part, content.piece)] or [{"text": ""}]
    chunks = [_answer([piece], "", content, id, model, False) for piece in pieces[:-1]]
    chunks.append(_answer(pieces[-1:], STOPS[content.stop], content, id, model, True))
    return b"".join(b"data: " + dump(chunk) + b"\r\n\r\n" for chunk in chunks)
