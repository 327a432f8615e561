"""JSON Schema to the subset of OpenAPI's schemas that Gemini's older fields take (P35).

What means the same in other words is rewritten: references are put in their place, unions of types and `oneOf` become
`anyOf`, null becomes `nullable`, `const` an `enum`, `allOf` is merged. What only tells people something is dropped. A
constraint that has no place is dropped and reported. Only keywords are touched: a property may have any name. Never
raises, and a schema that is in the subset already stays what it is.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw, Struct

from ...neutral.parts import NONE
from .keywords import (
    Node,
    branches,
    follow,
    is_null,
    is_number,
    merged,
    says_nothing,
    spelled,
    type_of,
    values_of,
)
from .types import encode

TYPES = {
    "string": "STRING",
    "number": "NUMBER",
    "integer": "INTEGER",
    "boolean": "BOOLEAN",
    "array": "ARRAY",
    "object": "OBJECT",
}
FORMATS = {
    "STRING": ("enum", "date-time"),
    "NUMBER": ("float", "double"),
    "INTEGER": ("int32", "int64"),
}
"""Formats that are accepted; any other is refused."""
COUNTS = ("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties")
LIMITS = ("minimum", "maximum")
WORDS = ("title", "description", "pattern")
KEYWORDS = frozenset(
    {"type", "format", "nullable", "enum", "items", "properties", "required", "anyOf", "propertyOrdering"}
).union(COUNTS, LIMITS, WORDS)
"""All that may stand in a schema."""

ANY: Node = {
    "anyOf": [
        {"type": "STRING"},
        {"type": "NUMBER"},
        {"type": "BOOLEAN"},
        {"type": "OBJECT"},
        {"type": "ARRAY", "items": {"type": "STRING"}},
    ],
    "nullable": True,
}
"""Any value, as far as it can be said; a place without a type is refused."""

_NOTES = """
$schema $id $anchor $comment $defs $ref $vocabulary $dynamicAnchor definitions id default example examples deprecated
readOnly writeOnly contentMediaType contentEncoding contentSchema strict discriminator xml externalDocs
const oneOf allOf exclusiveMinimum exclusiveMaximum prefixItems additionalItems additionalProperties
unevaluatedProperties minContains maxContains then else
"""
_SILENT = frozenset(_NOTES.split())
"""Keywords that are rewritten, say nothing of the values, or need another one that is reported."""

MAX_NODES = 4000
"""Places of a converted schema; references can make a small one endless."""
_HINTS = {
    "OBJECT": ("properties", "required", "additionalProperties", "minProperties", "maxProperties", "patternProperties"),
    "ARRAY": ("items", "minItems", "maxItems", "prefixItems", "uniqueItems", "contains"),
    "STRING": ("pattern", "minLength", "maxLength"),
    "NUMBER": (*LIMITS, "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
"""Keywords that tell the type where none is said."""


class Converted(Struct, frozen=True):
    """A schema in the subset, and the places where a constraint was lost, each with its reason."""

    schema: Raw
    lost: tuple[tuple[str, str], ...] = ()


def to_openapi(schema: Raw) -> Converted:
    """The schema in Gemini's subset."""
    try:
        root = msgspec.json.decode(bytes(schema) or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Converted(Raw(b'{"type":"OBJECT"}'), (("", "it is no JSON"),))
    down = _Down(root)
    try:
        return Converted(Raw(encode(down.convert(root, "", ()))), tuple(dict.fromkeys(down.lost)))
    except (RecursionError, OverflowError):
        return Converted(Raw(b'{"type":"OBJECT"}'), (("", "it is nested too deeply"),))


def to_parameters(schema: Raw) -> Converted:
    """The same for a function's arguments, which must be an object that has properties, or nothing at all."""
    if bytes(schema).strip() in (b"", b"{}", b"true"):
        return Converted(NONE)
    converted = to_openapi(schema)
    root: Node = msgspec.json.decode(converted.schema)
    lost = list(converted.lost)
    if "anyOf" in root:
        # One object that takes what any of them does: more than was meant, but never less.
        kinds = [each for each in root["anyOf"] if each.get("type") == "OBJECT"]
        common = set.intersection(*(set(each.get("required", ())) for each in kinds)) if kinds else set()
        known = {name: inner for each in reversed(kinds) for name, inner in each.get("properties", {}).items()}
        root = {"type": "OBJECT", "properties": known, "required": sorted(common)}
        lost.append(("", "a choice between objects became one with the properties of all"))
    if root.get("type") != "OBJECT" or not root.get("properties"):
        return Converted(NONE, tuple(lost))
    return Converted(Raw(encode({name: value for name, value in root.items() if value != []})), tuple(lost))


class _Down:
    """Converts one schema."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._nodes = 0
        self.lost: list[tuple[str, str]] = []

    def lose(self, path: str, why: str) -> None:
        """Note a constraint that is gone."""
        self.lost.append((path, why))

    def convert(self, node: Any, path: str, inside: tuple[str, ...]) -> Node:
        """One place of the schema; `inside` are the references it stands in."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self.lose("", "it is too large with its references in place, and was cut")
            return {"type": "OBJECT"}
        if not isinstance(node, dict):
            if node is False:
                self.lose(path, "nothing at all cannot be said")
            node = {}
        node, inside = self._flatten(node, path, inside)
        one_of = branches(node)
        if is_null(node) or (one_of is not None and all(map(is_null, one_of))):
            self.lose(path, "null alone cannot be said")
            return {"type": "STRING", "nullable": True}
        return self._single(node, path, inside) if one_of is None else self._any_of(node, one_of, path, inside)

    def _flatten(self, node: Node, path: str, inside: tuple[str, ...]) -> tuple[Node, tuple[str, ...]]:
        """The node without references and `allOf`."""
        node, inside = self._resolve(node, path, inside)
        parts = node.get("allOf")
        if not isinstance(parts, list):
            return node, inside
        flat: list[Node] = []
        for part in parts:
            if isinstance(part, dict):
                part, inside = self._flatten(part, path, inside)
                flat.append(part)
        unsaid: list[str] = []
        node = merged({**node, "allOf": flat}, unsaid)
        for name in unsaid:
            self.lose(f"{path}.{name}", "of several that must all hold only the first can be said")
        return node, inside

    def _resolve(self, node: Node, path: str, inside: tuple[str, ...]) -> tuple[Node, tuple[str, ...]]:
        """The node with what its reference names; what stands beside the reference wins."""
        while isinstance(reference := node.get("$ref"), str):
            beside = {name: value for name, value in node.items() if name != "$ref"}
            target = follow(self._root, reference)
            if reference in inside or not isinstance(target, dict):
                why = "a schema within itself is cut" if reference in inside else f"'{reference}' is not found"
                self.lose(path, why)
                return {"type": "object", **beside}, inside
            node, inside = {**target, **beside}, (*inside, reference)
        return {name: value for name, value in node.items() if name != "$ref"}, inside

    def _any_of(self, node: Node, one_of: list[Any], path: str, inside: tuple[str, ...]) -> Node:
        """Several schemas of which one must fit; null among them is `nullable`."""
        if "anyOf" in node and "oneOf" in node:
            self.lose(f"{path}.oneOf", "a second choice beside `anyOf` has no place")
        shared = {name: value for name, value in node.items() if name not in ("anyOf", "oneOf")}
        if isinstance(shared.get("type"), list):
            del shared["type"]
        others = [branch for branch in one_of if not is_null(branch)]
        nullable = shared.pop("nullable", None) is True or len(others) < len(one_of)
        if len(others) == 1:
            down = self.convert({"allOf": [shared, others[0]]}, path, inside)
        else:
            about = {name: shared.pop(name) for name in ("title", "description") if name in shared}
            down = {name: text for name, text in about.items() if isinstance(text, str)}
            alike = [{"allOf": [shared, branch]} if shared else branch for branch in others]
            down["anyOf"] = [self.convert(each, f"{path}.anyOf[{at}]", inside) for at, each in enumerate(alike)]
        return {**down, "nullable": True} if nullable else down

    def _single(self, node: Node, path: str, inside: tuple[str, ...]) -> Node:
        """A schema of one type."""
        kind = _type(node)
        down: Node = {"type": kind} if kind else {}
        for name in WORDS:
            if isinstance(node.get(name), str):
                down[name] = node[name]
        if not kind:
            self.lose(path, "a value of any type is said to be one of the usual")
            return {**down, **ANY}
        if node.get("nullable") is True:
            down["nullable"] = True
        if node.get("format") in FORMATS.get(kind, ()):
            down["format"] = node["format"]
        self._enum(node, down, path)
        self._numbers(node, down, path)
        if down["type"] == "OBJECT":
            self._object(node, down, path, inside)
        elif down["type"] == "ARRAY":
            self._array(node, down, path, inside)
        for name in node:
            if name not in KEYWORDS and name not in _SILENT and not says_nothing(name, node[name]):
                self.lose(f"{path}.{name}", "this constraint has no place")
        return down

    def _enum(self, node: Node, down: Node, path: str) -> None:
        """Only strings can be enumerated, and none of them empty."""
        values = values_of(node)
        if not values:
            return
        if None in values:
            down["nullable"] = True
        plain = [value for value in values if value is not None]
        kept = [spelled(value) for value in plain if isinstance(value, str | int | float) and value != ""]
        if down["type"] == "BOOLEAN" or not kept or down["type"] in ("OBJECT", "ARRAY"):
            if down["type"] != "BOOLEAN" or len(set(map(str, plain))) < 2:
                self.lose(f"{path}.enum", "only strings can be enumerated")
            return
        if len(kept) < len(plain):
            self.lose(f"{path}.enum", "some of its values cannot be said")
        if down["type"] != "STRING":
            down["type"] = "STRING"
            down.pop("format", None)
            self.lose(f"{path}.enum", "the numbers are strings")
        down["enum"] = list(dict.fromkeys(kept))

    def _numbers(self, node: Node, down: Node, path: str) -> None:
        """Counts and limits; an exclusive limit of integers is the next integer."""
        for name in (*COUNTS, *LIMITS):
            value = node.get(name)
            if is_number(value) and "enum" not in down:
                down[name] = value
        for name, limit, step in (("exclusiveMinimum", "minimum", 1), ("exclusiveMaximum", "maximum", -1)):
            value = node.get(limit) if node.get(name) is True else node.get(name)
            if not is_number(value) or "enum" in down:
                continue
            if down["type"] == "INTEGER" and value == int(value):
                value = int(value) + step
            else:
                self.lose(f"{path}.{name}", "the limit itself is allowed")
            known = down.get(limit, value)
            down[limit] = max(value, known) if step > 0 else min(value, known)

    def _object(self, node: Node, down: Node, path: str, inside: tuple[str, ...]) -> None:
        properties = node.get("properties")
        known = properties if isinstance(properties, dict) else {}
        if known:
            down["properties"] = {
                name: self.convert(inner, f"{path}.properties.{name}", inside) for name, inner in known.items()
            }
        for name in ("required", "propertyOrdering"):
            listed = node.get(name)
            if isinstance(listed, list) and (
                kept := [each for each in listed if isinstance(each, str) and each in known]
            ):
                down[name] = kept
        more = node.get("additionalProperties")
        if isinstance(more, dict) and more:
            self.lose(f"{path}.additionalProperties", "what its other properties may be has no place")

    def _array(self, node: Node, down: Node, path: str, inside: tuple[str, ...]) -> None:
        items = node.get("items")
        row = node.get("prefixItems", items if isinstance(items, list) else None)
        if isinstance(row, list) and row:
            self.lose(f"{path}.prefixItems", "the order of its items has no place")
            more = [items] if isinstance(items, dict) else []
            items = {"anyOf": [*row, *more]} if len(row) + len(more) > 1 else row[0]
        down["items"] = self.convert(items, f"{path}.items", inside)


def _type(node: Node) -> str:
    """The type that is said, or that the other keywords tell; empty if it may be any."""
    kind = node.get("type")
    if isinstance(kind, str) and kind.lower() in TYPES:
        return TYPES[kind.lower()]
    for found, hints in _HINTS.items():
        if any(hint in node for hint in hints):
            return found
    values = [value for value in values_of(node) if value is not None]
    return type_of(values) if values else ""
