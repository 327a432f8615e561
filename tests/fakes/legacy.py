"""True wire bytes of `POST /v1/completions` as OpenAI sends them; see `answers.py`."""

from __future__ import annotations

import json
from collections.abc import Sequence

from .answers import DONE, SOME, Call, Json, Tokens, chat_usage


def legacy_chunk(text: str, finish: str | None = None, id: str = "cmpl-1", model: str = "m") -> Json:
    """One chunk, or a whole answer but for its usage."""
    choice = {"text": text, "index": 0, "logprobs": None, "finish_reason": finish}
    return {"id": id, "object": "text_completion", "created": 1_790_000_000, "model": model, "choices": [choice]}


def legacy_whole(
    text: str = "",
    tools: Sequence[Call] = (),
    thinking: str = "",
    usage: Tokens | None = SOME,
    finish: str = "stop",
    id: str = "cmpl-1",
    model: str = "m",
) -> bytes:
    """The body of a whole answer. The format has neither tools nor thinking."""
    counts = {} if usage is None else {"usage": chat_usage(usage)}
    return json.dumps({**legacy_chunk(text, finish, id, model), **counts}).encode()


def legacy_stream(
    text: str = "",
    tools: Sequence[Call] = (),
    thinking: str = "",
    usage: Tokens | None = SOME,
    finish: str = "stop",
    id: str = "cmpl-1",
    model: str = "m",
    piece: int = 7,
) -> bytes:
    """The same as a stream."""
    chunks = [legacy_chunk(text[at : at + piece], None, id, model) for at in range(0, len(text), piece)]
    chunks.append(legacy_chunk("", finish, id, model))
    if usage is not None:
        chunks.append({**legacy_chunk("", None, id, model), "choices": [], "usage": chat_usage(usage)})
    return b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks) + DONE
