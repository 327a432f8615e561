"""True wire bytes of Gemini's answers, as Google sends them: whole ones indented, streams as server-sent events.

Like `answers.py`, and with its words; nothing of landbridge is used here.

    gemini_whole(text="Hi", tools=[("Read", {"path": "a"})])
    gemini_stream(thinking="Hm", piece=3), gemini_list(...)       as events, and as one JSON list (without `alt=sse`)
    gemini_error(429, "slow down", delay="3s")                    (status, body)
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from .answers import SOME, Call, Json, Tokens, args_text

END = b"\r\n\r\n"
STATUS_WORDS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def gemini_usage(tokens: Tokens) -> Json:
    """`usageMetadata`: the prompt with what is cached, the answer without the thoughts."""
    counts = {
        "promptTokenCount": tokens.prompt,
        "candidatesTokenCount": tokens.output - tokens.reasoning,
        "totalTokenCount": tokens.prompt + tokens.output,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens.prompt}],
    }
    if tokens.cached:
        counts["cachedContentTokenCount"] = tokens.cached
    if tokens.reasoning:
        counts["thoughtsTokenCount"] = tokens.reasoning
    return counts


def gemini_part(text: str, thought: bool = False, signature: str = "") -> Json:
    """A part of text."""
    part: Json = {"text": text}
    if thought:
        part["thought"] = True
    return {**part, "thoughtSignature": signature} if signature else part


def gemini_call(name: str, args: object = None, id: str = "", signature: str = "") -> Json:
    """A part that calls a function; `args` an object, or None for a call without any."""
    call: Json = {"name": name}
    if args is not None:
        call["args"] = args
    if id:
        call["id"] = id
    part: Json = {"functionCall": call}
    return {**part, "thoughtSignature": signature} if signature else part


def gemini_chunk(
    parts: Iterable[Json] | None = (),
    finish: str = "",
    usage: Tokens | None = None,
    id: str = "resp_1",
    model: str = "gemini-3-pro",
    **more: object,
) -> Json:
    """One chunk, or a whole answer, as JSON; `parts=None` has no candidates. `more` stands in the candidate."""
    chunk: Json = {}
    if parts is not None:
        candidate: Json = {"content": {"parts": list(parts), "role": "model"}, "index": 0, **more}
        if finish:
            candidate["finishReason"] = finish
        chunk["candidates"] = [candidate]
    if usage is not None:
        chunk["usageMetadata"] = gemini_usage(usage)
    return {**chunk, "modelVersion": model, "responseId": id}


def gemini_record(chunk: Json) -> bytes:
    """A chunk as an SSE record."""
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + END


def gemini_whole(
    text: str = "",
    tools: Sequence[Call] = (),
    thinking: str = "",
    usage: Tokens | None = SOME,
    finish: str = "STOP",
    id: str = "resp_1",
    model: str = "gemini-3-pro",
) -> bytes:
    """A whole answer, indented."""
    parts = [gemini_part(thinking, thought=True)] if thinking else []
    parts += [gemini_part(text)] if text else []
    parts += _calls(tools)
    return json.dumps(gemini_chunk(parts, finish, usage, id, model), ensure_ascii=False, indent=2).encode()


def gemini_chunks(
    text: str = "",
    tools: Sequence[Call] = (),
    thinking: str = "",
    usage: Tokens | None = SOME,
    finish: str = "STOP",
    id: str = "resp_1",
    model: str = "gemini-3-pro",
    piece: int = 4,
) -> list[Json]:
    """The chunks of a stream: thoughts and text in pieces, each call whole, the counts with each and the end last."""
    parts = [gemini_part(each, thought=True) for each in _cut(thinking, piece)]
    parts += [gemini_part(each) for each in _cut(text, piece)]
    parts += _calls(tools)
    chunks = [gemini_chunk([part], "", usage, id, model) for part in parts]
    return [*chunks, gemini_chunk([gemini_part("")], finish, usage, id, model)]


def gemini_stream(
    text: str = "",
    tools: Sequence[Call] = (),
    thinking: str = "",
    usage: Tokens | None = SOME,
    finish: str = "STOP",
    id: str = "resp_1",
    model: str = "gemini-3-pro",
    piece: int = 4,
) -> bytes:
    """The chunks as server-sent events."""
    return b"".join(map(gemini_record, gemini_chunks(text, tools, thinking, usage, finish, id, model, piece)))


def gemini_list(chunks: Sequence[Json]) -> bytes:
    """The chunks as Google streams them without `alt=sse`: a JSON list, indented."""
    return b"[" + b"\n,\r\n".join(json.dumps(each, ensure_ascii=False, indent=2).encode() for each in chunks) + b"\n]\n"


def gemini_error(status: int, message: str, word: str = "", delay: str = "", reason: str = "") -> tuple[int, bytes]:
    """Status and body of an error, with the details Google adds where it names a reason or a time to wait."""
    error: Json = {"code": status, "message": message, "status": word or STATUS_WORDS.get(status, "UNKNOWN")}
    details: list[Json] = []
    if reason:
        details.append(
            {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}
        )
    if delay:
        details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay})
    if details:
        error["details"] = details
    return status, json.dumps({"error": error}, indent=2).encode()


def _calls(tools: Sequence[Call]) -> list[Json]:
    return [
        gemini_call(name, json.loads(args_text(args)), id=f"call_{number}") for number, (name, args) in enumerate(tools)
    ]


def _cut(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]
