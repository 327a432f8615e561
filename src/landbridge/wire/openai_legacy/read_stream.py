"""A stream of completions to events: that of a chat but for the place of the text, so the same reader reads both."""

from __future__ import annotations

from ..openai_chat.read_stream import StreamReader

__all__ = ["StreamReader"]
