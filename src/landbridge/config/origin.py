"""The settings in force, each with where it was said: a flag, a variable, a line of the file, or nowhere."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from .compare import values
from .keys import dotted
from .places import Keys, Origin, Places
from .schema import Config
from .secret import showable


class Setting(Struct, frozen=True):
    """One setting in force."""

    key: str
    """Dotted."""
    value: Any
    """As it may be shown."""
    origin: Origin
    place: str
    """The variable, or the line of the file."""


def in_force(config: Config, places: Places) -> list[Setting]:
    """Every setting, in the order of the schema."""
    return [
        Setting(dotted(path), showable(path, value), *_origin(path, places)) for path, value in values(config).items()
    ]


def _origin(path: Keys, places: Places) -> tuple[Origin, str]:
    origin, place = places.origin(path)
    if origin == "default" and path[0] == "models" and len(path) > 2:
        origin, place = places.origin(("model_defaults", *path[2:]))
        place = f"{place}, [model_defaults]" if place else ""
    return origin, place
