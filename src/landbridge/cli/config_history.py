"""`landbridge config history`, `diff` and `rollback`: the last versions of the settings file."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from . import show
from .context import AsJson, ConfigFile, DataDir

if TYPE_CHECKING:
    from ..config.history import Version
    from ..manage.history import Step

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
    from ..manage.history import steps, unsaved
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
    newest = steps(file, None if every else SHOWN)
    rows = [
        (str(each.version.number), when(each.version.time), each.version.who, each.version.how, _what(each, versions))
        for each in newest
    ]
    print_table(("N", "WHEN", "WHO", "HOW", "CHANGED"), reversed(rows), numbers=("N",), last=("HOW", "CHANGED"))
    if unsaved(file):
        show.say("the file says something else by now: landbridge config diff")
    if len(newest) < len(versions):
        show.say(f"{len(versions) - len(newest)} older ones: --all")
    return 0


def _what(step: Step, versions: list[Version]) -> str:
    """The keys that changed from one version to the next."""
    from ..config.compare import words

    if step.changes is None:
        return "" if step.version == versions[0] else "?"
    return words(step.changes, 4) if step.changes else "comments only"


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
    from ..manage.history import difference
    from .settings_change import settings_file

    found = difference(settings_file(config, data_dir), one, other)
    if found.lines:
        print("\n".join(found.lines))
    else:
        show.say("only keys differ, which are not shown." if found.differs else "nothing differs.")
    return 0


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
    from ..manage.history import roll_back
    from .settings_change import print_changes, say_changes, say_notes, settings_file

    file = settings_file(config, data_dir)
    version = file.history.version(number)
    done = roll_back(file, number)
    if done is None:
        show.say(f"the settings are as in version {number} already.")
        return 0
    say_notes(file, done)
    if as_json:
        print_changes(done.changes)
        return 0
    show.say(f"the settings are as on {when(version.time)} again (version {number}).")
    say_changes(done.changes)
    return 0


def when(moment: float) -> str:
    """A time as people of this place write it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment))
