"""Answers of an upstream that speaks OpenAI's Responses API."""

from __future__ import annotations

from ..play import Call, Part, Says, Text, Thought, Tokens, fragments
from .chat import CREATED, Json, dump

INCOMPLETE = {"length": "max_output_tokens", "filter": "content_filter"}


def usage(tokens: Tokens) -> Json:
    """The `usage` object."""
    return {
        "input_tokens": tokens.prompt,
        "input_tokens_details": {"cached_tokens": tokens.cached, "cache_write_tokens": 0},
        "output_tokens": tokens.output,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": tokens.prompt + tokens.output,
    }


def _response(id: str, model: str, output: list[Json], status: str, content: Says | None = None) -> Json:
    reason = INCOMPLETE.get(content.stop) if content else None
    counts = usage(content.usage or Tokens()) if content and content.usage else None
    return {
        "id": "resp_" + id,
        "object": "response",
        "created_at": CREATED,
        "status": "incomplete" if reason else status,
        "incomplete_details": {"reason": reason} if reason else None,
        "error": None,
        "instructions": None,
        "metadata": {},
        "model": model,
        "output": output,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": counts,
    }


def _item(part: Part, id: str, number: int) -> Json:
    match part:
        case Text(text):
            words = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
            head = {"type": "message", "id": f"msg_{id}_{number}", "role": "assistant", "status": "completed"}
            return {**head, "content": [words]}
        case Thought(text):
            summary = [{"type": "summary_text", "text": text}]
            return {"type": "reasoning", "id": f"rs_{id}_{number}", "summary": summary}
        case Call(name, args, call_id):
            head = {"type": "function_call", "id": f"fc_{id}_{number}", "status": "completed"}
            return {**head, "call_id": call_id or f"call_{id}_{number}", "name": name, "arguments": args}


def whole(content: Says, id: str, model: str) -> bytes:
    """A whole response."""
    output = [_item(part, id, number) for number, part in enumerate(content.parts)]
    return dump(_response(id, model, output, "completed", content))


def stream(content: Says, id: str, model: str, with_usage: bool) -> bytes:
    """A response's stream; usage is always in it."""
    start = _response(id, model, [], "in_progress")
    events: list[Json] = [{"type": f"response.{name}", "response": start} for name in ("created", "in_progress")]
    items = [_item(part, id, number) for number, part in enumerate(content.parts)]
    for number, (part, item) in enumerate(zip(content.parts, items, strict=True)):
        events += _item_events(number, part, item, content.piece)
    last = _response(id, model, items, "completed", content)
    events.append({"type": f"response.{last['status']}", "response": last})
    return b"".join(record(event | {"sequence_number": number}) for number, event in enumerate(events))


def record(event: Json) -> bytes:
    """An SSE record, named by its type."""
    return b"event: " + str(event["type"]).encode() + b"\ndata: " + dump(event) + b"\n\n"


def _item_events(number: int, part: Part, item: Json, piece: int) -> list[Json]:
    at: Json = {"item_id": item["id"], "output_index": number}
    opened: Json = {**item, **_EMPTY[type(part)]}
    return [
        {"type": "response.output_item.added", "output_index": number, "item": opened},
        *_inner(part, item, at, piece),
        {"type": "response.output_item.done", "output_index": number, "item": item},
    ]


_EMPTY: dict[type[Part], Json] = {
    Text: {"content": [], "status": "in_progress"},
    Thought: {"summary": []},
    Call: {"arguments": "", "status": "in_progress"},
}
"""What differs in an item that has just begun."""


def _inner(part: Part, item: Json, at: Json, piece: int) -> list[Json]:
    match part:
        case Text(text):
            at = {**at, "content_index": 0}
            words = item["content"][0]
            return [
                {"type": "response.content_part.added", **at, "part": {**words, "text": ""}},
                *(
                    {"type": "response.output_text.delta", **at, "delta": each, "logprobs": []}
                    for each in fragments(text, piece)
                ),
                {"type": "response.output_text.done", **at, "text": text, "logprobs": []},
                {"type": "response.content_part.done", **at, "part": words},
            ]
        case Thought(text):
            at, name = {**at, "summary_index": 0}, "response.reasoning_summary"
            said = {"type": "summary_text", "text": text}
            return [
                {"type": f"{name}_part.added", **at, "part": {**said, "text": ""}},
                *({"type": f"{name}_text.delta", **at, "delta": each} for each in fragments(text, piece)),
                {"type": f"{name}_text.done", **at, "text": text},
                {"type": f"{name}_part.done", **at, "part": said},
            ]
        case Call(_, args, _):
            name = "response.function_call_arguments"
            return [
                *({"type": f"{name}.delta", **at, "delta": each} for each in fragments(args, piece)),
                {"type": f"{name}.done", **at, "name": item["name"], "arguments": args},
            ]
