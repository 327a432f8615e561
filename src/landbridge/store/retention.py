"""What is too old, or too much, is deleted: in small transactions with pauses, so that nobody waits for it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from sqlalchemy import Table, delete, func, select

from ..config import StoreSettings
from ..errors import StoreFault
from .database import Database
from .tables import bodies, requests, runs

log = logging.getLogger("landbridge.store")

BATCH = 500
"""Rows that one transaction deletes."""
PAUSE = 0.05
"""Seconds between two of them."""
EVERY = 3600.0
FIRST = 60.0
"""Seconds after the ledger was opened that it is done for the first time."""
DAY = 86400.0
PAGES = 1000
"""Pages of a SQLite file that are given back to the system at once."""
JUMP = 600.0
"""Seconds by which the clock may be set without anybody asking."""
SHARE = 20
"""It is done earlier when bodies came in that take this part of what they may."""


class Retention:
    """Does it every hour, and when many bodies have come in."""

    def __init__(self, database: Callable[[], Awaitable[Database]], settings: Callable[[], StoreSettings]) -> None:
        self._database, self._settings = database, settings
        self._came = 0
        self._due = asyncio.Event()
        self._offset = _offset()

    def came(self, size: int) -> None:
        """So many bytes of bodies were written."""
        self._came += size
        if self._came * SHARE > self._settings().bodies_max_bytes:
            self._due.set()

    async def run(self) -> None:
        """Until cancelled. A database that is gone is the writer's to complain about."""
        wait = FIRST
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._due.wait()
            self._due.clear()
            self._came, wait = 0, EVERY
            if not self._steady():
                log.warning("the clock has jumped; what is old by it is deleted once it has stayed so for an hour")
                continue
            with suppress(StoreFault):
                await purge(await self._database(), self._settings(), time.time())

    def _steady(self) -> bool:
        """Whether the clock has not jumped since the last time: rows that are gone do not come back with it."""
        before, self._offset = self._offset, _offset()
        return abs(self._offset - before) < JUMP


def _offset() -> float:
    """The system's clock against one that never jumps, and goes on while the machine sleeps."""
    return time.time() - time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


async def purge(database: Database, settings: StoreSettings, now: float) -> int:
    """Delete what the settings no longer keep. How many rows that were. Raises `StoreFault`."""
    oldest = now - settings.keep_days * DAY if settings.keep_days else 0.0
    oldest = max(oldest, await _before_the_latest(database, settings.keep_rows))
    gone = await _delete_before(database, requests, oldest)
    gone += await _delete_before(database, bodies, max(oldest, now - settings.keep_bodies * DAY))
    gone += await _delete_beyond(database, settings.bodies_max_bytes)
    async with database.begin() as connection:
        await connection.execute(delete(runs).where(runs.c.ended < oldest))
    if gone and database.location.path is not None:
        await _give_back(database)
    return gone


async def _before_the_latest(database: Database, number: int) -> float:
    """The time before which only rows beyond the latest `number` are; 0 where there are no more than that."""
    if not number:
        return 0.0
    async with database.connect() as connection:
        asked = select(requests.c.at).order_by(requests.c.at.desc()).offset(number - 1).limit(1)
        return await connection.scalar(asked) or 0.0


async def _delete_before(database: Database, table: Table, oldest: float) -> int:
    gone = 0
    while oldest > 0:
        chosen = select(table.c.id).where(table.c.at < oldest).order_by(table.c.at).limit(BATCH)
        async with database.begin() as connection:
            found = (await connection.execute(delete(table).where(table.c.id.in_(chosen)))).rowcount
        gone += found
        if found < BATCH:
            break
        await asyncio.sleep(PAUSE)
    return gone


async def _delete_beyond(database: Database, most: int) -> int:
    """The oldest bodies, where all of them take more than `most` bytes."""
    gone = 0
    while True:
        async with database.begin() as connection:
            total = await connection.scalar(select(func.coalesce(func.sum(bodies.c.size), 0)))
            beyond = int(total or 0) - most
            if beyond <= 0:
                return gone
            chosen: list[str] = []
            for id, size in await connection.execute(
                select(bodies.c.id, bodies.c.size).order_by(bodies.c.at).limit(BATCH)
            ):
                if beyond <= 0:
                    break
                beyond -= size
                chosen.append(id)
            await connection.execute(delete(bodies).where(bodies.c.id.in_(chosen)))
        gone += len(chosen)
        await asyncio.sleep(PAUSE)


async def _give_back(database: Database) -> None:
    """SQLite's file gets smaller by what is free in it."""
    while True:
        async with database.begin() as connection:
            free = int((await connection.exec_driver_sql("PRAGMA freelist_count")).scalar_one())
            if not free:
                return
            await connection.exec_driver_sql(f"PRAGMA incremental_vacuum({PAGES})")
        await asyncio.sleep(PAUSE)
