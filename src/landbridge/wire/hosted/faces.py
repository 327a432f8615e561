"""How the client of each dialect sees the tools that landbridge runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec import Raw

from ...neutral.parts import Opaque, ToolCall, ToolResult
from . import anthropic, gemini, responses
from .outcome import Outcome
from .use import Use


class Face(Protocol):
    """What a client is shown of a call, its result and all of them together."""

    def asked(self, use: Use) -> Opaque | None:
        """The block that says what is being done; None where the dialect has none."""

    def answered(self, use: Use, outcome: Outcome) -> Opaque | None:
        """The block that says what came of it."""

    def closing(self, uses: list[tuple[Use, Outcome]]) -> list[tuple[str, Raw]]:
        """Records of the whole answer at its end, by name."""


class _Hidden(gemini.Metadata):
    """A dialect that has no place for them at all (chat completions): the answer's words are all there is."""

    def closing(self, uses: list[tuple[Use, Outcome]]) -> list[tuple[str, Raw]]:
        """Nothing."""
        return []


_FACES: dict[str, Callable[[], Face]] = {
    "anthropic": anthropic.Blocks,
    "openai_responses": responses.Items,
    "gemini": gemini.Metadata,
}

READERS: dict[str, Callable[..., tuple[ToolCall | None, ToolResult | None]]] = {
    "anthropic": anthropic.read,
    "openai_responses": responses.read,
    "gemini": gemini.read,
}
"""`(part, own=...)`: the call and the result in a block that a client sent back."""


def face(dialect: str) -> Face:
    """How clients of `dialect` see them."""
    return _FACES.get(dialect, _Hidden)()
