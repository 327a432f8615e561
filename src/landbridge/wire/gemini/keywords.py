"""What keywords of JSON Schema say, one by one; `schema.py` puts it together."""

from __future__ import annotations

from typing import Any, TypeGuard

from .types import encode

Node = dict[str, Any]

_WORDS = frozenset(
    {"title", "description", "default", "examples", "$comment", "$schema", "$id", "$defs", "definitions"}
)
"""Keywords of which nobody misses a second."""
_LOWEST = frozenset({"maximum", "exclusiveMaximum", "maxItems", "maxLength", "maxProperties"})
_HIGHEST = frozenset({"minimum", "exclusiveMinimum", "minItems", "minLength", "minProperties"})


def merged(node: Node, unsaid: list[str] | None = None) -> Node:
    """The node without `allOf`; of what can only stand once the first stays, and `unsaid` gets the others' names."""
    parts = node.get("allOf")
    if not isinstance(parts, list):
        return node
    found = {name: value for name, value in node.items() if name != "allOf"}
    lost = [] if unsaid is None else unsaid
    for part in parts:
        if isinstance(part, dict):
            _add(found, merged(part, lost), lost)
    return found


def _add(found: Node, part: Node, lost: list[str]) -> None:
    for name, value in part.items():
        known = found.setdefault(name, value)
        if known == value:
            continue
        if name == "properties" and isinstance(known, dict) and isinstance(value, dict):
            found[name] = _properties(known, value)
        elif name in ("required", "propertyOrdering") and isinstance(known, list) and isinstance(value, list):
            found[name] = [*known, *(each for each in value if each not in known)]
        elif name == "enum" and isinstance(known, list) and isinstance(value, list):
            found[name] = [each for each in known if each in value] or known
        elif name in _LOWEST | _HIGHEST and _is_limit(known) and _is_limit(value):
            found[name] = (min if name in _LOWEST else max)(known, value)
        elif name not in _WORDS:
            lost.append(name)


def _is_limit(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _properties(known: Node, more: Node) -> Node:
    """Both objects' properties; one that both have must fit both."""
    return known | {
        name: {"allOf": [known[name], inner]} if name in known and known[name] != inner else inner
        for name, inner in more.items()
    }


def branches(node: Node) -> list[Any] | None:
    """The schemas of which one must fit, whichever way that is said; None if there is but one."""
    for name in ("anyOf", "oneOf"):
        if isinstance(node.get(name), list) and node[name]:
            return list(node[name])
    kinds = node.get("type")
    if isinstance(kinds, list):
        return [{"type": kind} for kind in kinds if isinstance(kind, str)] or None
    return None


def is_null(branch: Any) -> bool:
    """Whether a schema is that of null alone."""
    return isinstance(branch, dict) and str(branch.get("type")).lower() == "null"


def follow(root: Any, reference: str) -> Any:
    """What a local reference (`#/$defs/item`) names; None for any other."""
    if reference == "#":
        return root
    if not reference.startswith("#/"):
        return None
    found = root
    for step in reference[2:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        found = found.get(name) if isinstance(found, dict) else None
    return found


def values_of(node: Node) -> list[Any]:
    """What `enum` or `const` allows."""
    if "const" in node:
        return [node["const"]]
    return node["enum"] if isinstance(node.get("enum"), list) else []


def type_of(values: list[Any]) -> str:
    """The type that all of some values have."""
    if all(isinstance(value, bool) for value in values):
        return "BOOLEAN"
    if all(is_number(value) for value in values):
        return "INTEGER" if all(value == int(value) for value in values) else "NUMBER"
    return "STRING"


def is_number(value: Any) -> TypeGuard[int | float]:
    """A number that can be written again."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1 << 63


def spelled(value: Any) -> str:
    """A value of an enumeration as the string that stands for it."""
    return value if isinstance(value, str) else encode(value).decode()


def says_nothing(name: str, value: Any) -> bool:
    """Whether a constraint constrains nothing."""
    if name == "propertyNames":
        return value in ({"type": "string"}, {}, True)
    return name == "uniqueItems" and value is not True
