"""The dialects a client can speak: its requests, its reading of answers, and the grammar it needs."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from ..rule import Ask, Token, Want
from ..said import Said
from ..seen import Answer
from . import chat, gemini, messages, responses


class Face(Struct, frozen=True):
    """One dialect of clients."""

    name: str
    title: str
    path: str
    """Of generation requests, behind the face's base URL."""
    token: Token
    """Where its clients put the token."""
    headers: dict[str, str]
    ask: Callable[[Want], Ask]
    """A request as its clients write it."""
    read: Callable[[Answer], Said]


FACES: dict[str, Face] = {
    face.name: face
    for face in (
        Face("anthropic", "Messages", "/v1/messages", "bearer", messages.HEADERS, messages.write, messages.read),
        Face("openai_chat", "chat completions", "/v1/chat/completions", "bearer", {}, chat.write, chat.read),
        Face("openai_responses", "Responses", "/v1/responses", "bearer", {}, responses.write, responses.read),
        Face("gemini", "Gemini", gemini.PATH, "x-goog-api-key", {}, gemini.write, gemini.read),
    )
}
