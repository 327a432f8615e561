"""`/api/v1/settings`: changes, versions and what each setting means, for the dashboard and scripts.

A change is checked first, written to the settings file with its comments kept, recorded as a version, and taken up
before it is answered: what the answer says holds.
"""

from __future__ import annotations

import asyncio
from typing import Any

from msgspec import Struct, field

from ..config.compare import Change
from ..config.naming import path_of
from ..errors import BadRequest
from ..manage.settings_file import Written
from .admin_table import Asked, Row, Table
from .described import Described, Endpoint
from .works import Works

SETTINGS = "/api/v1/settings"


class Edit(Struct, forbid_unknown_fields=True):
    """What to change: dotted keys, as `landbridge config set` takes them."""

    set: dict[str, Any] = field(default_factory=dict)
    """Values as in the file; null removes a key."""
    unset: list[str] = field(default_factory=list)
    how: str = "the admin API"
    """What the history says did it."""


class Edited(Struct):
    """What came of it."""

    changes: list[Change]
    version: int | None
    """Of the history; null where none could be kept, or where nothing changed."""
    still_wrong: list[str]
    """What was wrong in the file before."""
    fault: str = ""
    """Why the router could not take it up; what was in force before stays so."""


DESCRIBED: Described = {
    ("PATCH", "", SETTINGS): Endpoint(summary="Change settings, and take them up", takes=Edit, gives=(Edited,)),
}


def table(works: Works) -> Table:
    """The endpoints."""

    async def change(asked: Asked) -> Edited:
        edit = asked.body(Edit)
        edits = [(path_of(key), value) for key, value in edit.set.items()]
        edits += [(path_of(key), None) for key in edit.unset]
        if not edits:
            raise BadRequest("There is nothing to change.", remedy='Say {"set": {"server.log_level": "debug"}}.')
        return await changed(works, edits, edit.how)

    return Table(works.book, [Row("PATCH", SETTINGS, change)])


async def changed(works: Works, edits: list[tuple[tuple[str, ...], Any]], how: str) -> Edited:
    """Change settings and take them up. Raises `ConfigFault` for what they cannot be."""

    def write() -> Written:
        return works.settings_file().set(edits, how)

    done = await asyncio.to_thread(write)
    await taken_up(works)
    version = done.version.number if done.version is not None else None
    return Edited(done.changes, version, done.still_wrong, works.settings.fault)


async def taken_up(works: Works) -> None:
    """Have the settings taken up. That goes on to its end, also where it closes the listener that was asked."""
    await asyncio.shield(asyncio.ensure_future(works.reload()))
