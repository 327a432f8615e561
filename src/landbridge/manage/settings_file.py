"""The settings file as it is changed by whoever asks: tried first, written whole, kept as a version."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from ..config import Config
from ..config.check import examine
from ..config.compare import Change, compare
from ..config.edit import changed
from ..config.history import History, Version
from ..config.load import gather
from ..config.places import Keys, Places
from ..config.secret import showable
from ..errors import ConfigFault

_LINE = re.compile(r"^[^\n]*?, line (?P<line>\d+): ")


class Trial(Struct, frozen=True):
    """What a text would be as the settings file, with this machine's environment."""

    faults: list[ConfigFault]
    config: Config | None = None
    """None where there are faults."""
    places: Places = msgspec.field(default_factory=Places)


class Written(Struct, frozen=True):
    """What came of a change."""

    changes: list[Change]
    version: Version | None
    """None where none could be kept; the file is written all the same."""
    still_wrong: list[str]
    """Faults that were there before."""


class SettingsFile:
    """The file at `path`, as it is now. Its versions are kept below `data_dir`; `env` may set things, too."""

    def __init__(self, path: Path, data_dir: Path, env: Mapping[str, str] = os.environ) -> None:
        self.path, self.data_dir, self._env = path, data_dir, env
        self.history = History(data_dir, path)
        self.text = self.history.text_now()

    def trial(self, text: str) -> Trial:
        """What is wrong with `text`, or what it means."""
        return tried(self.path, text, self._env)

    def set(self, edits: Iterable[tuple[Sequence[str], Any]], how: str) -> Written:
        """Set each key, or remove it with None. Raises what `write` does."""
        return self.write(changed(self.path, self.text, edits), how)

    def write(self, after: str, how: str) -> Written:
        """Put `after` in the place of what there is. Raises `ConfigFault` for new faults, and what `History` does.

        A file that is broken elsewhere may be changed all the same: so it is mended one by one.
        """
        before, then, good = self.trial(self.text), self.trial(after), self.last_good()
        known = {plain(fault) for fault in before.faults}
        for fault in then.faults:
            if plain(fault) not in known:
                raise fault
        version = self.history.change(self.text, after, how, good=not before.faults)
        was = before.config or good
        changes = compare(was, then.config) if was is not None and then.config is not None else []
        return Written(changes, version, [fault.text for fault in then.faults])

    def last_good(self) -> Config | None:
        """What the file says, or what its newest version said: that is in force in a router that runs."""
        config = self.trial(self.text).config
        for version in reversed(self.history.versions() if config is None else []):
            with suppress(ConfigFault):
                config = self.trial(self.history.text(version)).config
            if config is not None:
                break
        return config


def tried(path: Path, text: str, env: Mapping[str, str] = os.environ) -> Trial:
    """What is wrong with `text` as the settings file at `path`, or what it means."""
    try:
        tree, found = gather(path, text, env)
    except ConfigFault as fault:
        return Trial([fault])
    config, faults = examine(tree, found)
    return Trial(faults, config, found)


def plain(fault: ConfigFault) -> str:
    """What a fault says without its place, which moves when lines do."""
    found = _LINE.match(fault.message)
    return fault.message[found.end() :] if found else fault.message


def line_of(fault: ConfigFault) -> int | None:
    """The line of the settings file a fault is at."""
    found = _LINE.match(fault.message)
    return int(found["line"]) if found else None


def command(*words: str) -> str:
    """A command as the history tells it: `config set default_model m`."""
    return " ".join(shlex.quote(word) for word in words)


def told_value(path: Keys, text: str) -> str:
    """A value as the history tells it."""
    return str(showable(path, text))


def toml(value: Any) -> str:
    """A value as it would stand in the file; `-` for what is not there."""
    match value:
        case None | msgspec.UnsetType():
            return "-"
        case bool():
            return str(value).lower()
        case dict():
            return (
                "{ " + ", ".join(f"{toml(key)} = {toml(inner)}" for key, inner in value.items()) + " }"
                if value
                else "{}"
            )
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case str():
            return msgspec.json.encode(value).decode()
    return str(value)
