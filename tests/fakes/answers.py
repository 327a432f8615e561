"""True wire bytes of answers, as the makers of both dialects send them: the same content as one body or as a stream.

Nothing of landbridge is used here, so that tests compare two independent readings of the formats. The defaults are
well-behaved; every builder takes `id` and `model`, streams take `piece` (characters a fragment).

    chat_whole(text="Hi")                         body of POST /v1/chat/completions
    chat_stream(thinking="Hm", tools=[("Read", {"path": "a"})], usage=Tokens(12, 3))
    anthropic_whole(...), anthropic_stream(...)   the same for POST /v1/messages
    chat_error(429, "slow down"), anthropic_error(529, "overloaded_error", "busy")
    records(stream)                               the stream cut into its SSE records
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

Json = dict[str, Any]
"""JSON being built; its shape is the wire's."""

Call = tuple[str, "Mapping[str, object] | str"]
"""A tool call: its name, and its arguments as an object or as the very JSON text."""

DONE = b"data: [DONE]\n\n"


class Tokens(NamedTuple):
    """Counts as a provider knows them. `prompt` counts all tokens of the prompt, cached ones too."""

    prompt: int = 11
    output: int = 7
    cached: int = 0
    written: int = 0
    reasoning: int = 0


SOME = Tokens()
"""Counts for tests that need some."""


def args_text(args: Mapping[str, object] | str) -> str:
    """The JSON text of a call's arguments."""
    return args if isinstance(args, str) else json.dumps(args, ensure_ascii=False)


def records(stream: bytes) -> list[bytes]:
    """The SSE records of a stream, each with its blank line."""
    return [part + b"\n\n" for part in stream.split(b"\n\n") if part]


def _pieces(text: str, size: int) -> Iterator[str]:
    return (text[at : at + size] for at in range(0, len(text), size))


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


# --- OpenAI chat completions


