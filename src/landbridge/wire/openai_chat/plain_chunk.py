"""The short way for chunks of a stream that say something and do nothing else: nearly all, and each of them costs.

Everything else (new calls, refusals, endings, counts, errors, notes, a second choice) takes the way of `answer.py`,
which gives the same for these.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Raw, Struct


class _Arguments(Struct):
    arguments: str
    name: Literal["", None] = None


class PlainCall(Struct):
    """Some arguments of a call that was named before."""

    index: int
    function: _Arguments


class PlainDelta(Struct):
    """What the assistant says; `Said` has the other fields."""

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    reasoning_details: list[Raw] | None = None
    refusal: Literal["", None] = None
    tool_calls: list[PlainCall] | None = None
    function_call: None = None
    annotations: None = None


class _Choice(Struct):
    delta: PlainDelta
    index: Literal[0] = 0
    finish_reason: Literal["", None] = None
    logprobs: None = None
    usage: None = None
    error: None = None


class _Chunk(Struct):
    choices: tuple[_Choice]
    object: Literal["chat.completion.chunk", "chat.completion", "", None] = None
    usage: None = None
    timings: None = None
    prompt_progress: None = None
    x_groq: None = None
    error: None = None


_decode = msgspec.json.Decoder(_Chunk).decode


def read_plain_chunk(payload: bytes) -> PlainDelta | None:
    """What the chunk in `payload` says, if that is all it does; None for any other."""
    try:
        return _decode(payload).choices[0].delta
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
