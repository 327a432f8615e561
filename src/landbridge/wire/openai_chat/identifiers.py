"""Tool ids and names in a form the target takes: pure functions, so that a prompt is the same each time (P33, P80)."""

from __future__ import annotations

import hashlib
import re

from ...neutral.traits import Traits
from ..tool_names import legal_name, names_by

MAX_NAME = 64
"""OpenAI's limit for a function name."""

_word = re.compile(r"[a-zA-Z0-9_-]+")
_mistral9 = re.compile(r"[a-zA-Z0-9]{9}")


def write_id(id: str, traits: Traits) -> str:
    """The id for the target: as it is if it may be, else a hash of it, the same for call and result."""
    if traits.tool_id_pattern == "mistral9":
        return id if _mistral9.fullmatch(id) else _hash(id)[:9]
    fits = len(id) <= traits.tool_id_length and (traits.tool_id_pattern == "any" or _word.fullmatch(id))
    return id if fits else ("call_" + _hash(id))[: traits.tool_id_length]


def write_name(name: str) -> str:
    """A function's name for the target: as it is if it may be, else its legal characters and a hash of it."""
    return legal_name(name, MAX_NAME)


tool_names = names_by(write_name)


def write_user(user: str) -> str:
    """The end-user id within OpenAI's 64 characters."""
    return user if len(user) <= 64 else _hash(user)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
