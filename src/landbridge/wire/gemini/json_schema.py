"""Google's subset of OpenAPI schemas to JSON Schema, which everybody else takes.

Types lose their capitals, `nullable` becomes the type `null`, counts that came as strings become numbers. A schema that
is JSON Schema already stays as it is, byte for byte. Never raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Raw

from .types import encode

_OWN = re.compile(
    rb'"(?:type"\s*:\s*"[A-Z]|nullable"|property_?[Oo]rdering"|any_of"|m(?:in|ax)_[a-z]+"|m(?:in|ax)\w+"\s*:\s*")'
)
"""What JSON Schema does not have."""
_CAMEL: dict[str, str] = {
    "any_of": "anyOf",
    "min_items": "minItems",
    "max_items": "maxItems",
    "min_length": "minLength",
    "max_length": "maxLength",
    "min_properties": "minProperties",
    "max_properties": "maxProperties",
}
_COUNTS = frozenset(_CAMEL.values()) - {"anyOf"}
_LEFT_OUT = frozenset({"nullable", "propertyOrdering", "property_ordering", "example"})

Node = dict[str, Any]


def to_json_schema(schema: Raw) -> Raw:
    """The schema as JSON Schema."""
    text = bytes(schema)
    if not _OWN.search(text):
        return schema
    try:
        return Raw(encode(_up(msgspec.json.decode(text))))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError):
        return schema


def _up(node: Any) -> Any:
    return _up_fields(node) if isinstance(node, dict) else node


def _up_fields(node: Node) -> Node:
    up: Node = {}
    for name, value in node.items():
        camel = _CAMEL.get(name, name)
        if camel not in _LEFT_OUT and not (camel == "format" and value == "enum"):
            up[camel] = _FIELDS[camel](value) if camel in _FIELDS else value
    if not up.get("type", ""):
        up.pop("type", None)
    if "enum" in up:
        up["enum"] = _enum(up["enum"], up.get("type"))
    return _nullable(up) if node.get("nullable") is True else up


def _type(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return "" if value == "TYPE_UNSPECIFIED" else value.lower() if value.isupper() else value


def _properties(value: Any) -> Any:
    return {name: _up(inner) for name, inner in value.items()} if isinstance(value, dict) else value


def _each(value: Any) -> Any:
    return [_up(inner) for inner in value] if isinstance(value, list) else value


def _count(value: Any) -> Any:
    """int64 fields of protocol buffers come as strings of digits."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value) else value


_FIELDS: dict[str, Callable[[Any], Any]] = {
    "type": _type,
    "properties": _properties,
    "items": _up,
    "anyOf": _each,
    "oneOf": _each,
    "allOf": _each,
    "additionalProperties": _up,
    **dict.fromkeys(_COUNTS, _count),
}


def _enum(values: Any, kind: Any) -> Any:
    """Google writes the numbers of an enumeration as strings."""
    if not isinstance(values, list) or kind not in ("integer", "number"):
        return values
    number = int if kind == "integer" else float
    try:
        return [number(value) if isinstance(value, str) else value for value in values]
    except ValueError:
        return values


def _nullable(up: Node) -> Node:
    if isinstance(up.get("enum"), list) and None not in up["enum"]:
        up["enum"] = [*up["enum"], None]
    if isinstance(up.get("type"), str):
        up["type"] = [up["type"], "null"]
    elif isinstance(up.get("anyOf"), list):
        up["anyOf"] = [*up["anyOf"], {"type": "null"}]
    return up
