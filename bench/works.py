"""The requests that are measured and the answers the pretend provider gives: fixed bytes, the same in every run.

Sizes are those of issue tables and real clients: a 140-byte question, and a 74 KB request as a coding agent sends it
(25 tools with schemas, a long system prompt, a few turns).
"""

from __future__ import annotations

import json
from typing import Any, Literal

from msgspec import Struct

Dialect = Literal["anthropic", "openai_chat"]

EVENTS = 200
"""Text events in a stream."""
SMALL = 140
LARGE = 74_000
PATHS: dict[Dialect, str] = {"anthropic": "/anthropic/v1/messages", "openai_chat": "/v1/chat/completions"}
TEXT = "the router reads a request once and writes it once and what nobody needs to read stays as it came"
WORDS = TEXT.split()


class Work(Struct, frozen=True):
    """One kind of request, sent over and over."""

    name: str
    dialect: Dialect
    size: int
    """Bytes of the body."""
    stream: bool
    requests: int
    """How many are sent in one round."""
    goal: float | None
    """Most CPU per request, with nginx = 1. None: shown, not judged."""
    model: str = "bench/m"

    @property
    def body(self) -> bytes:
        """The request's body, exactly `size` bytes."""
        return fill(self.model, self.stream, self.dialect, self.size)

    @property
    def head(self) -> bytes:
        """The request's head."""
        return (
            f"POST {PATHS[self.dialect]} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
            f"accept: application/json\r\nuser-agent: bench\r\nauthorization: Bearer landbridge\r\n"
            f"anthropic-version: 2023-06-01\r\ncontent-length: {self.size}\r\n\r\n"
        ).encode()


WORKS = (
    Work("converted, whole, 140 B", "anthropic", SMALL, stream=False, requests=12_000, goal=10.0),
    Work("converted, whole, 74 KB", "anthropic", LARGE, stream=False, requests=6_000, goal=8.0),
    Work(f"converted stream of {EVENTS}, 74 KB", "anthropic", LARGE, stream=True, requests=1_500, goal=2.0),
    Work(f"pass-through stream of {EVENTS}, 74 KB", "openai_chat", LARGE, stream=True, requests=1_500, goal=1.5),
    Work(f"converted stream of {EVENTS}, 1 per ms", "anthropic", LARGE, True, 300, None, "bench/paced"),
    Work(f"pass-through stream of {EVENTS}, 1 per ms", "openai_chat", LARGE, True, 300, None, "bench/paced"),
)


def fill(model: str, stream: bool, dialect: Dialect, size: int) -> bytes:
    """A request of exactly `size` bytes: small ones are one question, large ones an agent's turn."""
    fields: dict[str, Any] = {"model": model, "max_tokens": 64}
    if stream:
        fields["stream"] = True
    if size > 10_000:
        fields |= agent_turn(dialect)
    fields["messages"] = [*fields.get("messages", ()), {"role": "user", "content": ""}]
    missing = size - len(dump(fields))
    assert missing >= 0, f"{size} bytes are too few"
    fields["messages"][-1]["content"] = prose(missing)
    body = dump(fields)
    assert len(body) == size, "prose is plain ASCII"
    return body


def agent_turn(dialect: Dialect) -> dict[str, Any]:
    """System prompt, tools and history of a coding agent, in either dialect."""
    tools = [tool(number, dialect) for number in range(25)]
    history = [{"role": role, "content": prose(700)} for _ in range(3) for role in ("user", "assistant")]
    if dialect == "anthropic":
        return {"system": [{"type": "text", "text": prose(14_000)}] * 2, "tools": tools, "messages": history}
    return {"tools": tools, "messages": [{"role": "system", "content": prose(28_000)}, *history]}


def tool(number: int, dialect: Dialect) -> dict[str, Any]:
    """One tool of about 1.4 KB."""
    schema = {
        "type": "object",
        "properties": {
            f"field_{index}": {"type": "string", "description": prose(90), "enum": ["one", "two", "three"]}
            for index in range(5)
        },
        "required": ["field_0"],
        "additionalProperties": False,
    }
    described = {"name": f"tool_{number}", "description": prose(500)}
    if dialect == "anthropic":
        return {**described, "input_schema": schema}
    return {"type": "function", "function": {**described, "parameters": schema}}


def prose(size: int) -> str:
    """Plain words, `size` characters."""
    text = TEXT + " "
    return (text * (size // len(text) + 1))[:size]


def dump(value: Any) -> bytes:
    """JSON without spaces, as clients send it."""
    return json.dumps(value, separators=(",", ":")).encode()


# -- what the provider says ------------------------------------------------------------------------------------------

_STAMP = {"id": "chatcmpl-bench", "created": 1_700_000_000, "model": "m", "system_fingerprint": "fp_bench"}
USAGE = {"prompt_tokens": 21, "completion_tokens": EVENTS, "total_tokens": 21 + EVENTS}


def whole_answer() -> bytes:
    """A chat completion."""
    message = {"role": "assistant", "content": prose(120)}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return dump({**_STAMP, "object": "chat.completion", "choices": [choice], "usage": USAGE})


def stream_events() -> list[bytes]:
    """A chat completion's stream: a record each, `EVENTS` of them with text."""
    deltas: list[tuple[dict[str, str], str | None]] = [({"role": "assistant", "content": ""}, None)]
    deltas += [({"content": " " + WORDS[index % len(WORDS)]}, None) for index in range(EVENTS)]
    deltas.append(({}, "stop"))
    stamp = {**_STAMP, "object": "chat.completion.chunk"}
    records = [
        {**stamp, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]}
        for delta, finish in deltas
    ]
    records.append({**stamp, "choices": [], "usage": USAGE})
    return [b"data: " + dump(record) + b"\n\n" for record in records] + [b"data: [DONE]\n\n"]
