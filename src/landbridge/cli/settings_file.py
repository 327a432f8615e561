"""The settings file as commands change it: tried first, written whole, kept as a version, and said what comes of it."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from ..config import Config
from ..config.check import examine
from ..config.compare import MISSING, Change, compare, words
from ..config.effects import Effect
from ..config.history import History, Version
from ..config.load import gather
from ..config.places import Keys, Places
from ..config.secret import showable
from ..errors import ConfigFault
from . import show
from .context import places

_LINE = re.compile(r"^[^\n]*?, line (?P<line>\d+): ")
MOST = 12
"""Changes that are told one by one."""
EFFECTS: dict[Effect, str] = {
    "now": "A running router takes it up at once.",
    "load": "It counts when the model is loaded next.",
    "restart": "It counts after a restart of the router.",
}


class Trial(Struct, frozen=True):
    """What a text would be as the settings file, with this machine's environment."""

    faults: list[ConfigFault]
    config: Config | None = None
    """None where there are faults."""
    places: Places = msgspec.field(default_factory=Places)


class SettingsFile:
    """The file that `--config` and `--data-dir` mean, as it is when the command begins."""

    def __init__(self, config: Path | None, data_dir: Path | None) -> None:
        where = places(config, data_dir)
        self.path, self.data_dir, self.named = where.config_path, where.data_dir, where.config_explicit
        self.history = History(self.data_dir, self.path)
        self.text = self.history.text_now()

    def trial(self, text: str) -> Trial:
        """What is wrong with `text`, or what it means."""
        return tried(self.path, text)

    def write(self, after: str, how: str) -> list[Change]:
        """Put `after` in the place of what there is. Gives what that changes; raises `ConfigFault` for new faults.

        A file that is broken elsewhere may be changed all the same: so it is mended one by one.
        """
        before, then, good = self.trial(self.text), self.trial(after), self.last_good()
        known = {plain(fault) for fault in before.faults}
        for fault in then.faults:
            if plain(fault) not in known:
                raise fault
        version = self.history.change(self.text, after, how, good=not before.faults)
        if version is None:
            show.say(f"no version of the settings could be kept in {self.data_dir}.")
        for fault in then.faults:
            show.say(f"still wrong: {fault.text}")
        was = before.config or good
        return compare(was, then.config) if was is not None and then.config is not None else []

    def last_good(self) -> Config | None:
        """What the file says, or what its newest version said: that is in force in a router that runs."""
        config = self.trial(self.text).config
        for version in reversed(self.history.versions() if config is None else []):
            with suppress(ConfigFault):
                config = self.trial(self.history.text(version)).config
            if config is not None:
                break
        return config


def tried(path: Path, text: str) -> Trial:
    """What is wrong with `text` as the settings file at `path`, or what it means."""
    try:
        tree, found = gather(path, text, os.environ)
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


def say_changes(changes: Sequence[Change]) -> None:
    """Tell the user what changed and when it counts."""
    for each in changes[:MOST]:
        was = "" if each.before is MISSING else f" (was {toml(each.before)})"
        now = "is gone" if each.after is MISSING else f"= {toml(each.after)}"
        show.say(f"{each.key} {now}{was}")
    if len(changes) > MOST:
        show.say(f"and {len(changes) - MOST} more: landbridge config diff")
    effects = {each.effect: None for each in changes}
    for effect in effects:
        if len(effects) == 1:
            show.say(EFFECTS[effect])
        else:
            keys = words([each for each in changes if each.effect == effect])
            show.say(f"{keys}: {EFFECTS[effect].replace('It counts', 'counts').replace('A running', 'a running')}")


def print_changes(changes: Sequence[Change], version: Version | None = None) -> None:
    """The same for scripts."""
    show.print_json({"changes": changes, "version": version.number if version else None})
