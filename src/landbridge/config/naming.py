"""A setting's name, as people type it, to its path: `models.qwen2.5-7b.context`, `aliases."claude-*"`.

Dots within the names of providers, models and aliases need no quotes where the schema says how the path goes on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from ..errors import ConfigFault
from .check import suggestion
from .environment import kind_at
from .keys import dotted, hints, is_section, member_of
from .places import Keys
from .schema import Config

_PART = re.compile(r""""((?:[^"\\]|\\.)*)"|'([^']*)'|([^."'][^.]*)""")


def path_of(name: str, there: Callable[[Keys], bool] = lambda path: False) -> Keys:
    """The path that `name` means. Raises `ConfigFault` where there is no such setting.

    `there` says whether a section exists: `models.m.ctx` is a model's section only where there is one of that name.
    """
    parts = _parts(name)
    found = next(_paths(parts, Config), None)
    if found is None or (len(found) < len(parts) and is_section(kind_at(found)) and not there(found)):
        raise _unknown(parts)
    return found


def _parts(name: str) -> list[str]:
    parts, at = [], 0
    while at < len(name):
        found = _PART.match(name, at)
        if found is None:
            raise ConfigFault(f"'{name}' is no name of a setting.", remedy="Write it like listeners.router.port.")
        quoted = found[1].replace('\\"', '"').replace("\\\\", "\\") if found[1] is not None else found[2]
        parts.append(found[3] if found[3] is not None else quoted)
        at = found.end()
        if at < len(name) - 1 and name[at] == ".":
            at += 1
        elif at < len(name):
            raise ConfigFault(f"'{name}' is no name of a setting.", remedy="Write it like listeners.router.port.")
    if not parts:
        raise ConfigFault("The name of a setting is missing.", remedy="Write it like listeners.router.port.")
    return parts


def _paths(parts: list[str], kind: Any) -> Iterator[Keys]:
    """The ways to read `parts` below `kind`, those with the shortest names first."""
    if not parts:
        yield ()
    elif is_section(kind):
        if parts[0] in hints(kind):
            for rest in _paths(parts[1:], hints(kind)[parts[0]]):
                yield (parts[0], *rest)
    elif (member := member_of(kind)) is not None:
        for size in range(1, len(parts) + 1):
            for rest in _paths(parts[size:], member):
                yield (".".join(parts[:size]), *rest)


def _unknown(parts: list[str]) -> ConfigFault:
    """Names the first part that is nothing where it stands."""
    kind: Any = Config
    for depth, part in enumerate(parts):
        if is_section(kind):
            known = hints(kind)
            if part not in known:
                path = tuple(parts[: depth + 1])
                return ConfigFault(
                    f"There is no setting '{dotted(path)}'.", remedy=suggestion(path, part, known, "The name")
                )
            kind = known[part]
        elif (member := member_of(kind)) is not None:
            kind = member
        else:
            break
    name = dotted(parts)
    return ConfigFault(f"There is no setting '{name}'.", remedy=f"'{dotted(parts[:depth])}' is a value.")
