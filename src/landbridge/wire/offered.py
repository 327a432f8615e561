"""Which tools are part of the prompt, and in which order: the constant ones as they came, then the loaded ones.

A deferred tool costs nothing until a `ToolReference` in the history loads it. It comes last then, so that the prompt
keeps its prefix (P40, P80, CLIENTS.md 6).
"""

from __future__ import annotations

import operator
from collections.abc import Sequence

from ..neutral.parts import ToolReference, ToolResult
from ..neutral.request import HostedTool, Request, Tool
from .memory import Latest

Tools = tuple[Tool | HostedTool, ...]


def _any_deferred(tools: Tools) -> bool:
    return any(isinstance(tool, Tool) and tool.deferred for tool in tools)


_defer = Latest(_any_deferred, operator.is_)


def loaded(request: Request) -> tuple[str, ...]:
    """Names of deferred tools that the history has loaded, in order of first mention; () where no tool is deferred."""
    if not request.tools or not _defer(request.tools):
        return ()
    names: dict[str, None] = {}
    for message in request.messages:
        for part in message.parts:
            for inner in part.parts if isinstance(part, ToolResult) else (part,):
                if isinstance(inner, ToolReference):
                    names.setdefault(inner.name)
    return tuple(names)


def in_prompt(tools: Tools, names: Sequence[str]) -> list[tuple[int, Tool | HostedTool]]:
    """The tools of the prompt with their numbers in the request; `names` are those that are `loaded`."""
    deferred: dict[str, tuple[int, Tool]] = {}
    constant: list[tuple[int, Tool | HostedTool]] = []
    for number, tool in enumerate(tools):
        if isinstance(tool, Tool) and tool.deferred:
            deferred[tool.name] = (number, tool)
        else:
            constant.append((number, tool))
    return [*constant, *(deferred[name] for name in names if name in deferred)]
