"""Errors of the format: OpenAI's own forms, which Chat Completions shares."""

from __future__ import annotations

from ..openai_chat.errors import read_error, write_error

__all__ = ["read_error", "write_error"]
