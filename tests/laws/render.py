"""Stories on the wire, as providers of each dialect would stream them; written without landbridge's writers.

A rendered stream is a list of records, each with the fragment it carries (or None), so that a law can ask what a single
record must give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby

from hypothesis import strategies as st

from landbridge.neutral.events import Kind, Reason, Usage
from tests.fakes.answers import (
    DONE,
    Json,
    Tokens,
    anthropic_message,
    anthropic_record,
    anthropic_usage,
    chat_chunk,
    chat_record,
    chat_usage,
)
from tests.fakes.responses import Stream, call_json, message_json, reasoning_json, responses_record

from .gemini import gemini, in_one_line
from .strategies import Fragment, Story, stories

Rendered = list[tuple[bytes, Fragment | None]]

_CHAT_WORDS = {Reason.END: "stop", Reason.LENGTH: "length", Reason.TOOLS: "tool_calls"}
_ANTHROPIC_WORDS = {Reason.END: "end_turn", Reason.LENGTH: "max_tokens", Reason.TOOLS: "tool_use"}


def _tokens(usage: Usage) -> Tokens:
    return Tokens(usage.prompt, usage.output or 0, usage.cache_read or 0)


def chat(story: Story) -> Rendered:
    """An OpenAI chat stream; its calls may interleave."""
    chunks: list[tuple[Json, Fragment | None]] = [(chat_chunk({"role": "assistant", "content": ""}), None)]
    announced: set[int] = set()
    for each in story.fragments:
        if each.kind is not Kind.TOOL:
            field = "content" if each.kind is Kind.TEXT else "reasoning_content"
            chunks.append((chat_chunk({field: each.text}), each))
            continue
        call: Json = {"index": each.call, "function": {"arguments": each.text}}
        if each.call not in announced:
            announced.add(each.call)
            id, name = story.calls[each.call]
            first: Json = {
                "index": each.call,
                "id": id,
                "type": "function",
                "function": {"name": name, "arguments": ""},
            }
            if story.announce_with_text:
                first["function"]["arguments"], call = each.text, first
            else:
                chunks.append((chat_chunk({"tool_calls": [first]}), None))
        chunks.append((chat_chunk({"tool_calls": [call]}), each))
    if not (story.finish_with_content and len(chunks) > 1):
        chunks.append((chat_chunk({}), None))
    last = chunks[-1][0]
    last["choices"][0]["finish_reason"] = _CHAT_WORDS[story.reason]
    if story.usage is not None:
        counts = {"usage": chat_usage(_tokens(story.usage))}
        if story.usage_place == "late":
            chunks.append((chat_chunk(None) | counts, None))
        else:
            (chunks[0][0] if story.usage_place == "early" else last).update(counts)
    return [*((chat_record(chunk), fragment) for chunk, fragment in chunks), (DONE, None)]


def anthropic(story: Story) -> Rendered:
    """An Anthropic stream; one block after the other, so the story must be orderly."""
    tokens = _tokens(story.usage or Usage(input=1, output=1))
    message = anthropic_message("msg_1", "m", [], None, tokens._replace(output=1))
    out: list[tuple[Json, Fragment | None]] = [
        ({"type": "message_start", "message": message}, None),
        ({"type": "ping"}, None),
    ]
    for index, ((kind, call), fragments) in enumerate(groupby(story.fragments, lambda each: (each.kind, each.call))):
        out.extend(_block(index, kind, story.calls[call] if call >= 0 else ("", ""), fragments))
    stop = {"stop_reason": _ANTHROPIC_WORDS[story.reason], "stop_sequence": None}
    usage = anthropic_usage(tokens) if story.usage_place == "early" else {"output_tokens": tokens.output}
    out.append(({"type": "message_delta", "delta": stop, "usage": usage}, None))
    out.append(({"type": "message_stop"}, None))
    return [(anthropic_record(event), fragment) for event, fragment in out]


def _block(
    index: int, kind: Kind, call: tuple[str, str], fragments: Iterator[Fragment]
) -> Iterator[tuple[Json, Fragment | None]]:
    starts: dict[Kind, Json] = {
        Kind.TEXT: {"type": "text", "text": ""},
        Kind.THINKING: {"type": "thinking", "thinking": "", "signature": ""},
        Kind.TOOL: {"type": "tool_use", "id": call[0], "name": call[1], "input": {}},
    }
    deltas = {
        Kind.TEXT: ("text_delta", "text"),
        Kind.THINKING: ("thinking_delta", "thinking"),
        Kind.TOOL: ("input_json_delta", "partial_json"),
    }
    yield {"type": "content_block_start", "index": index, "content_block": starts[kind]}, None
    type, field = deltas[kind]
    for each in fragments:
        yield {"type": "content_block_delta", "index": index, "delta": {"type": type, field: each.text}}, each
    if kind is Kind.THINKING:
        signed = {"type": "signature_delta", "signature": "c2ln"}
        yield {"type": "content_block_delta", "index": index, "delta": signed}, None
    yield {"type": "content_block_stop", "index": index}, None


def responses(story: Story) -> Rendered:
    """A Responses stream; its calls may interleave, each an item of its own."""
    stream = Stream()
    heard: list[Fragment | None] = [None] * len(stream.events)
    calls: dict[int, int] = {}
    last = {each.call: at for at, each in enumerate(story.fragments)}
    at = 0
    for (kind, call), run in groupby(story.fragments, lambda each: (each.kind, each.call)):
        fragments = list(run)
        if call not in calls:
            index = stream.open(_item(story, kind, call, fragments, len(stream.output)))
            calls |= {call: index} if kind is Kind.TOOL else {}
        else:
            index = calls[call]
        for each in fragments:
            heard += [None] * (len(stream.events) - len(heard))
            stream.delta(index, each.text)
            heard.append(each)
        at += len(fragments)
        if kind is not Kind.TOOL or last[call] == at - 1:
            stream.close(index)
    status = "incomplete" if story.reason is Reason.LENGTH else "completed"
    stream.end(status, None if story.usage is None else _tokens(story.usage))
    heard += [None] * (len(stream.events) - len(heard))
    return [(responses_record(event), fragment) for event, fragment in zip(stream.events, heard, strict=True)]


def _item(story: Story, kind: Kind, call: int, fragments: list[Fragment], index: int) -> Json:
    text = "".join(each.text for each in fragments)
    match kind:
        case Kind.TEXT:
            return message_json(f"msg_{index}", text)
        case Kind.THINKING:
            return reasoning_json(f"rs_{index}", text)
    return call_json(f"fc_{index}", *story.calls[call], story.said(Kind.TOOL, call))


RENDER: dict[str, Callable[[Story], Rendered]] = {
    "openai_chat": chat,
    "anthropic": anthropic,
    "openai_responses": responses,
    "gemini": gemini,
}
"""How a provider of each dialect streams a story."""


def told(dialect: str) -> st.SearchStrategy[Story]:
    """The stories a provider of this dialect can tell."""
    if dialect == "gemini":
        return stories(orderly=True).map(in_one_line)
    return stories(orderly=True if dialect == "anthropic" else None)


def stream(dialect: str, story: Story) -> bytes:
    """All bytes of the story."""
    return b"".join(record for record, _ in RENDER[dialect](story))
