"""Two settings, compared key by key: what changed, from what to what, and when it takes effect.

Values are as they may be shown: keys are masked, so that a changed one reads `*** -> ***`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from .effects import Effect, effect
from .keys import dotted
from .places import Keys
from .schema import Config
from .secret import showable

MISSING = msgspec.UNSET
"""Stands for what is not there, where None is a value."""


class Change(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One setting that differs."""

    key: str
    """Dotted."""
    before: Any = MISSING
    """As it may be shown; left out where the key was not there."""
    after: Any = MISSING
    effect: Effect
    """When the change takes effect in a running router."""


def compare(before: Config, after: Config) -> list[Change]:
    """What differs, in the order of the schema."""
    old, new = values(before), values(after)
    return [
        Change(
            key=dotted(path),
            before=showable(path, old[path]) if path in old else MISSING,
            after=showable(path, new[path]) if path in new else MISSING,
            effect=effect(path),
        )
        for path in _united(old, new)
        if old.get(path, MISSING) != new.get(path, MISSING)
    ]


def words(changes: Iterable[Change], most: int = 8) -> str:
    """The keys that changed, for the log."""
    named = [each.key for each in changes]
    if not named:
        return "nothing has changed"
    return ", ".join(named[:most]) + (f" and {len(named) - most} more" if len(named) > most else "")


def values(config: Config) -> dict[Keys, Any]:
    """Every setting by its path; of named sections what differs from the default, of mappings each entry."""
    return dict(_values(config, ()))


def _values(section: Struct, above: Keys) -> Iterator[tuple[Keys, Any]]:
    usual = type(section)() if len(above) > 1 else None
    for name in section.__struct_fields__:
        path, value = (*above, name), getattr(section, name)
        if isinstance(value, Struct):
            yield from _values(value, path)
        elif isinstance(value, Mapping):
            for key, inner in value.items():
                if isinstance(inner, Struct):
                    yield from _named(inner, (*path, key))
                else:
                    yield (*path, key), inner
        elif usual is None or above[0] == "listeners" or value != getattr(usual, name):
            yield path, value


def _named(section: Struct, path: Keys) -> Iterator[tuple[Keys, Any]]:
    found = list(_values(section, path))
    yield from found or [(path, {})]


def _united(old: Mapping[Keys, Any], new: Mapping[Keys, Any]) -> list[Keys]:
    """The paths of both; one that is in one only stands behind what stood before it there."""
    united = list(new)
    place = 0
    for path in old:
        if path in new:
            place = united.index(path) + 1
        else:
            united.insert(place, path)
            place += 1
    return united
