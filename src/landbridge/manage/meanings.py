"""Every setting there can be: what it means, what it takes, its default, and when a change of it takes effect."""

from __future__ import annotations

import typing
from typing import Any, Literal

from msgspec import Struct

from ..config.effects import Effect, effect
from ..config.json_schema import json_schema
from ..config.keys import NAME, Key, dotted, keys, variable, words
from ..config.meanings import meanings
from ..config.secret import is_secret


class Meaning(Struct, omit_defaults=True):
    """One setting."""

    key: str
    """Dotted; `NAME` in it stands for a name of the user's."""
    text: str
    """What it means."""
    takes: str
    """What it may be, in words."""
    schema: dict[str, Any]
    """The same as a JSON schema (draft 7): type, limits, choices in the order of the manual."""
    default: Any
    """As in the file; null: it is left out."""
    effect: Effect
    """When a change takes effect in a running router."""
    variable: str
    """The environment variable that sets it."""
    secret: bool = False
    """Whether it is never shown."""


class Section(Struct):
    """What stands under one top-level key of the file."""

    name: str
    text: str
    named: bool
    """Whether it holds sections (or values) under names of the user's: `providers.lab`."""
    settings: list[Meaning]


class Meanings(Struct):
    """All settings, in the order of the schema."""

    sections: list[Section]


def all_meanings() -> Meanings:
    """What `docs/settings.md` says, for programs."""
    texts, shape = meanings(), json_schema()
    found: dict[str, Section] = {}
    for key in keys():
        top = key.path[0]
        named = NAME in key.path or shape["properties"][top].get("type") == "object"
        section = found.setdefault(top, Section(top, texts.get(("Config", top), ""), named, []))
        section.settings.append(_meaning(key, texts, shape))
    return Meanings(list(found.values()))


def _meaning(key: Key, texts: dict[tuple[str, str], str], shape: dict[str, Any]) -> Meaning:
    name, field = key.section.__name__, key.path[-1]
    owner = shape if name == "Config" else shape["definitions"][name]
    kind = owner["properties"][field]
    default = key.default if isinstance(key.default, (str, int, float, bool, list, dict, type(None))) else None
    return Meaning(
        key=dotted(key.path),
        text=texts.get((name, field), ""),
        takes=words(key.kind),
        schema=_in_order(kind, key.kind),
        default=default,
        effect=effect(key.path),
        variable=variable(key.path),
        secret=is_secret(key.path),
    )


def _in_order(schema: dict[str, Any], kind: Any) -> dict[str, Any]:
    """`schema` alone, with its choices as the type names them: msgspec sorts them by their letters."""
    found = {part: value for part, value in schema.items() if part not in ("default", "description")}
    if "enum" in found:
        order = [value for value in _choices(kind) if value in found["enum"]]
        found["enum"] = order if len(order) == len(found["enum"]) else found["enum"]
    return found


def _choices(kind: Any) -> list[Any]:
    if typing.get_origin(kind) is Literal:
        return list(typing.get_args(kind))
    return [choice for member in typing.get_args(kind) for choice in _choices(member)]
