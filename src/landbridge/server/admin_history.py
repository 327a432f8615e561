"""`/api/v1/settings/history` and `/text`: the versions of the settings file, and the file itself to be edited.

Keys are masked in both. Whoever saves the text sends the marks back, and the keys they stand for stay as they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from msgspec import Struct

from ..config.compare import Change
from ..errors import BadRequest
from ..manage.history import Difference, difference, roll_back, steps, unsaved
from ..manage.settings_file import SettingsFile, Written
from ..manage.settings_text import Text, save, shown
from .admin_change import SETTINGS, Edited
from .admin_table import Asked, Row, Table
from .described import Described, Endpoint
from .works import Works

HISTORY = f"{SETTINGS}/history"
VERSION = f"{HISTORY}/{{id}}"
ROLLBACK = f"{VERSION}/rollback"
TEXT = f"{SETTINGS}/text"


class Kept(Struct):
    """One version."""

    number: int
    time: float
    """When it came, in seconds since 1970."""
    who: str
    how: str
    """The command, or `by hand`."""
    changes: list[Change] | None
    """What changed with it; null for the first one, and where that cannot be said."""


class Kepts(Struct):
    """The versions of the settings file, the newest first."""

    file: str
    versions: list[Kept]
    unsaved: bool
    """Whether the file says something else by now."""


class Going(Struct):
    """Who puts an older version in force."""

    how: str = ""
    """What the history says did it."""


class Saving(Struct):
    """The settings file, as somebody has edited it."""

    text: str
    """Marks (`***1***`) stand for the keys that are there."""
    stamp: str = ""
    """Of the text that was edited; left out: whatever is there is replaced."""
    how: str = "the admin API"
    """What the history says did it."""


DESCRIBED: Described = {
    ("GET", "", HISTORY): Endpoint(summary="List the versions of the settings file", gives=(Kepts,)),
    ("GET", "", VERSION): Endpoint(
        summary="Show what differs between a version of the settings and now, or another one",
        gives=(Difference,),
        parameters=("to_version",),
    ),
    ("POST", "", ROLLBACK): Endpoint(
        summary="Put an older version of the settings in force", takes=Going, gives=(Edited,)
    ),
    ("GET", "", TEXT): Endpoint(summary="Show the settings file, keys masked", gives=(Text,)),
    ("PUT", "", TEXT): Endpoint(summary="Write the settings file, and take it up", takes=Saving, gives=(Edited,)),
}


def table(works: Works) -> Table:
    """The endpoints."""

    def listed() -> Kepts:
        file = works.settings_file()
        found = [
            Kept(each.version.number, each.version.time, each.version.who, each.version.how, each.changes)
            for each in reversed(steps(file))
        ]
        return Kepts(str(file.path), found, unsaved(file))

    async def versions(asked: Asked) -> Kepts:
        asked.query()
        return await asyncio.to_thread(listed)

    async def version(asked: Asked) -> Difference:
        to = asked.query("to").get("to", "")
        one, other = _number(asked.path["id"]), _number(to) if to else None
        return await asyncio.to_thread(lambda: difference(works.settings_file(), one, other))

    async def back(asked: Asked) -> Edited:
        number, how = _number(asked.path["id"]), asked.body(Going).how
        return await written(works, lambda file: roll_back(file, number, how))

    async def text(asked: Asked) -> Text:
        asked.query()
        return await asyncio.to_thread(lambda: shown(works.settings_file()))

    async def put(asked: Asked) -> Edited:
        said = asked.body(Saving)
        return await written(works, lambda file: save(file, said.text, said.stamp, said.how))

    return Table(
        works.book,
        [
            Row("GET", HISTORY, versions),
            Row("POST", ROLLBACK, back),
            Row("GET", VERSION, version, guarded=True),  # comments are the owner's, too
            Row("GET", TEXT, text, guarded=True),
            Row("PUT", TEXT, put),
        ],
    )


async def written(works: Works, write: Callable[[SettingsFile], Written | None]) -> Edited:
    """Change the settings file by `write`, and take it up; None of it: nothing was to be changed."""
    done = await asyncio.to_thread(lambda: write(works.settings_file()))
    await works.reload()
    if done is None:
        return Edited([], None, [], works.settings.fault)
    number = done.version.number if done.version is not None else None
    return Edited(done.changes, number, done.still_wrong, works.settings.fault)


def _number(text: str) -> int:
    """A version's number. Raises `BadRequest`."""
    try:
        return int(text)
    except ValueError:
        raise BadRequest(f"'{text[:40]}' is no number of a version.") from None
