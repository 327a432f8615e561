"""The dialects the suite's own upstream can speak: how content is written as an answer."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from ..play import Says
from . import chat, messages


class Speech(Struct, frozen=True):
    """One dialect of an upstream."""

    name: str
    title: str
    path: str
    """End of the path its generation requests come to."""
    whole: Callable[[Says, str, str], bytes]
    """Content, id and model to a body."""
    stream: Callable[[Says, str, str, bool], bytes]
    """The same as an event stream; the flag is whether usage was asked for."""


UPSTREAMS: dict[str, Speech] = {
    "openai_chat": Speech("openai_chat", "OpenAI chat", "/chat/completions", chat.whole, chat.stream),
    "anthropic": Speech("anthropic", "Anthropic", "/messages", messages.whole, messages.stream),
}
