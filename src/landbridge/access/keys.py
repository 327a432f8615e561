"""The table of keys: made, changed, revoked, removed; and what they have spent, as it is written down.

A router that runs looks each second whether the file `changed_file` names was written anew, and in a database that
several routers share, at the table itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import get_args

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import ConfigFault
from ..store.database import Database
from ..store.location import Location
from ..store.tables import access_keys, budget_spent, requests
from .budget import Sums, begin, name_of
from .grant import Grant, Period
from .known import Known, changed_file
from .secret import digest, make_id, make_key


class _Terms(Struct, omit_defaults=True):
    """What is kept as JSON of what a key may do."""

    models: tuple[str, ...] = ()
    rpm: int | None = None
    tpm: int | None = None
    budget: int | None = None
    per: Period = "total"


class Used(Struct, frozen=True):
    """What a key has used in its period."""

    requests: int = 0
    spent: int = 0
    """Millionths of a dollar."""
    unpriced: int = 0
    """Exchanges whose price nobody knows; they are not in `spent`."""
    last: float | None = None


class Keys:
    """The keys in one database. All methods raise `StoreFault` where it is gone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    async def open(cls, location: Location) -> Keys:
        """Those in the database at `location`, which is made if it is not there."""
        return cls(await Database.open(location))

    async def close(self) -> None:
        """Let the database go. Never raises."""
        await self._database.close()

    async def all(self) -> list[Known]:
        """Every key, the oldest first."""
        order = select(access_keys).order_by(access_keys.c.created, access_keys.c.id)
        async with self._database.connect() as connection:
            return [_known(row) for row in await connection.execute(order)]

    async def find(self, word: str) -> Grant:
        """The key of that id or name; of several with one name, the one that was not revoked. Raises `ConfigFault`."""
        every = [known.grant for known in await self.all()]
        named = [grant for grant in every if word in (grant.id, grant.name)]
        if not named:
            known = ", ".join(dict.fromkeys(grant.name for grant in every)) or "none yet"
            raise ConfigFault(f"There is no key '{word}'.", remedy=f"There are: {known}.")
        live = [grant for grant in named if grant.revoked is None]
        if len(found := [grant for grant in named if grant.id == word] or live or named[-1:]) > 1:
            ids = ", ".join(grant.id for grant in found)
            raise ConfigFault(f"Several keys are named '{word}'.", remedy=f"Say the id: {ids}.")
        return found[0]

    async def create(self, grant: Grant) -> tuple[Grant, str]:
        """Give it an id and a secret; the key itself is told here and never again. Raises `ConfigFault`."""
        grant = replace(grant, id=make_id())
        key = make_key(grant.id)
        async with self._database.begin() as connection:
            await _check_free(connection, grant)
            await connection.execute(access_keys.insert().values(id=grant.id, hash=digest(key), **_columns(grant)))
        self._tell()
        return grant, key

    async def rotate(self, grant: Grant) -> str:
        """Another secret; the one before ends now."""
        key = make_key(grant.id)
        await self._update(grant.id, {"hash": digest(key)})
        return key

    async def change(self, grant: Grant) -> None:
        """Take up its name, what it may do and when it ends. Raises `ConfigFault` for a name that another key has."""
        async with self._database.begin() as connection:
            await _check_free(connection, grant)
            await connection.execute(update(access_keys).where(access_keys.c.id == grant.id).values(**_columns(grant)))
        self._tell()

    async def revoke(self, grant: Grant, at: float) -> None:
        """It ends now, for good."""
        await self._update(grant.id, {"revoked": at})

    async def remove(self, grant: Grant) -> None:
        """Forget it. The ledger keeps its id."""
        async with self._database.begin() as connection:
            await connection.execute(delete(access_keys).where(access_keys.c.id == grant.id))
            await connection.execute(delete(budget_spent).where(budget_spent.c.key == grant.id))
        self._tell()

    async def _update(self, id: str, values: Mapping[str, object]) -> None:
        async with self._database.begin() as connection:
            await connection.execute(update(access_keys).where(access_keys.c.id == id).values(**values))
        self._tell()

    def _tell(self) -> None:
        path = changed_file(self._database.location)
        if path is not None:
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(8))

    # -- what was spent ------------------------------------------------------------------------------------------------

    async def used(self, grants: Iterable[Grant], at: float) -> dict[str, Used]:
        """What each has used in the period that holds `at`, by id."""
        async with self._database.connect() as connection:
            return {grant.id: await _used(connection, grant, at) for grant in grants}

    async def written(self, at: float) -> Sums:
        """What was written down of the periods that hold `at`, by all routers: a look at few rows."""
        periods = [name_of(per, at) for per in get_args(Period)]
        rows = select(budget_spent).where(budget_spent.c.period.in_(periods))
        async with self._database.connect() as connection:
            return {(row.key, row.period): row.spent for row in await connection.execute(rows)}

    async def spent(self, grants: Iterable[Grant], at: float) -> Sums:
        """What those that have a budget have spent, added up from the ledger where that says more."""
        with_budget = [grant for grant in grants if grant.budget is not None]
        used = await self.used(with_budget, at)
        return {(grant.id, name_of(grant.per, at)): used[grant.id].spent for grant in with_budget}

    async def write(self, spent: Sums, used: Mapping[str, float], at: float) -> None:
        """Add what was spent since the last time, and say when keys were used."""
        async with self._database.begin() as connection:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            for (id, period), micro in sorted(spent.items()):
                row = insert(budget_spent).values(key=id, period=period, spent=micro, at=at)
                known = {"spent": budget_spent.c.spent + micro, "at": at}
                await connection.execute(row.on_conflict_do_update(index_elements=["key", "period"], set_=known))
            for id, last in sorted(used.items()):
                await connection.execute(update(access_keys).where(access_keys.c.id == id).values(used=last))


