"""Takes records out of the queue and writes them, in batches of one transaction each. Runs in the ledger's thread.

A database that is gone, locked or full is asked again and again, ever more slowly; until then records wait in the
queue. A batch may be sent twice without harm: rows have unique ids, and the run's row says how many there are in all.
"""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress

from sqlalchemy.exc import DBAPIError

from ..errors import StoreFault
from . import runs, spool
from .bodies import pack
from .database import Database
from .location import Location
from .pen import Batch, Pen, pen_for
from .queue import Queue
from .record import Record
from .rows import row_of
from .tally import Count, Tally

log = logging.getLogger("landbridge.store")

_ROW_FAULTS = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.InterfaceError)

BATCH = 500
"""Rows in one transaction."""
EVERY = 0.4
"""Seconds between two batches, unless a full one waits."""
BACK_OFF = (0.5, 15.0)
"""Seconds until the next attempt: after the first failure, and at most."""


class Writer:
    """Owns the database. `wake` when there is something to do."""

    def __init__(self, location: Location, queue: Queue, tally: Tally) -> None:
        self._location, self._queue, self._tally = location, queue, tally
        self._database: Database | None = None
        self._pen: Pen | None = None
        self._opening = asyncio.Lock()
        self._asleep = asyncio.Event()
        self._stopping = asyncio.Event()
        self._closing: float | None = None
        """Loop time at which even unwritten rows are given up."""
        self._batch: list[Record] = []
        self._begun = False
        """Whether the run has its row."""
        self._earlier: list[Count] = []
        """Runs before this one whose end nobody has told yet."""
        self._failures = 0
        self.fault: StoreFault | None = None
        """Why nothing can be written."""
        self.written = 0
        self.refused = 0
        """Records that no database takes."""
        self.after_bodies: Callable[[int], None] = lambda size: None
        """Is told how many bytes of bodies came in."""

    def wake(self) -> None:
        """There are records."""
        self._asleep.set()

    def close(self, seconds: float) -> None:
        """Write what is left, for so long at most, and come to an end."""
        self._closing = asyncio.get_running_loop().time() + seconds
        self._stopping.set()
        self._asleep.set()

    async def database(self) -> Database:
        """The database, opened where it is not yet, or not any more. Raises `StoreFault`."""
        async with self._opening:
            if self._database is not None and not self._database.in_place:
                log.error("%s is another file than before, or gone: a new one begins", self._location.shown)
                await self._put_away(self._database)
            if self._database is None:
                self._database = await Database.open(self._location)
                self._pen = pen_for(self._database)
            return self._database

    async def _put_away(self, database: Database) -> None:
        if self._pen is not None:
            self._pen.close()
        await database.close()
        self._database, self._pen, self._begun = None, None, False

    async def run(self) -> None:
        """Write until told to stop."""
        loop = asyncio.get_running_loop()
        while True:
            if not self._batch and not self._queue:
                if self._closing is not None and (not self._earlier or self.fault is not None):
                    break
                if not self._earlier:
                    await self._asleep.wait()
                    self._asleep.clear()
                    continue
            began = loop.time()
            wait = EVERY if await self._write() else self._back_off()
            if self._closing is not None:
                wait = min(wait, 0.1, self._closing - loop.time())
                if wait <= 0:
                    break
                if self.fault is not None:
                    await asyncio.sleep(wait)
            elif len(self._queue) < BATCH or self.fault is not None:
                await self._pause(began + wait - loop.time())
        await self._end()

    async def _pause(self, seconds: float) -> None:
        """Let records gather; being told to stop ends it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    def _back_off(self) -> float:
        first, most = BACK_OFF
        wait: float = min(most, first * 2.0 ** min(self._failures - 1, 10))
        return wait * random.uniform(0.75, 1.0)  # noqa: S311 - so that replicas do not come all at once

    # -- one batch -----------------------------------------------------------------------------------------------------

    async def _write(self) -> bool:
        """Write a batch; whether that went well."""
        if not self._batch:
            self._batch = self._queue.take(BATCH)
        try:
            database = await self.database()
            if not self._begun:
                await self._begin(database)
                self._begun = True
            while self._batch:
                await self._insert(self._batch)
                self._batch = self._queue.take(BATCH) if len(self._queue) >= BATCH else []
            # Behind this run's rows: a router that is killed soon after each start must come to write some.
            if self._earlier:
                await self._finish(database, self._earlier)
                self._earlier = []
        except StoreFault as fault:
            self._note(fault)
            return False
        except Exception as error:  # whatever it is, the next attempt may go well
            log.exception("the ledger could not be written")
            self._note(StoreFault(f"The ledger could not be written ({type(error).__name__})."))
            return False
        self._recover()
        return True

    async def _begin(self, database: Database) -> None:
        """The run's row."""
        async with database.begin() as connection:
            await runs.begin(connection, self._tally.run, self._tally.started)
        self._earlier = self._tally.others()

    async def _finish(self, database: Database, counts: Sequence[Count]) -> None:
        """What earlier runs could not bring to their end: rows from their files, and how many are missing."""
        pen = pen_for(database)
        try:
            for count in counts:
                path = self._tally.spool(count.run)
                left = spool.read(path) if path is not None else []
                for start in range(0, len(left), BATCH):
                    rows = [row_of(record, count.run) for record in left[start : start + BATCH]]
                    await pen.write(Batch(count.run, rows))
        finally:
            pen.close()
        async with database.begin() as connection:
            lost = await runs.settle(connection, counts)
        for run, number in lost.items():
            self._tally.forget(run)
            if number:
                log.warning("%d records of an earlier run were lost when it ended (%s)", number, run)

    async def _insert(self, batch: Sequence[Record]) -> None:
        """One transaction; where the rows themselves are refused, in smaller ones, so that only bad rows are lost."""
        assert self._pen is not None, "the database is open"
        try:
            packed = [(each.id, each.at, pack(each.bodies.bodies())) for each in batch if each.bodies is not None]
            contents = [(id, at, len(content), content) for id, at, content in packed]
            rows = [row_of(record, self._tally.run) for record in batch]
            await self._pen.write(Batch(self._tally.run, rows, contents, self.written + len(rows), self.lost))
        except Exception as error:
            if not _is_about_rows(error):
                raise
            if len(batch) > 1:
                middle = len(batch) // 2
                await self._insert(batch[:middle])
                await self._insert(batch[middle:])
                return
            self.refused += 1
            log.error("the ledger does not take the row of %s (%s)", batch[0].id, type(error).__name__)
        else:
            self.written += len(batch)
            self.after_bodies(sum(size for _, _, size, _ in contents))
        self._queue.written(batch)

    @property
    def holds(self) -> int:
        """Records that were taken from the queue and are not written yet."""
        return len(self._batch)

    @property
    def lost(self) -> int:
        """Records that will never be rows."""
        return self._queue.dropped + self.refused

    # -- faults and the end --------------------------------------------------------------------------------------------

    def _note(self, fault: StoreFault) -> None:
        self._failures += 1
        if self.fault is None or self.fault.message != fault.message:
            log.error("%s Requests go on; their records wait in memory.", fault.text)
        self.fault = fault

    def _recover(self) -> None:
        self._failures = 0
        if self.fault is not None:
            self.fault = None
            lost = f"; {self.lost} records were lost so far" if self.lost else ""
            log.warning("the ledger %s is written again%s", self._location.shown, lost)

    async def _end(self) -> None:
        if left := len(self._batch) + len(self._queue):
            what = "%d records could not be written to the ledger %s; the next run writes what it finds of them"
            log.error(what, left, self._location.shown)
        if self._database is None:
            return
        if self._begun:
            records, unwanted = self._tally.counts
            lost = max(0, records - unwanted - self.written)
            try:
                async with asyncio.timeout(1.0), self._database.begin() as connection:
                    await runs.note(connection, self._tally.run, self.written, lost, ended=True)
                if not left:
                    self._tally.forget(self._tally.run)
            except (StoreFault, TimeoutError):
                log.debug("the end of %s is not noted; the next run counts what is missing", self._tally.run)
        await self._put_away(self._database)


def _is_about_rows(error: BaseException) -> bool:
    """Whether a database that is well refuses what is in the rows."""
    cause = error.__cause__ if isinstance(error, StoreFault) else error
    if isinstance(cause, sqlite3.Error):
        return isinstance(cause, _ROW_FAULTS)
    if isinstance(cause, DBAPIError):
        state = getattr(cause.orig, "sqlstate", None) or ""
        return state[:2] in ("22", "23")
    return isinstance(error, TypeError | ValueError | AttributeError | OverflowError)
