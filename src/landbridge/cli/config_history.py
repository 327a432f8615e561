"""`landbridge config history`, `diff` and `rollback`: the last versions of the settings file."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from . import show
from .context import AsJson, ConfigFile, DataDir

if TYPE_CHECKING:
    from ..config.history import Version
    from ..manage.settings_file import SettingsFile

SHOWN = 20
"""Versions that are shown unless all are asked for."""


def history(
    *,
    every: Annotated[bool, Parameter(name="--all", negative=())] = False,
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """List the versions of the settings: when, who, by which command, what changed.

    Parameters
    ----------
    every
        All that are kept (the last 100), not only the newest 20.
    """
    from .settings_change import settings_file
    from .tables import print_table

    file = settings_file(config, data_dir)
    versions = file.history.versions()
    if as_json:
        show.print_json({"file": str(file.path), "versions": versions})
        return 0
    if not versions:
        show.say("no version is kept yet; each change makes one, also by hand while the router runs.")
        return 0
    newest = versions if every else versions[-SHOWN:]
    before = [None, *versions][-len(newest) - 1 : -1] if len(newest) < len(versions) else [None, *versions[:-1]]
    rows = [
        (str(each.number), when(each.time), each.who, each.how, _what(file, old, each))
        for old, each in zip(before, newest, strict=True)
    ]
    print_table(("N", "WHEN", "WHO", "HOW", "CHANGED"), reversed(rows), numbers=("N",), last=("HOW", "CHANGED"))
    if file.text and file.text != file.history.text(versions[-1]):
        show.say("the file says something else by now: landbridge config diff")
    if len(newest) < len(versions):
        show.say(f"{len(versions) - len(newest)} older ones: --all")
    return 0


def _what(file: SettingsFile, old: Version | None, new: Version) -> str:
    """The keys that changed from one version to the next."""
    from ..config.compare import compare, words
    from ..errors import ConfigFault

    if old is None:
        return ""
    try:
        before, after = (file.trial(file.history.text(each)).config for each in (old, new))
    except ConfigFault:
        return "?"
    if before is None or after is None:
        return "?"
    changes = compare(before, after)
    return words(changes, 4) if changes else "comments only"


def diff(
    one: int | None = None,
    other: int | None = None,
    /,
    *,
    config: ConfigFile = None,
    data_dir: DataDir = None,
) -> int:
    """Show what differs between two versions, keys masked; the file as it is now counts as one.

    Parameters
    ----------
    one
        The older version; left out: the one before the last change.
    other
        The newer version; left out: the file as it is now.
    """
    import difflib

    from ..config.hiding import hidden
    from ..errors import ConfigFault
    from .settings_change import settings_file

    file = settings_file(config, data_dir)
    versions = file.history.versions()
    if not versions:
        raise ConfigFault("No version of the settings is kept yet.", remedy="Each change makes one.")
    first = file.history.version(one) if one is not None else _before(file, versions)
    old, new = file.history.text(first), file.text
    name = "now"
    if other is not None:
        new, name = file.history.text(file.history.version(other)), f"version {other}"
    lines = list(
        difflib.unified_diff(
            hidden(old).splitlines(), hidden(new).splitlines(), f"version {first.number}", name, lineterm=""
        )
    )
    print("\n".join(lines)) if lines else None
    if not lines:
        show.say("only keys differ, which are not shown." if old != new else "nothing differs.")
    return 0


def _before(file: SettingsFile, versions: list[Version]) -> Version:
    """The newest version that says something else than the file does now, else the newest."""
    others = [each for each in versions if file.history.text(each) != file.text]
    return others[-1] if others else versions[-1]


def rollback(
    number: int,
    /,
    *,
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Put an older version in force again. That makes a new version, so it can be taken back.

    Parameters
    ----------
    number
        The version, as `landbridge config history` counts.
    """
    from ..manage.settings_file import command
    from .settings_change import print_changes, say_changes, settings_file, written

    file = settings_file(config, data_dir)
    version = file.history.version(number)
    text = file.history.text(version)
    if text == file.text:
        show.say(f"the settings are as in version {number} already.")
        return 0
    changes = written(file, text, command("config", "rollback", str(number)))
    if as_json:
        print_changes(changes)
        return 0
    show.say(f"the settings are as on {when(version.time)} again (version {number}).")
    say_changes(changes)
    return 0


def when(moment: float) -> str:
    """A time as people of this place write it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment))
