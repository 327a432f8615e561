"""A request with hosted tools as the model gets it: plain functions in their places.

What cannot be run stays a hosted tool, which the target's writer leaves out and reports. Where that was all the client
wanted, the model is told, so that it says so instead of making results up.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping

import msgspec
from msgspec import Raw, Struct

from ...neutral.parts import Text
from ...neutral.request import HostedTool, Request, Tool, ToolChoice
from ..memory import Latest
from .outcome import Kind
from .wishes import Wish, wish_of

DESCRIPTIONS: dict[Kind, str] = {
    "search": (
        "Search the web. Gives titles, addresses and excerpts of pages. "
        "Use it for what happens now and for what you do not know for certain."
    ),
    "fetch": (
        "Fetch one web page or PDF and give its text. "
        "Only addresses that the user has named or that a search or another page has shown."
    ),
}
SCHEMAS: dict[Kind, Raw] = {
    "search": Raw(
        b'{"type":"object","properties":{"query":{"type":"string","description":"What to search for"}},'
        b'"required":["query"],"additionalProperties":false}'
    ),
    "fetch": Raw(
        b'{"type":"object","properties":{"url":{"type":"string","description":"Address of the page"}},'
        b'"required":["url"],"additionalProperties":false}'
    ),
}
ARGUMENTS: dict[Kind, str] = {"search": "query", "fetch": "url"}
TOOLS: dict[Kind, str] = {"search": "web search", "fetch": "fetching of web pages"}


class Offer(Struct, frozen=True):
    """What the model is offered."""

    request: Request
    wishes: Mapping[str, Wish] = {}
    """By the function's name."""


def _any_hosted(tools: tuple[Tool | HostedTool, ...]) -> bool:
    return any(isinstance(tool, HostedTool) for tool in tools)


_hosted = Latest(_any_hosted, operator.is_)  # readers give the same object for the same definitions


def has_hosted(request: Request) -> bool:
    """Whether there is anything to offer or to tell of."""
    return bool(request.tools) and _hosted(request.tools)


def offer(request: Request, dialect: str, problems: Mapping[Kind, str]) -> Offer:
    """`request` for a target that speaks `dialect`. `problems` says of each kind why it cannot be run; empty: it can.

    Tools of the target's own dialect are its provider's.
    """
    wishes: dict[str, Wish] = {}
    named = {tool.name for tool in request.tools if isinstance(tool, Tool)}
    tools: list[Tool | HostedTool] = []
    renamed: dict[str, str] = {}
    lacking: dict[Kind, str] = {}
    for tool in request.tools:
        wish = wish_of(tool) if isinstance(tool, HostedTool) and tool.dialect != dialect else None
        if wish is None or not isinstance(tool, HostedTool):
            tools.append(tool)
        elif problem := problems[wish.kind]:
            lacking[wish.kind] = problem
            tools.append(tool)
        else:
            name = _free(wish.name, named)
            named.add(name)
            renamed |= {tool.name: name, tool.type: name}
            wishes[name] = msgspec.structs.replace(wish, name=name)
            tools.append(Tool(name, DESCRIPTIONS[wish.kind], SCHEMAS[wish.kind]))
    if not wishes and not lacking:
        return Offer(request)
    choice = _choice(request.tool_choice, renamed, named)
    offered = msgspec.structs.replace(request, tools=tuple(tools), tool_choice=choice)
    if lacking and not named:
        offered = msgspec.structs.replace(offered, system=(*offered.system, Text(_note(lacking))))
    return Offer(offered, wishes)


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name = f"{name}_"
    return name


def _choice(choice: ToolChoice | None, renamed: Mapping[str, str], named: set[str]) -> ToolChoice | None:
    """The choice by the functions' names; none of a tool that is not there."""
    if choice is None or not named:
        return None
    if choice.mode != "named":
        return choice
    name = renamed.get(choice.name, choice.name)
    return msgspec.structs.replace(choice, name=name) if name in named else None


def _note(lacking: Mapping[Kind, str]) -> str:
    said = " ".join(f"Here is no {TOOLS[kind]}: {problem}." for kind, problem in lacking.items())
    return (
        f"{said} Nothing can be looked up for this request. Say so in your answer, with the reason, "
        "and do not make up results, pages or addresses."
    )