def chat_usage(tokens: Tokens) -> Json:
    return {
        "prompt_tokens": tokens.prompt,
        "completion_tokens": tokens.output,
        "total_tokens": tokens.prompt + tokens.output,
        "prompt_tokens_details": {"cached_tokens": tokens.cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": tokens.reasoning, "audio_tokens": 0},
    }


def chat_chunk(delta: Json | None, finish: str | None = None, id: str = "chatcmpl-1", model: str = "m") -> Json:
    """One chunk as JSON; `delta=None` has no choices (as the usage chunk has)."""
    choices = [] if delta is None else [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]
    return {"id": id, "object": "chat.completion.chunk", "created": 1_790_000_000, "model": model, "choices": choices}


def chat_record(chunk: Json) -> bytes:
    """A chunk as an SSE record."""
    return b"data: " + _dump(chunk) + b"\n\n"


def _chat_calls(tools: Sequence[Call]) -> list[Json]:
    return [
        {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": args_text(args)}}
        for number, (name, args) in enumerate(tools)
    ]


def chat_whole(
    text: str = "",
    tools: Sequence[Call] = (),
    thinking: str = "",
    usage: Tokens | None = SOME,
    finish: str = "",
    id: str = "chatcmpl-1",
    model: str = "m",
) -> bytes:
    """A whole chat completion."""
    message: Json = {"role": "assistant", "content": text or None, "refusal": None}
    if thinking:
        message["reasoning_content"] = thinking
    if tools:
        message["tool_calls"] = _chat_calls(tools)
    reason = finish or ("tool_calls" if tools else "stop")
    body: Json = {
        "id": id,
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": reason}],
    }
    if usage is not None:
        body["usage"] = chat_usage(usage)
    return _dump(body)


def chat_stream(
    text: str = "",
    tools: Sequence[Call] = (),
    thinking: str = "",
    usage: Tokens | None = SOME,
    finish: str = "",
    id: str = "chatcmpl-1",
    model: str = "m",
    piece: int = 7,
) -> bytes:
    """A chat completion stream: role, reasoning, content, calls one after the other, finish, usage, [DONE]."""
    deltas: list[Json] = [{"role": "assistant", "content": ""}]
    deltas += [{"reasoning_content": part} for part in _pieces(thinking, piece)]
    deltas += [{"content": part} for part in _pieces(text, piece)]
    for index, call in enumerate(_chat_calls(tools)):
        arguments = call["function"]["arguments"]
        call["function"]["arguments"] = ""
        deltas.append({"tool_calls": [{"index": index, **call}]})
        deltas += [
            {"tool_calls": [{"index": index, "function": {"arguments": part}}]} for part in _pieces(arguments, piece)
        ]
    chunks = [chat_chunk(delta, None, id, model) for delta in deltas]
    chunks.append(chat_chunk({}, finish or ("tool_calls" if tools else "stop"), id, model))
    if usage is not None:
        chunks.append({**chat_chunk(None, None, id, model), "usage": chat_usage(usage)})
    return b"".join(map(chat_record, chunks)) + DONE


def chat_error(
    status: int, message: str, type: str = "invalid_request_error", code: str | int | None = None
) -> tuple[int, bytes]:
    """Status and body of an error."""
    return status, _dump({"error": {"message": message, "type": type, "param": None, "code": code}})


# --- Anthropic messages


def anthropic_usage(tokens: Tokens) -> Json:
    return {
        "input_tokens": tokens.prompt - tokens.cached - tokens.written,
        "cache_creation_input_tokens": tokens.written,
        "cache_read_input_tokens": tokens.cached,
        "cache_creation": {"ephemeral_5m_input_tokens": tokens.written, "ephemeral_1h_input_tokens": 0},
        "output_tokens": tokens.output,
        "service_tier": "standard",
    }


def anthropic_record(data: Json) -> bytes:
    """An event as an SSE record; its name is the JSON's `type`."""
    return b"event: " + str(data["type"]).encode() + b"\ndata: " + _dump(data) + b"\n\n"


def anthropic_message(id: str, model: str, content: list[Json], reason: str | None, tokens: Tokens) -> Json:
    return {
        "id": id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": reason,
        "stop_sequence": None,
        "usage": anthropic_usage(tokens),
    }


def _content(text: str, tools: Sequence[Call], thinking: str, signature: str, id: str) -> list[Json]:
    """The blocks. Ids of calls follow the message's, so that no two answers share them."""
    unique = id.removeprefix("msg_")
    content: list[Json] = []
    if thinking:
        content.append({"type": "thinking", "thinking": thinking, "signature": signature})
    if text:
        content.append({"type": "text", "text": text})
    for number, (name, args) in enumerate(tools):
        content.append({"type": "tool_use", "id": f"toolu_{unique}_{number}", "name": name, "input": args_text(args)})
    return content


def anthropic_whole(
    text: str = "",
    tools: Sequence[Call] = (),
    thinking: str = "",
    usage: Tokens = SOME,
    finish: str = "",
    id: str = "msg_1",
    model: str = "m",
    signature: str = "c2lnbmVk",
) -> bytes:
    """A whole message."""
    content = _content(text, tools, thinking, signature, id)
    for block in content:
        if block["type"] == "tool_use":
            block["input"] = json.loads(block["input"])
    return _dump(anthropic_message(id, model, content, finish or ("tool_use" if tools else "end_turn"), usage))


def anthropic_stream(
    text: str = "",
    tools: Sequence[Call] = (),
    thinking: str = "",
    usage: Tokens = SOME,
    finish: str = "",
    id: str = "msg_1",
    model: str = "m",
    signature: str = "c2lnbmVk",
    piece: int = 7,
) -> bytes:
    """A message stream: message_start, the blocks one after the other with a ping after the first start, the end."""
    start = anthropic_message(id, model, [], None, usage._replace(output=1))
    events: list[Json] = [{"type": "message_start", "message": start}]
    for index, block in enumerate(_content(text, tools, thinking, signature, id)):
        events += _block_events(index, block, piece)
        if index == 0:
            events.insert(2, {"type": "ping"})
    reason = finish or ("tool_use" if tools else "end_turn")
    delta = {"stop_reason": reason, "stop_sequence": None}
    events.append({"type": "message_delta", "delta": delta, "usage": {"output_tokens": usage.output}})
    events.append({"type": "message_stop"})
    return b"".join(map(anthropic_record, events))


def _block_events(index: int, block: Json, piece: int) -> list[Json]:
    start: Json
    match block["type"]:
        case "thinking":
            start = {"type": "thinking", "thinking": "", "signature": ""}
            deltas = [{"type": "thinking_delta", "thinking": part} for part in _pieces(block["thinking"], piece)]
            deltas.append({"type": "signature_delta", "signature": block["signature"]})
        case "text":
            start = {"type": "text", "text": ""}
            deltas = [{"type": "text_delta", "text": part} for part in _pieces(block["text"], piece)]
        case _:
            start = {**block, "input": {}}
            deltas = [{"type": "input_json_delta", "partial_json": ""}]
            deltas += [{"type": "input_json_delta", "partial_json": part} for part in _pieces(block["input"], piece)]
    return [
        {"type": "content_block_start", "index": index, "content_block": start},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def anthropic_error(status: int, type: str, message: str) -> tuple[int, bytes]:
    """Status and body of an error."""
    return status, _dump({"type": "error", "error": {"type": type, "message": message}, "request_id": "req_1"})
