"""Answers of an OpenAI-compatible upstream: from content, or chunk by chunk for what only this dialect does."""

from __future__ import annotations

from typing import Any

import msgspec

from ..play import JSON, PLAIN, SSE, Bytes, Call, Manner, Says, Text, Thought, Tokens, fragments

Json = dict[str, Any]

DONE = b"data: [DONE]\n\n"
STOPS = {"end": "stop", "length": "length", "tools": "tool_calls", "filter": "content_filter"}
CREATED = 1_790_000_000


def dump(value: object) -> bytes:
    """JSON as providers send it."""
    return msgspec.json.encode(value)


def usage(tokens: Tokens) -> Json:
    """The `usage` object."""
    return {
        "prompt_tokens": tokens.prompt,
        "completion_tokens": tokens.output,
        "total_tokens": tokens.prompt + tokens.output,
        "prompt_tokens_details": {"cached_tokens": tokens.cached},
    }


def chunk(delta: Json | None, finish: str | None = None, id: str = "chatcmpl-suite", model: str = "m") -> Json:
    """One chunk; without a delta it has no choices."""
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    return {"id": id, "object": "chat.completion.chunk", "created": CREATED, "model": model, "choices": choices}


def record(value: object) -> bytes:
    """An SSE record."""
    return b"data: " + dump(value) + b"\n\n"


def stop_of(content: Says) -> str:
    """The finish reason."""
    calls = any(isinstance(part, Call) for part in content.parts)
    return STOPS[content.stop] if content.stop else "tool_calls" if calls else "stop"


def call_delta(index: int, id: str | None = None, name: str | None = None, args: str | None = None) -> Json:
    """A delta with a piece of a tool call."""
    function: Json = {}
    if name is not None:
        function["name"] = name
    if args is not None:
        function["arguments"] = args
    entry: Json = {"index": index}
    if id is not None:
        entry |= {"id": id, "type": "function"}
    return {"tool_calls": [{**entry, "function": function}]}


def stream(content: Says, id: str, model: str, with_usage: bool) -> bytes:
    """A chat completion's stream."""
    deltas: list[Json] = [{"role": "assistant", "content": ""}]
    calls = 0
    for part in content.parts:
        match part:
            case Text(text):
                deltas += [{"content": piece} for piece in fragments(text, content.piece)]
            case Thought(text):
                deltas += [{"reasoning_content": piece} for piece in fragments(text, content.piece)]
            case Call(name, args, call_id):
                deltas.append(call_delta(calls, call_id or f"call_{id}_{calls}", name, ""))
                deltas += [call_delta(calls, args=piece) for piece in fragments(args, content.piece)]
                calls += 1
    chunks = [chunk(delta, id=id, model=model) for delta in deltas]
    chunks.append(chunk({}, stop_of(content), id, model))
    if with_usage and content.usage is not None:
        chunks.append(chunk(None, id=id, model=model) | {"usage": usage(content.usage)})
    return b"".join(map(record, chunks)) + DONE


def whole(content: Says, id: str, model: str) -> bytes:
    """A whole chat completion."""
    texts = [part.text for part in content.parts if isinstance(part, Text)]
    thoughts = [part.text for part in content.parts if isinstance(part, Thought)]
    calls = [part for part in content.parts if isinstance(part, Call)]
    message: Json = {"role": "assistant", "content": "".join(texts) or None}
    if thoughts:
        message["reasoning_content"] = "".join(thoughts)
    if calls:
        message["tool_calls"] = [
            {
                "id": call.id or f"call_{id}_{number}",
                "type": "function",
                "function": {"name": call.name, "arguments": call.args},
            }
            for number, call in enumerate(calls)
        ]
    choice = {"index": 0, "message": message, "finish_reason": stop_of(content)}
    body: Json = {"id": id, "object": "chat.completion", "created": CREATED, "model": model, "choices": [choice]}
    if content.usage is not None:
        body["usage"] = usage(content.usage)
    return dump(body)


def chunks(
    *deltas: Json,
    finish: str | None = "stop",
    tail: bytes = DONE,
    counts: Tokens | None = None,
    manner: Manner = PLAIN,
) -> Bytes:
    """A stream of exactly these deltas (or whole chunks), a finish reason unless None, usage if given, and `tail`."""
    written = [delta if "choices" in delta or "error" in delta else chunk(delta) for delta in deltas]
    if finish is not None:
        written.append(chunk({}, finish))
    if counts is not None:
        written.append(chunk(None) | {"usage": usage(counts)})
    return raw(b"".join(map(record, written)) + tail, manner)


def raw(body: bytes, manner: Manner = PLAIN) -> Bytes:
    """Any bytes as an event stream."""
    return Bytes(200, SSE, body, True, manner)


def answer(message: Json, finish: str = "stop") -> Bytes:
    """A whole answer with exactly this message, not counted."""
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    body: Json = {
        "id": "chatcmpl-suite",
        "object": "chat.completion",
        "created": CREATED,
        "model": "m",
        "choices": [choice],
    }
    return Bytes(200, JSON, dump(body))


def refusal(
    status: int, message: str, kind: str = "invalid_request_error", code: str | None = None, **headers: str
) -> Bytes:
    """An error answer; `retry_after="7"` becomes the header `retry-after`."""
    error = {"message": message, "type": kind, "param": None, "code": code}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Bytes(status, JSON | named, dump({"error": error}))
