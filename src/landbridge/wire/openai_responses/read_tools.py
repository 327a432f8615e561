"""Tool definitions and `tool_choice` of a Responses request.

Namespaces are flattened (`names.py`), custom tools become functions with one text field, everything else that is no
function is run by the provider itself and stays opaque. `allowed_tools` is honoured by offering only those.
"""

from __future__ import annotations

import operator

import msgspec
from msgspec import Raw

from ...errors import BadRequest
from ...neutral.parts import NONE
from ...neutral.request import HostedTool, Tool, ToolChoice
from ..fields import Fields, Known, decode_at, is_set
from ..memory import Latest
from .names import CUSTOM, CUSTOM_SCHEMA, Name, flat, name_of
from .types import DIALECT, WireChoice, WireGrammar, WireNamespace, WireTool, encode, raws_decoder, word

Tools = tuple[Tool | HostedTool, ...]

_tool = Known(WireTool)
_namespace = Known(WireNamespace)
_choice = msgspec.json.Decoder(str | WireChoice)
_format = msgspec.json.Decoder(WireGrammar)
_allowed = msgspec.json.Decoder(WireChoice)
_flag = msgspec.json.Decoder(bool)

REMEMBERED = 1 << 20
"""Bytes of tool definitions that are kept in case they come again."""


def read_tools(fields: Fields) -> Tools:
    """The tools, flat and in the client's order."""
    raw = fields.raw("tools")
    if raw is None:
        return ()
    # A copy: what is remembered must not keep the whole body.
    return _tools_of(bytes(raw)) if len(raw) <= REMEMBERED else _decode_tools(bytes(raw))


def _decode_tools(array: bytes) -> Tools:
    tools: list[Tool | HostedTool] = []
    raws = decode_at(raws_decoder, array, "tools")
    for number, raw in enumerate(raws):
        tools += _read_tool(raw, f"tools[{number}]")
    return _distinct(tools)


_tools_of = Latest(_decode_tools, operator.eq)


def _read_tool(raw: Raw, path: str) -> list[Tool | HostedTool]:
    wire, extras = _tool.read(raw, path)
    match wire.type:
        case "function" | "custom":
            return [_read_function(wire, extras, path)]
        case "namespace":
            return [*_read_members(raw, word(wire.description), path)]
    kind = word(wire.type)
    return [HostedTool(DIALECT, kind, word(wire.name) or kind, raw)]


def _read_members(raw: Raw, about: str, path: str) -> list[Tool]:
    """The tools of a namespace, each with what belongs to all of them."""
    wire, others = _namespace.read(raw, path)
    if not word(wire.name):
        raise BadRequest.at(f"{path}.name", " is missing.", remedy="Name the namespace.")
    shared = {"namespace": Raw(encode(wire.name)), **{f"namespace.{name}": value for name, value in others.items()}}
    members: list[Tool] = []
    for number, each in enumerate(wire.tools or ()):
        at = f"{path}.tools[{number}]"
        tool = _read_function(*_tool.read(each, at), at)
        extras = tool.extras | shared | {"name": Raw(encode(tool.name))}
        description = tool.description
        if number == 0 and about:
            # Others have no place for what is said of all; the first member says it.
            extras.setdefault("description", Raw(encode(description)))
            description = f"{about}\n\n{description}".strip()
        members.append(
            msgspec.structs.replace(
                tool, name=flat(tool.name, wire.name), description=description, extras=extras, dialect=DIALECT
            )
        )
    return members


def _read_function(wire: WireTool, extras: dict[str, Raw], path: str) -> Tool:
    if not word(wire.name):
        raise BadRequest.at(f"{path}.name", " is missing.", remedy="Name the tool.")
    schema = wire.parameters if is_set(wire.parameters) else NONE
    description = word(wire.description)
    if wire.type == CUSTOM:
        extras["type"] = Raw(encode(CUSTOM))
        extras["description"] = Raw(encode(description))
        schema, description = CUSTOM_SCHEMA, _described(description, extras.get("format"), path)
    return Tool(
        name=wire.name,
        description=description,
        schema=schema,
        strict=wire.strict,
        extras=extras,
        dialect=DIALECT if extras else "",
    )


