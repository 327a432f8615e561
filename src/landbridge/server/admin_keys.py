"""`/api/v1/keys`: access keys, as `landbridge keys` has them. A change holds when it is answered.

A key's secret is in the answer to the request that made it, and nowhere after that.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct, structs

from ..errors import BadRequest
from ..manage import keys
from ..manage.keys import KeyInfo, Terms, told
from ..store.location import Location, locate
from .admin_table import Asked, Row, Table
from .described import Described, Endpoint
from .works import Works

KEYS = "/api/v1/keys"
ONE = f"{KEYS}/{{id}}"

T = TypeVar("T")


class Keys(Struct):
    """All keys, the oldest first."""

    keys: list[KeyInfo]


class NewKey(Terms, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What to make. What is left out is not limited."""

    name: str
    """Whose it is."""


class ChangedKey(Terms, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What to change. What is left out stays as it is; null takes a limit away."""

    name: str = ""
    """Another name for it."""


class KeyMade(Struct):
    """A key, with its secret: shown here, and never again."""

    key: str
    info: KeyInfo
    first: bool = False
    """Whether there were none before: as `access.required` comes, every request needs one from now on."""


class KeyRemoved(Struct):
    """What was forgotten."""

    id: str
    name: str
    left: int
    """How many keys there are now."""


class KeysSeen(Struct):
    """Another one when keys have changed or were used: then it is worth asking for them again."""

    version: int
    written: int


DESCRIBED: Described = {
    ("GET", "", KEYS): Endpoint(summary="List access keys, and what they have used", gives=(Keys,)),
    ("POST", "", KEYS): Endpoint(summary="Make an access key", takes=NewKey, gives=(KeyMade,)),
    ("GET", "", ONE): Endpoint(summary="Show an access key", gives=(KeyInfo,)),
    ("PATCH", "", ONE): Endpoint(summary="Change what a key may do", takes=ChangedKey, gives=(KeyInfo,)),
    ("DELETE", "", ONE): Endpoint(summary="Forget a key that has ended", gives=(KeyRemoved,)),
    ("POST", "", f"{ONE}/rotate"): Endpoint(
        summary="Give a key another secret; the one before ends", gives=(KeyMade,), parameters=("x-landbridge",)
    ),
    ("POST", "", f"{ONE}/revoke"): Endpoint(
        summary="End a key for good", gives=(KeyInfo,), parameters=("x-landbridge",)
    ),
}


class AdminKeys:
    """The handlers."""

    def __init__(self, works: Works) -> None:
        self._works = works

    async def all(self, asked: Asked) -> Keys:
        """Every key."""
        found = await asyncio.to_thread(keys.listed, self._place)
        return Keys([told(each.grant, time.time(), each.used, each.last) for each in found])

    async def one(self, asked: Asked) -> KeyInfo:
        """The key that the path names."""
        return await self._told(asked.path["id"])

    async def make(self, asked: Asked) -> KeyMade:
        """A new one."""
        wanted = asked.body(NewKey)
        made = await self._changing(lambda place: keys.create(place, wanted.name, _terms(wanted)))
        return KeyMade(made.key, told(made.grant, time.time()), first=made.count == 1)

    async def change(self, asked: Asked) -> KeyInfo:
        """Other terms, or another name."""
        wanted = asked.body(ChangedKey)
        if wanted == ChangedKey():
            raise BadRequest("There is nothing to change.", remedy='Say {"rpm": 60}, for one.')
        grant = await self._changing(lambda place: keys.change(place, asked.path["id"], _terms(wanted), wanted.name))
        return await self._told(grant.id)

    async def rotate(self, asked: Asked) -> KeyMade:
        """Another secret."""
        made = await self._changing(lambda place: keys.rotate(place, asked.path["id"]))
        return KeyMade(made.key, told(made.grant, time.time()))

    async def revoke(self, asked: Asked) -> KeyInfo:
        """Its end."""
        grant = await self._changing(lambda place: keys.revoke(place, asked.path["id"]))
        return await self._told(grant.id)

    async def remove(self, asked: Asked) -> KeyRemoved:
        """Forget it."""
        grant, left = await self._changing(lambda place: keys.remove(place, asked.path["id"]))
        return KeyRemoved(grant.id, grant.name, left)

    @property
    def _place(self) -> Location:
        works = self._works
        return locate(works.gateway.config.store.url, works.data_dir, works.env())

    async def _told(self, key: str) -> KeyInfo:
        found = await asyncio.to_thread(keys.shown, self._place, key)
        return told(found.grant, time.time(), found.used, found.last)

    async def _changing(self, work: Callable[[Location], T]) -> T:
        """What `work` gives; the router knows of it before anybody else does."""
        done = await asyncio.to_thread(work, self._place)
        await self._works.book.look()
        self._works.hub.changed("keys")
        self._works.hub.changed("listeners")
        return done


def table(works: Works) -> Table:
    """The endpoints."""
    mine, book = AdminKeys(works), works.book
    works.hub.state("keys", lambda: KeysSeen(book.version, book.written))
    rows = [
        Row("GET", KEYS, mine.all),
        Row("POST", KEYS, mine.make),
        Row("POST", f"{ONE}/rotate", mine.rotate),
        Row("POST", f"{ONE}/revoke", mine.revoke),
        Row("GET", ONE, mine.one),
        Row("PATCH", ONE, mine.change),
        Row("DELETE", ONE, mine.remove),
    ]
    return Table(book, rows)


def _terms(wanted: NewKey | ChangedKey) -> Terms:
    """What is said besides the name."""
    said = structs.asdict(wanted)
    del said["name"]
    return Terms(**said)
