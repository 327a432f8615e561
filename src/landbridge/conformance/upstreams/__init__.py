"""The dialects the suite's own upstream can speak: how content is written as an answer."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from ..play import Says
from . import chat, gemini, messages, responses


class Speech(Struct, frozen=True):
    """One dialect of an upstream."""

    name: str
    title: str
    paths: tuple[str, ...]
    """Ends of the paths its generation requests come to."""
    whole: Callable[[Says, str, str], bytes]
    """Content, id and model to a body."""
    stream: Callable[[Says, str, str, bool], bytes]
    """The same as an event stream; the flag is whether usage was asked for."""

    def serves(self, path: str) -> bool:
        """Whether requests of this dialect come to `path`."""
        return path.endswith(self.paths)


UPSTREAMS: dict[str, Speech] = {
    speech.name: speech
    for speech in (
        Speech("openai_chat", "OpenAI chat", ("/chat/completions",), chat.whole, chat.stream),
        Speech("anthropic", "Anthropic", ("/messages",), messages.whole, messages.stream),
        Speech("openai_responses", "Responses", ("/responses",), responses.whole, responses.stream),
        Speech("gemini", "Gemini", (":generateContent", ":streamGenerateContent"), gemini.whole, gemini.stream),
    )
}
