"""Shapes of completions of a text."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from ...wire.openai_chat.types import StreamOptions
from .embeddings import Tokens
from .shared import Fraction, Json, Limit, Name, Penalty, Seed, Top, Warmth, Words


class Asked(Struct):
    """A text, or its tokens, to be continued. `echo` and several answers are refused by name."""

    model: Name
    prompt: Words | Tokens
    suffix: str | None = None
    max_tokens: Limit | None = None
    temperature: Warmth | None = None
    top_p: Fraction | None = None
    top_k: Top | None = None
    seed: Seed | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    stop: str | list[str] | None = None
    n: Literal[1] | None = None
    user: str | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None


class Chosen(Struct):
    """The one choice there is."""

    index: int
    text: str
    finish_reason: str | None
    logprobs: Json | None = None


class Completion(Struct, tag="text_completion", tag_field="object"):
    """The answer. With `stream: true` its pieces come one by one, as `text/event-stream`."""

    id: str
    created: int
    model: str
    choices: list[Chosen]
    usage: Json | None = None
