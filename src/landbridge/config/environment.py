"""Settings from `LANDBRIDGE_...` variables: which key a name means, and what its text means there."""

from __future__ import annotations

import tomllib
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Union

from .keys import PREFIX, hints, is_section, member_of, spelled
from .schema import Config

RESERVED = frozenset({"LANDBRIDGE_CONFIG", "LANDBRIDGE_DATA_DIR", "LANDBRIDGE_DEBUG", "LANDBRIDGE_KEY"})
"""Variables that are not settings."""
_SWITCH = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


def read_environment(env: Mapping[str, str], tree: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str, Any]]:
    """(path, variable, value) of every setting in `env`, whole sections before single keys.

    `tree` is what the file says: names the user chose there (`qwen2.5-7b`) are found again in `QWEN2_5_7B`. An empty
    variable counts as not set.
    """
    names = sorted((name for name in env if name.startswith(PREFIX)), key=lambda name: (name.count("__"), name))
    for name in names:
        if name in RESERVED or not env[name].strip():
            continue
        path = _path(name.removeprefix(PREFIX).split("__"), tree)
        yield path, name, value_of(env[name], kind_at(path))


def _path(wanted: list[str], tree: Any) -> tuple[str, ...]:
    path: list[str] = []
    for word in wanted:
        known = list(tree) if isinstance(tree, Mapping) else []
        same = [key for key in known if spelled(key) == word.upper()]
        key = word.lower() if word.lower() in same or not same else same[0]
        path.append(key)
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    return tuple(path)


def kind_at(path: Sequence[str]) -> Any:
    """The type of the setting at `path`; None where there is none."""
    kind: Any = Config
    for key in path:
        kind = hints(kind).get(key) if is_section(kind) else member_of(kind)
    return kind


def value_of(text: str, kind: Any) -> Any:
    """The text as the type wants it: as it is for text, else what TOML makes of it."""
    plain = _plain(kind)
    if plain is str:
        return text
    if plain is bool and text.strip().lower() in _SWITCH:
        return _SWITCH[text.strip().lower()]
    try:
        return tomllib.loads(f"value = {text.strip()}")["value"]
    except (ValueError, RecursionError):
        return text


def _plain(kind: Any) -> Any:
    """The type without limits and without None."""
    if typing.get_origin(kind) is Annotated:
        kind = typing.get_args(kind)[0]
    if typing.get_origin(kind) in (Union, types.UnionType):
        members = [member for member in typing.get_args(kind) if member is not types.NoneType]
        kind = members[0] if len(members) == 1 else None
    return str if typing.get_origin(kind) is Literal else kind
