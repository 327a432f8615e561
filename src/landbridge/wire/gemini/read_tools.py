"""`tools` and `toolConfig` of a request.

Google's own tools (search, code, URLs) are hosted tools. The older `parameters` are a subset of OpenAPI's schemas and
become JSON Schema here, `parametersJsonSchema` stay as they are.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator

import msgspec
from msgspec import Raw, Struct

from ...errors import BadRequest
from ...neutral.parts import NONE
from ...neutral.request import HostedTool, Tool, ToolChoice
from ..fields import FAULTS, is_set
from ..memory import Latest
from .fields import Fields, read_fields, read_list
from .identifiers import read_name
from .json_schema import to_json_schema
from .types import DIALECT, encode

_string = msgspec.json.Decoder(str)
_names = msgspec.json.Decoder(list[str])


class _Plain(Struct, forbid_unknown_fields=True, rename={"schema": "parametersJsonSchema", "older": "parameters"}):
    """A declaration as nearly all are, in camelCase, for reading it in one pass."""

    name: str
    description: str | None = None
    schema: Raw = NONE
    older: Raw = NONE


_plain = msgspec.json.Decoder(_Plain)

REMEMBERED = 1 << 20
"""Bytes of tool definitions that are kept in case they come again."""
_MODES = {
    "AUTO": ToolChoice("auto"),
    "VALIDATED": ToolChoice("auto"),
    "ANY": ToolChoice("any"),
    "NONE": ToolChoice("none"),
}


def read_tools(fields: Fields) -> tuple[Tool | HostedTool, ...]:
    """All tools, in the client's order."""
    raw = fields.raw("tools")
    if raw is None:
        return ()
    # A copy: what is remembered must not keep the whole body.
    return _tools_of(bytes(raw)) if len(raw) <= REMEMBERED else _decode_tools(bytes(raw))


def _decode_tools(array: bytes) -> tuple[Tool | HostedTool, ...]:
    raws = read_list(Raw(array), "tools")
    return tuple(tool for number, raw in enumerate(raws) for tool in _read_tool(raw, f"tools[{number}]"))


_tools_of = Latest(_decode_tools, operator.eq)


def _read_tool(raw: Raw, path: str) -> Iterator[Tool | HostedTool]:
    """A tool of the wire: declarations of functions, one of Google's own tools, or both."""
    fields = read_fields(raw, path)
    for number, declaration in enumerate(fields.all("functionDeclarations")):
        yield _read_function(declaration, f"{path}.functionDeclarations[{number}]")
    for name, value in fields.rest().items():
        yield HostedTool(DIALECT, name, name, Raw(encode({name: value})))


def _read_function(raw: Raw, path: str) -> Tool:
    try:
        plain = _plain.decode(raw)
    except FAULTS:
        plain = None
    if plain is not None and plain.name:
        return _function(plain.name, plain.description, plain.schema, plain.older, {})
    fields = read_fields(raw, path)
    name = fields.take("name", _string)
    if not name:
        raise BadRequest(f"{fields.at('name')} is missing.", remedy="Name the function.")
    description = fields.take("description", _string)
    schema, older = (fields.raw(place) or NONE for place in ("parametersJsonSchema", "parameters"))
    return _function(name, description, schema, older, fields.rest())


def _function(name: str, description: str | None, schema: Raw, older: Raw, extras: dict[str, Raw]) -> Tool:
    if not is_set(schema):
        schema = to_json_schema(older) if is_set(older) else NONE
    return Tool(read_name(name), description or "", schema, extras=extras, dialect=DIALECT)


def read_choice(fields: Fields, extras: dict[str, Raw]) -> ToolChoice | None:
    """Which tool must be called; what a neutral choice cannot say stays in `extras` too."""
    config = fields.inner("toolConfig")
    if config is None:
        return None
    raw = config.raw("functionCallingConfig")
    extras |= {f"toolConfig.{name}": value for name, value in config.rest().items()}
    if raw is None or not is_set(raw):
        return None
    calling = read_fields(raw, config.at("functionCallingConfig"))
    mode = (calling.take("mode", _string) or "").upper()
    allowed = calling.take("allowedFunctionNames", _names) or []
    if mode == "ANY" and len(allowed) == 1 and not calling.rest():
        return ToolChoice("named", read_name(allowed[0]))
    if mode == "VALIDATED" or allowed or calling.rest():
        extras["toolConfig.functionCallingConfig"] = raw
    return _MODES.get(mode)
