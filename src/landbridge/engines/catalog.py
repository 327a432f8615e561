"""Models known by a short name: where they come from, what they must be, and the chat template that suits them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """One model of the catalogue."""

    title: str
    source: str
    sha256: str
    size: int
    """Bytes of the finished file."""
    licence: str
    also: tuple[str, ...] = ()
    """Other sources of the very same file."""
    template: str = ""
    """A file in `templates/`; empty: the model file's own."""
    note: str = ""


@cache
def catalog() -> dict[str, Entry]:
    """All of them by name."""
    text = (files(__package__) / "catalog.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Entry])


def template_of(entry: Entry) -> str | None:
    """The text of its chat template; None for the model file's own."""
    if not entry.template:
        return None
    return (files(__package__) / "templates" / entry.template).read_text(encoding="utf-8")
