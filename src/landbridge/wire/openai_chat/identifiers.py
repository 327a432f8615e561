"""Tool ids and names in a form the target takes: pure functions, so that a prompt is the same each time (P33, P80)."""

from __future__ import annotations

import hashlib
import operator
import re

from ...neutral.request import HostedTool, Tool
from ...neutral.traits import Traits
from ..memory import Latest

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
    if len(name) <= MAX_NAME and _word.fullmatch(name):
        return name
    legal = re.sub(r"[^a-zA-Z0-9_-]", "_", name)
    return f"{legal[: MAX_NAME - 9]}_{_hash(name)[:8]}"


def _clients_names(tools: tuple[Tool | HostedTool, ...]) -> dict[str, str]:
    written = ((write_name(tool.name), tool.name) for tool in tools if isinstance(tool, Tool))
    return {target: own for target, own in written if target != own}


clients_names = Latest(_clients_names, operator.is_)
"""The names of tools the target could not take, by those it got: calls come back by them."""


def write_user(user: str) -> str:
    """The end-user id within OpenAI's 64 characters."""
    return user if len(user) <= 64 else _hash(user)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
