"""Tools and `tool_choice` of a request to a Responses body: namespaces and custom tools as their client defined them.

The constant tools stand in the client's order, then the deferred ones the history has loaded, in the order of their
first mention, so that the prompt keeps its prefix (P80).
"""

from __future__ import annotations

from typing import Any

from msgspec import Raw, Struct

from ...neutral.parts import NONE
from ...neutral.request import HostedTool, Request, Tool, ToolChoice
from ...neutral.traits import Traits
from ..memory import Latest
from ..offered import in_prompt, loaded
from ..openai_chat.identifiers import write_name
from ..written import Loss
from .names import CUSTOM, Name, name_of, names_of
from .types import DIALECT, encode

_NO_SCHEMA = Raw(b'{"type":"object","properties":{}}')
_OWN = frozenset({"namespace", "name", "type", "description"})
"""Extras of a definition that are no fields of the tool itself, or are written apart."""


class _Offer(Struct, frozen=True):
    """All that the definitions depend on."""

    tools: tuple[Tool | HostedTool, ...]
    loaded: tuple[str, ...]
    """Deferred tools that the history names, in order of first mention."""
    strict: bool


def _same(one: _Offer, other: _Offer) -> bool:
    # The reader gives the same object for the same definitions; comparing them would cost as much as writing them.
    return one.tools is other.tools and (one.loaded, one.strict) == (other.loaded, other.strict)


def write_tools(request: Request, traits: Traits) -> tuple[Raw, tuple[Loss, ...]]:
    """The definitions (`NONE` if no tool is left), and what is lost of them."""
    return _definitions(_Offer(request.tools, loaded(request), traits.strict_tools))


def _write_definitions(offer: _Offer) -> tuple[Raw, tuple[Loss, ...]]:
    losses: list[Loss] = []
    written: list[object] = []
    for number, tool in in_prompt(offer.tools, offer.loaded):
        if isinstance(tool, Tool):
            _add(written, tool, number, offer.strict, losses)
        elif tool.dialect == DIALECT:
            written.append(tool.raw)
        else:
            losses.append(Loss(f"tools[{number}]", f"the hosted tool '{tool.name}' exists only at its provider"))
    return Raw(encode(written)) if written else NONE, tuple(losses)


_definitions = Latest(_write_definitions, _same)


def _add(written: list[object], tool: Tool, number: int, strict: bool, losses: list[Loss]) -> None:
    """One definition, inside its namespace if it has one; members of one namespace that follow each other share it."""
    own = name_of(tool)
    wire = _definition(tool, own, strict)
    if wire["name"] != own.name:
        why = f"'{own.name}' is no legal function name and became '{wire['name']}'"
        losses.append(Loss(f"tools[{number}].name", why))
    if tool.strict and not strict:
        losses.append(Loss(f"tools[{number}].strict", "this model is not held to the schemas of tools"))
    if not own.namespace:
        written.append(wire)
        return
    last = written[-1] if written else None
    if isinstance(last, dict) and (last["type"], last["name"]) == ("namespace", own.namespace):
        last["tools"].append(wire)
    else:
        written.append({"type": "namespace", "name": own.namespace, **_shared(tool), "tools": [wire]})


def _shared(tool: Tool) -> dict[str, Raw]:
    """What the client said of the whole namespace."""
    head = "namespace."
    return {name.removeprefix(head): raw for name, raw in tool.extras.items() if name.startswith(head)}


def _definition(tool: Tool, own: Name, strict: bool) -> dict[str, Any]:
    extras = tool.extras if tool.dialect == DIALECT else {}
    others = {name: raw for name, raw in extras.items() if name not in _OWN and not name.startswith("namespace.")}
    if own.custom:
        return {"type": CUSTOM, "name": own.name, "description": extras.get("description", Raw(b'""')), **others}
    wire: dict[str, Any] = {"type": "function", "name": write_name(own.name)}
    if description := extras.get("description", tool.description):
        wire["description"] = description
    wire["parameters"] = tool.schema if len(tool.schema) else _NO_SCHEMA
    if strict:
        # Left out it would mean true, and the schemas of other dialects are not made for that.
        wire["strict"] = bool(tool.strict)
    return wire | others


def write_choice(request: Request, traits: Traits, losses: list[Loss]) -> dict[str, object]:
    """`tool_choice` and `parallel_tool_calls` (P60)."""
    choice = request.tool_choice
    if choice is None:
        return {}
    fields: dict[str, object] = {}
    forced = choice.mode in ("any", "named")
    if traits.tool_choice and forced and not traits.forced_tools:
        fields["tool_choice"] = "auto"
        losses.append(Loss("tool_choice", "this model cannot be made to call a tool"))
    elif traits.tool_choice:
        fields["tool_choice"] = _choice(choice, request)
    elif choice.mode != "auto":
        losses.append(Loss("tool_choice", "this model cannot be told which tool to call"))
    if choice.parallel is not None:
        if traits.parallel_tools:
            fields["parallel_tool_calls"] = choice.parallel
        elif not choice.parallel:
            losses.append(Loss("tool_choice.parallel", "this model cannot be kept from parallel calls"))
    return fields


def _choice(choice: ToolChoice, request: Request) -> object:
    if choice.mode != "named":
        return "required" if choice.mode == "any" else choice.mode
    own = names_of(request.tools).own(choice.name)
    named = {"type": CUSTOM if own.custom else "function", "name": write_name(own.name)}
    return {**named, "namespace": own.namespace} if own.namespace else named
