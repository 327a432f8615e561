"""The versions of a settings file: which there are, what differs between them, and an older one put in force again."""

from __future__ import annotations

import difflib

from msgspec import Struct

from ..config.compare import Change, compare
from ..config.hiding import hidden
from ..config.history import Version
from ..errors import ConfigFault
from .settings_file import SettingsFile, Written, command


class Step(Struct, frozen=True):
    """A version, and what changed with it."""

    version: Version
    changes: list[Change] | None
    """Keys masked; None for the first version, and where it cannot be said."""


class Difference(Struct, frozen=True):
    """What differs between two texts, keys masked."""

    lines: list[str]
    """Of a unified diff."""
    differs: bool
    """Whether anything does; without lines it is keys only."""


def steps(file: SettingsFile, most: int | None = None) -> list[Step]:
    """The versions, the oldest first; only the newest `most` of them."""
    versions = file.history.versions()
    shown = len(versions) if most is None else min(most, len(versions))
    first = len(versions) - shown
    before = [None, *versions[:-1]][first:] if versions else []
    return [Step(each, _changes(file, old, each)) for old, each in zip(before, versions[first:], strict=True)]


def _changes(file: SettingsFile, old: Version | None, new: Version) -> list[Change] | None:
    if old is None:
        return None
    try:
        before, after = (file.trial(file.history.text(each)).config for each in (old, new))
    except ConfigFault:
        return None
    return None if before is None or after is None else compare(before, after)


def unsaved(file: SettingsFile) -> bool:
    """Whether the file says something else by now than its newest version."""
    versions = file.history.versions()
    return bool(versions and file.text) and file.text != file.history.text(versions[-1])


def difference(file: SettingsFile, one: int | None, other: int | None) -> Difference:
    """From version `one` (left out: the one before the last change) to `other` (left out: the file as it is now)."""
    versions = file.history.versions()
    if not versions:
        raise ConfigFault("No version of the settings is kept yet.", remedy="Each change makes one.")
    first = file.history.version(one) if one is not None else _before(file, versions)
    old, new, name = file.history.text(first), file.text, "now"
    if other is not None:
        new, name = file.history.text(file.history.version(other)), f"version {other}"
    return between(old, new, f"version {first.number}", name)


def between(old: str, new: str, name: str, other: str) -> Difference:
    """What differs between two texts of those names."""
    lines = difflib.unified_diff(hidden(old).splitlines(), hidden(new).splitlines(), name, other, lineterm="")
    return Difference(list(lines), old != new)


def _before(file: SettingsFile, versions: list[Version]) -> Version:
    """The newest version that says something else than the file does now, else the newest."""
    others = [each for each in versions if file.history.text(each) != file.text]
    return others[-1] if others else versions[-1]


def roll_back(file: SettingsFile, number: int, how: str = "") -> Written | None:
    """Put a version in force again; None where the file says that already. Raises `ConfigFault`."""
    text = file.history.text(file.history.version(number))
    if text == file.text:
        return None
    return file.write(text, how or command("config", "rollback", str(number)))
