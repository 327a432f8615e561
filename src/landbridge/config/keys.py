"""The settings as a list of keys: for checks, suggestions, variables and the manual."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeGuard, Union

import msgspec
from msgspec import Meta, Struct

from .schema import MOST, YEAR, Config

NAME = "NAME"
"""Stands in a path for a name that the user chooses."""
PREFIX = "LANDBRIDGE_"
DEFAULTS = Config()
_BARE = re.compile(r"[A-Za-z0-9_-]+")


class Key(Struct, frozen=True):
    """One setting."""

    path: tuple[str, ...]
    section: type[Struct]
    """The Struct whose field it is."""
    kind: Any
    """Its type."""
    default: Any


def hints(schema: type[Struct]) -> Mapping[str, Any]:
    """The types of a section's keys, with their limits."""
    return typing.get_type_hints(schema, include_extras=True)


def keys(section: Struct = DEFAULTS, above: tuple[str, ...] = ()) -> Iterator[Key]:
    """Every key, in the order of the schema; those of named sections once, under `NAME`."""
    for name, kind in hints(type(section)).items():
        path, default = (*above, name), getattr(section, name)
        if isinstance(default, Struct):
            yield from keys(default, path)
        elif is_section(member := member_of(kind)):
            yield from keys(member(), (*path, NAME))
        else:
            yield Key(path, type(section), kind, default)


def is_section(kind: Any) -> TypeGuard[type[Struct]]:
    """Whether a type is a section with keys of its own."""
    return isinstance(kind, type) and issubclass(kind, Struct)


def member_of(kind: Any) -> Any:
    """What a mapping by name holds; None for what is none."""
    return typing.get_args(kind)[1] if typing.get_origin(kind) is dict else None


def dotted(path: Sequence[str]) -> str:
    """A path as TOML writes it: `models."qwen2.5".context`."""
    return ".".join(key if _BARE.fullmatch(key) else msgspec.json.encode(key).decode() for key in path)


def variable(path: tuple[str, ...]) -> str:
    """The environment variable of a key: `LANDBRIDGE_LISTENERS__ROUTER__PORT`."""
    return PREFIX + "__".join(spelled(key) for key in path)


def spelled(key: str) -> str:
    """A key as variables spell it: in upper case, with `_` for every other sign."""
    return re.sub(r"[^A-Z0-9_]", "_", key.upper())


# -- types in words ----------------------------------------------------------------------------------------------------

_PLAIN = {str: "text", bool: "true or false", int: "a whole number", float: "a number"}


def words(kind: Any) -> str:
    """What a setting takes, for people: `a whole number from 0 to 65535`."""
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if kind in _PLAIN:
        return _PLAIN[kind]
    if origin is Annotated:
        return _limited(args[0], next(each for each in args[1:] if isinstance(each, Meta)))
    if origin is Literal:
        chosen = [f'"{value}"' for value in args if value]
        return chosen[0] if len(chosen) == 1 else f"one of {', '.join(chosen)}"
    if origin in (Union, types.UnionType):
        said = [words(each) for each in args if each is not types.NoneType and not (each is int and float in args)]
        return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} or {said[-1]}"
    if origin is list and any(is_section(each) for each in typing.get_args(args[0])):
        return 'a list of models, each as "NAME" or { model = "NAME", weight = 1 }'
    if origin is list:
        return 'a list of texts, for example ["a", "b"]'
    if origin is dict:
        sections = is_section(args[1]) or typing.get_origin(args[1]) is dict
        return "sections, each with a name" if sections else f"a section with {words(args[1])} by name"
    return "a section"


def _limited(kind: Any, limits: Meta) -> str:
    what = "a number of seconds" if limits.le == YEAR else _PLAIN[kind]
    if limits.gt is not None:
        return f"{what} above {limits.gt:g}"
    if limits.le in (MOST, YEAR):
        return f"{what} of at least {limits.ge:g}"
    return f"{what} from {limits.ge:g} to {limits.le:g}"
