"""Answers of an upstream that speaks Anthropic's Messages API."""

from __future__ import annotations

from msgspec import Raw

from ..play import JSON, Bytes, Call, Says, Text, Thought, Tokens, fragments
from .chat import Json, dump

STOPS = {"end": "end_turn", "length": "max_tokens", "tools": "tool_use", "filter": "refusal"}
SIGNATURE = "c3VpdGUvc2lnbmF0dXJl+MTIzNDU2Nzg5MA=="
"""Of every thinking block the suite's upstream sends."""


def usage(tokens: Tokens) -> Json:
    """The `usage` object."""
    return {
        "input_tokens": tokens.prompt - tokens.cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": tokens.cached,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": tokens.output,
        "service_tier": "standard",
    }


def record(event: Json) -> bytes:
    """An SSE record, named by its type."""
    return b"event: " + str(event["type"]).encode() + b"\ndata: " + dump(event) + b"\n\n"


def _message(id: str, model: str, content: list[Json], stop: str | None, tokens: Tokens) -> Json:
    return {
        "id": "msg_" + id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": usage(tokens),
    }


def stop_of(content: Says) -> str:
    """The stop reason."""
    calls = any(isinstance(part, Call) for part in content.parts)
    return STOPS[content.stop] if content.stop else "tool_use" if calls else "end_turn"


def whole(content: Says, id: str, model: str) -> bytes:
    """A whole message."""
    blocks: list[Json] = []
    for number, part in enumerate(content.parts):
        match part:
            case Text(text):
                blocks.append({"type": "text", "text": text})
            case Thought(text):
                blocks.append({"type": "thinking", "thinking": text, "signature": SIGNATURE})
            case Call(name, args, call_id):
                input = Raw(args.encode())
                blocks.append(
                    {"type": "tool_use", "id": call_id or f"toolu_{id}_{number}", "name": name, "input": input}
                )
    return dump(_message(id, model, blocks, stop_of(content), content.usage or Tokens()))


def stream(content: Says, id: str, model: str, with_usage: bool) -> bytes:
    """A message's stream; usage is always in it."""
    tokens = content.usage or Tokens()
    start = _message(id, model, [], None, Tokens(tokens.prompt, 1, tokens.cached))
    events: list[Json] = [{"type": "message_start", "message": start}, {"type": "ping"}]
    for index, part in enumerate(content.parts):
        events += _block(index, part, id, content.piece)
    delta = {"stop_reason": stop_of(content), "stop_sequence": None}
    events.append({"type": "message_delta", "delta": delta, "usage": {"output_tokens": tokens.output}})
    events.append({"type": "message_stop"})
    return b"".join(map(record, events))


def _block(index: int, part: Text | Thought | Call, id: str, piece: int) -> list[Json]:
    start: Json
    deltas: list[Json]
    match part:
        case Text(text):
            start = {"type": "text", "text": ""}
            deltas = [{"type": "text_delta", "text": each} for each in fragments(text, piece)]
        case Thought(text):
            start = {"type": "thinking", "thinking": "", "signature": ""}
            deltas = [{"type": "thinking_delta", "thinking": each} for each in fragments(text, piece)]
            deltas.append({"type": "signature_delta", "signature": SIGNATURE})
        case Call(name, args, call_id):
            start = {"type": "tool_use", "id": call_id or f"toolu_{id}_{index}", "name": name, "input": {}}
            deltas = [{"type": "input_json_delta", "partial_json": ""}]
            deltas += [{"type": "input_json_delta", "partial_json": each} for each in fragments(args, piece)]
    return [
        {"type": "content_block_start", "index": index, "content_block": start},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def refusal(status: int, kind: str, message: str, **headers: str) -> Bytes:
    """An error answer; `retry_after="7"` becomes the header `retry-after`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_suite"}
    return Bytes(status, JSON | named, dump(body))
