"""The settings file of a command, and what is said of a change to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..config.compare import MISSING, Change, words
from ..config.effects import Effect
from ..manage.settings_file import SettingsFile, Written, toml
from . import show
from .context import places

MOST = 12
"""Changes that are told one by one."""
EFFECTS: dict[Effect, str] = {
    "now": "A running router takes it up at once.",
    "load": "It counts when the model is loaded next.",
    "restart": "It counts after a restart of the router.",
}


def settings_file(config: Path | None, data_dir: Path | None) -> SettingsFile:
    """The file that `--config` and `--data-dir` mean."""
    where = places(config, data_dir)
    return SettingsFile(where.config_path, where.data_dir)


def written(file: SettingsFile, after: str, how: str) -> list[Change]:
    """Write it, and say what did not go well. Gives what changed."""
    done = file.write(after, how)
    say_notes(file, done)
    return done.changes


def say_notes(file: SettingsFile, done: Written) -> None:
    """What did not go well."""
    if done.version is None:
        show.say(f"no version of the settings could be kept in {file.data_dir}.")
    for fault in done.still_wrong:
        show.say(f"still wrong: {fault}")


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


def print_changes(changes: Sequence[Change]) -> None:
    """The same for scripts."""
    show.print_json({"changes": changes, "version": None})
