"""What the path of a request says: its dialect, and in Google's API the model."""

from __future__ import annotations

from ..wire.rename import Peek
from .asgi import Scope

GEMINI_PREFIXES = ("/gemini/v1beta", "/gemini/v1", "/v1beta", "/v1")
"""Before `/models/NAME:generateContent`: google-genai asks at `v1` (CLIENTS.md 11), Gemini CLI at `v1beta`."""
GEMINI_METHODS = {
    "generateContent": False,
    "streamGenerateContent": True,
    "countTokens": False,
    "embedContent": False,
    "batchEmbedContents": False,
}
"""Methods of a model in a Gemini URL, and whether they stream."""


def dialect_of(scope: Scope) -> str:
    """The dialect of paths that several have (`/v1/models`) or nobody: some clients send a header of their own."""
    path = scope["path"]
    if path.startswith(("/anthropic", "/v1/messages")):
        return "anthropic"
    if path.startswith(("/gemini", "/v1beta")):
        return "gemini"
    if path.startswith("/v1/responses"):
        return "openai_responses"
    for name, _ in scope["headers"]:
        if (dialect_name := _SIGNS.get(name)) is not None:
            return dialect_name
    return "openai_chat"


_SIGNS = {b"anthropic-version": "anthropic", b"x-goog-api-key": "gemini"}
"""Headers that only the clients of one dialect send."""


def named(path: str) -> Peek | None:
    """Model and stream flag of a Gemini URL; None for another URL."""
    start, colon, method = path.rpartition(":")
    for prefix in GEMINI_PREFIXES:
        if colon and method in GEMINI_METHODS and start.startswith(f"{prefix}/models/"):
            model = start.removeprefix(f"{prefix}/models/")
            return Peek(model, GEMINI_METHODS[method]) if model else None
    return None
