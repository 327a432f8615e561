"""A tree of values to a `Config`: unknown keys, wrong types and impossible values are named with place and remedy.

`convert` raises the first fault; `examine` gives them all, for who wants to mend a file in one go.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from ..errors import ConfigFault
from .impossible import OF_ANY_ENGINE, impossible
from .keys import DEFAULTS, dotted, hints, is_section, keys, member_of, variable, words
from .places import Keys, Places
from .schema import Config
from .secret import is_secret

_SHOWN = 40
"""Characters of a wrong value that are repeated in the message."""


def convert(tree: Mapping[str, Any], places: Places) -> Config:
    """The settings of `tree`. Raises `ConfigFault` for the first thing that is wrong."""
    for _, fault in _check_section(tree, Config, (), places):
        raise fault
    config = _made(tree)
    for path, what, remedy in impossible(config):
        raise ConfigFault(f"{places.of(path)}: {what}", remedy=remedy)
    return config


def examine(tree: Mapping[str, Any], places: Places) -> tuple[Config | None, list[ConfigFault]]:
    """The settings of `tree`, or everything that is wrong with it.

    What has a wrong key or type is left out to look at the rest; a section that then lacks it is not blamed for that.
    """
    found = list(_check_section(tree, Config, (), places))
    faults = [fault for _, fault in found]
    config = _made(_without(tree, [path for path, _ in found]))
    sections = {path[:2] for path, _ in found}
    for path, what, remedy in impossible(config):
        if path[:2] not in sections:
            faults.append(ConfigFault(f"{places.of(path)}: {what}", remedy=remedy))
    return (None if faults else config), faults


def _made(tree: Mapping[str, Any]) -> Config:
    return msgspec.convert(_filled(_with_model_defaults(tree), DEFAULTS), Config)


def _without(tree: Mapping[str, Any], paths: list[Keys]) -> dict[str, Any]:
    """`tree` without what is at `paths`."""
    here = {path[0] for path in paths if len(path) == 1}
    below = {key: [path[1:] for path in paths if len(path) > 1 and path[0] == key] for key in tree}
    return {
        key: _without(value, below[key]) if below[key] and isinstance(value, Mapping) else value
        for key, value in tree.items()
        if key not in here
    }


def _filled(tree: Mapping[str, Any], section: Struct) -> dict[str, Any]:
    """`tree` with the defaults of each section's own place: the router's port is not any listener's."""
    return {
        name: _filled(tree.get(name, {}), default) if isinstance(default, Struct) else tree.get(name, default)
        for name in section.__struct_fields__
        for default in [getattr(section, name)]
    }


def _with_model_defaults(tree: Mapping[str, Any]) -> Mapping[str, Any]:
    """`tree` with the defaults of all models in the section of each; a server of a model's own has few of them."""
    usual = tree.get("model_defaults", {})
    models = {
        name: {**({key: usual[key] for key in usual if key in OF_ANY_ENGINE} if "command" in own else usual), **own}
        for name, own in tree.get("models", {}).items()
    }
    return {**tree, "models": models} if usual and models else tree


# -- keys and types ----------------------------------------------------------------------------------------------------


Found = Iterator[tuple[Keys, ConfigFault]]
"""Where something is wrong, and what."""


def _check_section(tree: Mapping[str, Any], schema: type[Struct], above: Keys, places: Places) -> Found:
    kinds = hints(schema)
    for key, value in tree.items():
        path = (*above, key)
        if key not in kinds:
            yield path, _unknown(path, kinds, places)
        else:
            yield from _check_value(value, kinds[key], path, places)


def _check_value(value: Any, kind: Any, path: Keys, places: Places) -> Found:
    if is_section(kind):
        if isinstance(value, Mapping):
            yield from _check_section(value, kind, path, places)
        else:
            yield path, _wrong(value, kind, path, places)
    elif isinstance(value, Mapping) and (member := member_of(kind)) is not None:
        for name, inner in value.items():
            yield from _check_value(inner, member, (*path, name), places)
    else:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError:
            yield path, _wrong(value, kind, path, places)


def _unknown(path: Keys, known: Mapping[str, Any], places: Places) -> ConfigFault:
    place, key = places.of(path), path[-1]
    return ConfigFault(f"{place}: there is no setting '{dotted(path)}'.", remedy=suggestion(path, key, known, place))


def suggestion(path: Keys, key: str, known: Mapping[str, Any], place: str) -> str:
    """What may have been meant by the unknown `key` at the end of `path`, where there are `known` ones."""
    every = list(keys())
    if place.startswith("The variable "):
        names = [variable(each.path) for each in every]
        near = difflib.get_close_matches(variable(path), names, n=1, cutoff=0.7)
        return f"Did you mean {near[0]}?" if near else "Sections are joined by two underscores: see docs/settings.md."
    if near := difflib.get_close_matches(key, known, n=1, cutoff=0.6):
        return f"Did you mean '{near[0]}'?"
    elsewhere = [dotted(each.path) for each in every if each.path[-1] == key]
    if elsewhere:
        return f"There is '{elsewhere[0]}'."
    return f"Known here: {', '.join(sorted(known))}."


def _wrong(value: Any, kind: Any, path: Keys, places: Places) -> ConfigFault:
    found = "" if is_secret(path) else f" is {_shown(value)}; it"
    return ConfigFault(f"{places.of(path)}: {dotted(path)}{found} must be {words(kind)}.")


def _shown(value: Any) -> str:
    """The value as it would stand in the file."""
    match value:
        case bool():
            return str(value).lower()
        case list():
            odd = [each for each in value if not isinstance(each, str)]
            return f"a list with {_shown(odd[0])} in it" if odd else "a list of texts"
        case dict():
            return "a section"
        case str():
            text = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}..."
            return msgspec.json.encode(text).decode()
        case int() if abs(value) > 10**_SHOWN:
            return "far too large"
    return str(value)