def _described(description: str, format: Raw | None, path: str) -> str:
    """A custom tool's description for models that are told of a function instead: the grammar is part of it."""
    wire = decode_at(_format, format, f"{path}.format") if format is not None and is_set(format) else None
    if wire is None or not word(wire.definition):
        return description
    syntax = word(wire.syntax) or "following"
    return f"{description}\n\nThe input must follow this {syntax} grammar:\n{wire.definition}".strip()


def _distinct(tools: list[Tool | HostedTool]) -> Tools:
    """The tools, with another flat name for a member of a namespace whose name is taken."""
    taken = {tool.name for tool in tools if isinstance(tool, Tool) and not name_of(tool).namespace}
    distinct: list[Tool | HostedTool] = []
    for tool in tools:
        if isinstance(tool, Tool) and name_of(tool).namespace:
            name, count = tool.name, 1
            while name in taken:
                count += 1
                name = f"{tool.name}_{count}"
            taken.add(name)
            distinct.append(msgspec.structs.replace(tool, name=name))
        else:
            distinct.append(tool)
    return tuple(distinct)


# -- choice ----------------------------------------------------------------------------------------------------------

_MODES = {"auto": ToolChoice("auto"), "required": ToolChoice("any"), "none": ToolChoice("none")}


def read_choice(fields: Fields, tools: Tools, extras: dict[str, Raw]) -> tuple[ToolChoice | None, Tools]:
    """What must be called, and the tools that may be."""
    raw = fields.raw("tool_choice")
    parallel = fields.take("parallel_tool_calls", _flag)
    if raw is None:
        return (None if parallel is None else ToolChoice(parallel=parallel)), tools
    wire = decode_at(_choice, raw, "tool_choice")
    if isinstance(wire, str):
        choice = _MODES.get(wire)
        if choice is None:
            raise BadRequest.at("tool_choice", f": '{wire}' is no choice; use auto, required, none or a tool.")
    else:
        choice, tools = _read_object(wire, tools)
        if choice is None:
            extras["tool_choice"], choice = raw, ToolChoice("auto")
    return msgspec.structs.replace(choice, parallel=parallel), tools


def _read_object(wire: WireChoice, tools: Tools) -> tuple[ToolChoice | None, Tools]:
    """A choice that names tools; None for a tool the provider runs itself, and for what is not known yet."""
    match wire.type:
        case "function" | "custom":
            if not word(wire.name):
                raise BadRequest.at("tool_choice.name", " is missing.", remedy="Name the tool.")
            own = next((tool.name for tool in tools if isinstance(tool, Tool) and _is(tool, wire)), "")
            return ToolChoice("named", own or flat(wire.name, word(wire.namespace))), tools
        case "allowed_tools":
            allowed = [
                decode_at(_allowed, raw, f"tool_choice.tools[{number}]") for number, raw in enumerate(wire.tools or ())
            ]
            kept = tuple(tool for tool in tools if any(_is(tool, each) for each in allowed))
            mode = _MODES["required" if wire.mode == "required" and kept else "auto"]
            return mode, kept
    return None, tools


def _is(tool: Tool | HostedTool, wire: WireChoice) -> bool:
    """Whether a choice means this tool."""
    if isinstance(tool, HostedTool):
        label = word(wire.server_label)
        return tool.type == word(wire.type) and (not label or label.encode() in bytes(tool.raw))
    own = name_of(tool)
    if wire.type == "namespace":
        return own.namespace == word(wire.name)
    if wire.type not in ("function", CUSTOM):
        return False
    return own == Name(word(wire.name), word(wire.namespace), own.custom)
