"""Names of tools that a target can take, and the way back to the client's own.

Dialects allow different letters and lengths (P33). A name that may stand stays; any other becomes its legal letters and
a hash of it, the same each time, so that prompts keep their prefix (P80). The hash cannot be undone: calls come back by
a table of the request's own tools.
"""

from __future__ import annotations

import hashlib
import operator
import re
from collections.abc import Callable, Mapping

from ..neutral.request import HostedTool, Tool
from .memory import Latest

Tools = tuple[Tool | HostedTool, ...]
ToolNames = Callable[[Tools], Mapping[str, str]]
"""`(tools)`: the client's names of tools, by those that were written, where they differ."""

_LEGAL = re.compile(r"[a-zA-Z0-9_-]+")
_HASH = 8
"""Letters of it."""


def legal_name(name: str, longest: int) -> str:
    """The name in letters, digits, `_` and `-`, of at most `longest` characters."""
    if len(name) <= longest and _LEGAL.fullmatch(name):
        return name
    legal = re.sub(r"[^a-zA-Z0-9_-]", "_", name)
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{legal[: longest - _HASH - 1]}_{digest[:_HASH]}"


def names_by(write: Callable[[str], str]) -> ToolNames:
    """The way back from what `write` makes of names; remembered for tools that come again."""

    def table(tools: Tools) -> Mapping[str, str]:
        written = ((write(tool.name), tool.name) for tool in tools if isinstance(tool, Tool))
        return {target: own for target, own in written if target != own}

    return Latest(table, operator.is_)


def no_names(tools: Tools) -> Mapping[str, str]:
    """Of a dialect whose names need no table."""
    return {}