async def _check_free(connection: AsyncConnection, grant: Grant) -> None:
    """Raise `ConfigFault` where another key that was not revoked has the name, or any has it for its id."""
    rows = await connection.execute(select(access_keys.c.id, access_keys.c.name).where(access_keys.c.revoked.is_(None)))
    if any(grant.name in (row.id, row.name) for row in rows if row.id != grant.id):
        raise ConfigFault(
            f"There is a key '{grant.name}' already.",
            remedy=f"Choose another name, or revoke it first: landbridge keys revoke {grant.name}.",
        )


async def _used(connection: AsyncConnection, grant: Grant, at: float) -> Used:
    since = begin(grant.per, at)
    ledger = select(func.count(), func.sum(requests.c.cost), func.count(requests.c.cost), func.max(requests.c.at))
    mine = (requests.c.key == grant.id, requests.c.at >= since)
    count, cost, priced, last = (await connection.execute(ledger.where(*mine))).one()
    written = select(budget_spent.c.spent).where(
        budget_spent.c.key == grant.id, budget_spent.c.period == name_of(grant.per, at)
    )
    spent = max(int(cost or 0), int(await connection.scalar(written) or 0))
    return Used(requests=count, spent=spent, unpriced=count - priced, last=last)


def _columns(grant: Grant) -> dict[str, object]:
    terms = _Terms(grant.models, grant.rpm, grant.tpm, grant.budget, grant.per)
    return {
        "name": grant.name,
        "created": grant.created,
        "expires": grant.expires,
        "revoked": grant.revoked,
        "grants": msgspec.json.encode(terms).decode(),
    }


def _known(row: Row[tuple[object, ...]]) -> Known:
    terms = msgspec.json.decode(row.grants, type=_Terms)
    grant = Grant(
        id=row.id,
        name=row.name,
        models=terms.models,
        rpm=terms.rpm,
        tpm=terms.tpm,
        budget=terms.budget,
        per=terms.per,
        created=row.created,
        expires=row.expires,
        revoked=row.revoked,
    )
    return Known(grant, row.hash, row.used)
