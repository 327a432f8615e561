"""Forced tool calls for engines that let text come first whatever `tool_choice` says: the schema of a call.

llama.cpp's grammar of a forced call begins only where the model begins one. A structured answer is held from its first
character, so the call is asked for as one: `{"name": <tool>, "arguments": <its schema>}`. The tools stay in the prompt,
which has the same bytes as without force (P80). `called.py` makes the call of the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from ...neutral.parts import Text
from ...neutral.request import Request, Tool
from ...neutral.traits import Traits
from ..offered import in_prompt, loaded
from .identifiers import write_name
from .types import DIALECT, encode

_ANY_OBJECT = Raw(b'{"type":"object"}')
_OWN_GRAMMARS = frozenset({"grammar", "json_schema"})
"""Fields of llama.cpp with which a client holds the answer itself."""


def forced(request: Request, traits: Traits) -> tuple[Tool, ...]:
    """The tools of which one must be called, where only a schema can see to that; () for any other request."""
    choice = request.tool_choice
    if traits.forced_by != "schema" or choice is None or choice.mode not in ("any", "named"):
        return ()
    if not _OWN_GRAMMARS.isdisjoint(request.extras.get(DIALECT, {})):
        return ()
    if choice.mode == "named":
        named = (tool for tool in request.tools if tool.name == choice.name and isinstance(tool, Tool))
        return tuple(named)[:1]
    offered = (tool for _, tool in in_prompt(request.tools, loaded(request)))
    return tuple(tool for tool in offered if isinstance(tool, Tool))


def call_schema(tools: Sequence[Tool]) -> Raw:
    """The JSON Schema of a call of one of them. References inside their schemas follow them to their new place."""
    calls = [_call(tool.name, f"#/$defs/{place}") for place, tool in enumerate(tools)]
    shape: Mapping[str, object] = calls[0] if len(calls) == 1 else {"oneOf": calls}
    definitions = {str(place): _arguments(tool, f"#/$defs/{place}") for place, tool in enumerate(tools)}
    return Raw(encode({**shape, "$defs": definitions}))


def told(request: Request, tools: Sequence[Tool]) -> Request:
    """The request with words about `tools`, for a model whose chat template shows none."""
    offers = [
        {"name": write_name(tool.name), "description": tool.description, "parameters": _schema(tool)} for tool in tools
    ]
    words = 'Answer with one call of these tools: a JSON object {"name": ..., "arguments": ...} and nothing else.'
    return replace(request, system=(*request.system, Text(f"{words}\n{encode(offers).decode()}")))


def _call(name: str, arguments: str) -> dict[str, object]:
    fields = {"name": {"const": write_name(name)}, "arguments": {"$ref": arguments}}
    # The order of the fields is the order in which they are written: who is called comes first.
    return {"type": "object", "properties": fields, "required": ["name", "arguments"], "additionalProperties": False}


def _schema(tool: Tool) -> Raw:
    """What says nothing of the arguments still says that they are an object."""
    schema = bytes(tool.schema).strip()
    return tool.schema if schema[:1] == b"{" and schema[1:-1].strip() else _ANY_OBJECT


def _arguments(tool: Tool, place: str) -> object:
    schema = _schema(tool)
    if b'"$ref"' not in bytes(schema):
        return schema
    return _moved(msgspec.json.decode(schema), place)


def _moved(value: object, place: str) -> object:
    """A schema whose references to itself find it at `place`."""
    if isinstance(value, list):
        return [_moved(item, place) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: place + inner[1:]
        if key == "$ref" and isinstance(inner, str) and inner[:1] == "#"
        else _moved(inner, place)
        for key, inner in value.items()
    }
