"""The keys of a running router, in memory: whose a key is, and what it has spent. In step with the database.

The database is opened only where there are keys, or may be: SQLAlchemy would cost every router memory and time. While
it is gone the keys stay as they were; at a start without it, those of the copy in the data folder hold.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..errors import StoreFault, Unauthorized
from ..store.location import Location
from .budget import Spending
from .clock import Clock
from .grant import ASK_FOR_ANOTHER, Grant, check_alive, state_of
from .known import OWN_KEY, OWNER, Known, changed_file, keep_copy, own_key, read_copy
from .pace import Pace
from .secret import digest, id_of, make_key, matches

if TYPE_CHECKING:
    from .keys import Keys

log = logging.getLogger("landbridge.access")

LOOK_EVERY = 1.0
"""Seconds between two looks at whether keys have changed."""
SHARED_EVERY = 2
"""Looks after which a database that several routers share is asked."""


class Used(Protocol):
    """What is read of a record."""

    key: str
    at: float


class Book:
    """All keys by id. `version` grows with each change, for those who remember what they were told."""

    def __init__(self, data_dir: Path, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.version = 0
        self.spending = Spending()
        self.pace = Pace()
        self._data_dir = data_dir
        self._location: Location | None = None
        self._known: list[Known] = []
        self._by_id: dict[str, Known] = {}
        self._owner: Known | None = None
        self._keys: Keys | None = None
        self._seen: object = None
        self._fault = ""
        self._used: dict[str, float] = {}
        self._added_up: set[tuple[str, str]] = set()
        """Keys and kinds of periods whose spendings were added up from the ledger."""
        self._loop: asyncio.Task[None] | None = None
        self._looking = asyncio.Lock()
        """Whoever has changed keys looks, too, and must not be back before they are known."""
        self.written = 0
        """How often use was written down: who shows it looks again."""

    @property
    def any(self) -> bool:
        """Whether there are keys, also if all of them have ended: revoking the last one opens nothing."""
        return bool(self._known)

    @property
    def living(self) -> int:
        """How many keys there are that have not ended."""
        now = self.clock.now()
        return sum(state_of(each.grant, now) == "active" for each in self._known)

    @property
    def fault(self) -> str:
        """Why the database cannot be read; empty while it can."""
        return self._fault

    def grant_of(self, key: bytes) -> Grant:
        """What a key may do. Raises `Unauthorized`."""
        id = id_of(key)
        known = self._by_id.get(id) if id is not None else None
        if not matches(key, None if known is None else known.hash) or known is None:
            raise Unauthorized("landbridge does not know this key.", remedy=ASK_FOR_ANOTHER)
        check_alive(known.grant, self.clock.now())
        return known.grant

    def named(self, name: str) -> Grant | None:
        """A key by its name or id, whatever has become of it; for who asks about it."""
        found = [each.grant for each in self._known if name in (each.grant.name, each.grant.id)]
        return found[-1] if found else None

    def note(self, records: Sequence[Used]) -> None:
        """Remember when keys were used; a reader of the journal."""
        for record in records:
            if record.key and record.key != OWNER and record.key in self._by_id:
                self._used[record.key] = record.at

    @property
    def _place(self) -> Location:
        assert self._location is not None, "it was started"
        return self._location

    # -- in step with the database -------------------------------------------------------------------------------------

    async def start(self, location: Location) -> None:
        """Read the keys in the database at `location`, and keep in step from now on."""
        self._location = location
        self._read_own()
        try:
            if await self._may_have_keys(location):
                await self._load()
        except StoreFault as fault:
            self._say(fault)
            self._take(read_copy(self._data_dir))
        self._loop = asyncio.get_running_loop().create_task(self._watch())

    async def close(self) -> None:
        """Write down what was spent, and let the database go."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        await self._in_step(self._write)
        if self._keys is not None:
            await self._keys.close()

    async def look(self, number: int = 0) -> None:
        """One look at whether keys have changed. Never raises."""
        async with self._looking:
            await self._look(number)

    async def _look(self, number: int) -> None:
        if changed_file(self._place) is None:
            if number % SHARED_EVERY == 0:
                await self._in_step(self._load)
        elif self._seen != (seen := self._signature()) or self._fault:
            self._seen = seen
            await self._in_step(self._load)
        await self._in_step(self._write)

    async def _watch(self) -> None:
        number = 0
        while True:
            await asyncio.sleep(LOOK_EVERY)
            number += 1
            await self.look(number)

    async def _in_step(self, step: Callable[[], Awaitable[None]]) -> None:
        try:
            await step()
        except StoreFault as fault:
            self._say(fault)
        except Exception:
            log.exception("keys could not be brought in step with the database")
        else:
            if self._fault and step == self._load:
                log.warning("keys are in step with the database again")
                self._fault = ""

    async def _may_have_keys(self, location: Location) -> bool:
        """Whether it is worth opening the database. Raises `StoreFault`."""
        path = location.path
        if path is None:
            return True
        self._seen = self._signature()
        if not path.exists():
            keep_copy(self._data_dir, [])
            return False
        return await asyncio.to_thread(_has_keys, path)

    async def _load(self) -> None:
        from .keys import Keys

        if self._keys is None:
            self._keys = await Keys.open(self._place)
        known = await self._keys.all()
        grants = [each.grant for each in known]
        await self._load_spent(self._keys, [grant for grant in grants if grant.budget is not None])
        self._take(known)
        try:
            await asyncio.to_thread(keep_copy, self._data_dir, known)
        except OSError as error:
            log.warning("the copy of the keys cannot be written: %s", error.strerror)

    async def _load_spent(self, keys: Keys, grants: list[Grant]) -> None:
        """What budgets are spent: from the ledger once, then from what other routers write down."""
        now = self.clock.now()
        fresh = [grant for grant in grants if (grant.id, grant.per) not in self._added_up]
        if fresh:
            self.spending.load(await keys.spent(fresh, now))
            self._added_up.update((grant.id, grant.per) for grant in fresh)
        elif grants and changed_file(self._place) is None:
            self.spending.load(await keys.written(now))

    def _take(self, known: list[Known]) -> None:
        before = [(each.grant, each.hash) for each in self._known]
        self._known = known
        if before == [(each.grant, each.hash) for each in known] and self._by_id:
            return
        ids = [each.grant.id for each in known]
        self.spending.keep_only(ids)
        self.pace.keep_only(ids)
        everyone = [*known, self._owner] if self._owner is not None else known
        self._by_id = {each.grant.id: each for each in everyone}
        self.version += 1
        if self._loop is not None:
            log.info("keys have changed: there are %d now", len(known))

    async def _write(self) -> None:
        if self._keys is None:
            return
        spent = self.spending.take_new()
        used, self._used = self._used, {}
        if not spent and not used:
            return
        try:
            await self._keys.write(spent, used, self.clock.now())
        except BaseException:
            self.spending.give_back(spent)
            self._used = {**used, **self._used}
            raise
        self.written += 1

    def _read_own(self) -> None:
        """The key for the commands of this machine's user, made at the first start."""
        key = own_key(self._data_dir)
        if id_of(key.encode()) != OWNER:
            key = make_key(OWNER)
            self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            number = os.open(self._data_dir / OWN_KEY, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
            with os.fdopen(number, "w") as file:
                file.write(key)
        self._owner = Known(Grant(id=OWNER, name="this machine", owner=True), digest(key))
        self._take([])

    def _signature(self) -> object:
        path = changed_file(self._place)
        try:
            return None if path is None else path.stat().st_mtime_ns
        except OSError:
            return None

    def _say(self, fault: StoreFault) -> None:
        if fault.text != self._fault:
            log.warning("keys stay as they are: %s", fault.text)
        self._fault = fault.text


def _has_keys(path: Path) -> bool:
    """Whether the SQLite file holds any. Raises `StoreFault`."""
    import sqlite3  # only where there is such a file

    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            tables = "SELECT count(*) FROM sqlite_master WHERE name = 'access_keys'"
            if not connection.execute(tables).fetchone()[0]:
                return False
            return bool(connection.execute("SELECT count(*) FROM access_keys").fetchone()[0])
    except sqlite3.Error as error:
        raise StoreFault(f"The ledger {path} cannot be read ({error}).", remedy="Is it whole?") from error
