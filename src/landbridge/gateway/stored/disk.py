"""The file of kept responses: SQLite, owned by one thread; nobody else touches it, and no request waits for a write.

Work comes through a queue with a limit. What does not fit in it is not written, and counted. Old entries are deleted in
batches by SQL, so that neither memory nor other work suffers (P97). The file holds prompts and answers: only its owner
may read it, and what is deleted is overwritten.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from .entry import Entry

if TYPE_CHECKING:  # SQLite is loaded by the thread: a router that keeps nothing does not need it
    from sqlite3 import Connection

log = logging.getLogger("landbridge.gateway")

BATCH = 200
"""Rows deleted at once."""
ROOM = 10
"""Rows deleted at once to make room for new ones."""
PURGE_EVERY = 3600.0
MAX_WAITING = 64 * 1024 * 1024
"""Bytes that may wait to be written."""
LONGEST = 10_000
"""Turns of one conversation that are followed."""
FAREWELL = 5.0
"""Seconds the last writes have when landbridge ends."""
USED_EVERY = 3600.0
"""Seconds between two notes that an entry was used."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS responses (
    id TEXT PRIMARY KEY, previous TEXT NOT NULL, created REAL NOT NULL, used REAL NOT NULL, size INTEGER NOT NULL,
    items BLOB NOT NULL, response BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS responses_used ON responses (used);
"""
_CHAIN = """
WITH RECURSIVE chain (id, depth) AS (
    SELECT ?, 0
    UNION ALL
    SELECT previous, depth + 1 FROM chain JOIN responses USING (id) WHERE previous <> '' AND depth < ?)
SELECT id, previous, created, items, response FROM chain JOIN responses USING (id) ORDER BY depth DESC
"""
_OLD = "SELECT id FROM responses WHERE used < ? ORDER BY used LIMIT ?"
_LEAST_USED = "SELECT id FROM responses ORDER BY used LIMIT ?"

Job = Callable[["Connection"], object]
T = TypeVar("T")


class Limits(Struct, frozen=True):
    """How long entries live, and how much they may take."""

    seconds: float
    max_bytes: int


class Disk:
    """The file and its thread, which begins with the first work."""

    def __init__(self, path: Path, limits: Callable[[], Limits]) -> None:
        self._path, self._limits = path, limits
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._ended: Callable[[], object] = lambda: None
        self._waiting = 0
        self._total = 0
        """Bytes of all entries; the thread's own."""
        self.lost = 0
        """Entries that were not written, and other work that failed."""
        self.fault = ""
        """Why the file cannot be used."""

    @property
    def exists(self) -> bool:
        """Whether there is a file, or soon will be."""
        return self._thread is not None or self._path.exists()

    def put(self, entry: Entry) -> bool:
        """Have `entry` written soon; False where too much waits already."""
        with self._lock:
            if self.fault or self._waiting + entry.size > MAX_WAITING:
                self.lost += 1
                return False
            self._waiting += entry.size
        self._do(lambda connection: self._write(connection, entry))
        return True

    def use(self, ids: Sequence[str]) -> None:
        """Note that entries are in use: they live on from now."""
        if self.exists:
            self._do(lambda connection: _touch(connection, ids))

    async def chain(self, id: str) -> list[Entry]:
        """The conversation that ends with `id`, oldest first, as far back as there are entries."""
        return await self._ask(lambda connection: _chain(connection, id), [])

    async def delete(self, id: str) -> bool:
        """Remove an entry; whether there was one."""
        return await self._ask(lambda connection: self._delete(connection, id), False)

    async def close(self) -> None:
        """Write what waits, and end the thread."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        self._ended = lambda: loop.call_soon_threadsafe(ended.set)
        self._jobs.put(None)
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL):
                await ended.wait()
                thread.join(FAREWELL)  # saying so was its last act

    # -- the way to the thread -----------------------------------------------------------------------------------------

    def _do(self, job: Job) -> None:
        self._jobs.put(job)
        if self._thread is None:
            self._thread = threading.Thread(target=self._own, name="responses", daemon=True)
            self._thread.start()

    async def _ask(self, question: Callable[[Connection], T], otherwise: T) -> T:
        """The answer to a question; `otherwise` where the file cannot be used."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def settle(found: T) -> None:
            if not answer.done():
                answer.set_result(found)

        def job(connection: Connection) -> None:
            found = otherwise
            try:
                found = question(connection)
            finally:
                loop.call_soon_threadsafe(settle, found)

        if self.fault or not self.exists:
            return otherwise
        self._do(job)
        return await answer

    # -- the thread ----------------------------------------------------------------------------------------------------

    def _own(self) -> None:
        import sqlite3

        try:
            connection = self._open()
        except (sqlite3.Error, OSError) as error:
            self.fault = f"{self._path} cannot be used ({error})"
            log.error("responses are kept in memory only: %s", self.fault)
            connection = sqlite3.connect(":memory:", isolation_level=None)
            connection.executescript(_SCHEMA)  # whoever asked already gets an answer
        try:
            self._purge_old(connection)
            due = time.monotonic() + PURGE_EVERY
            while True:
                try:
                    job = self._jobs.get(timeout=max(0.0, due - time.monotonic()))
                except Empty:
                    due = time.monotonic() + PURGE_EVERY
                    job = self._purge_old
                if job is None:
                    break
                self._run(job, connection)
        finally:
            connection.close()
            self._ended()

    def _run(self, job: Job, connection: Connection) -> None:
        import sqlite3

        try:
            job(connection)
        except Exception as error:  # whatever it is, the thread goes on: others wait for it
            self.lost += 1
            log.error("%s: %s", self._path, error, exc_info=not isinstance(error, sqlite3.Error))

    def _open(self) -> Connection:
        import sqlite3

        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for attempt in range(2):
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=10.0)
            try:
                connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute("PRAGMA secure_delete = ON")
                connection.executescript(_SCHEMA)
                (self._total,) = connection.execute("SELECT COALESCE(SUM(size), 0) FROM responses").fetchone()
            except sqlite3.DatabaseError as error:
                connection.close()
                if attempt or isinstance(error, sqlite3.OperationalError):
                    raise
                broken = self._path.with_suffix(".broken")
                log.error("%s is damaged (%s); it is now %s, and a new one begins", self._path, error, broken.name)
                self._path.replace(broken)
            else:
                return connection
        raise AssertionError("the second attempt opens or raises")

    def _write(self, connection: Connection, entry: Entry) -> None:
        with self._lock:
            self._waiting -= entry.size
        now = time.time()
        values = (entry.id, entry.previous, entry.created, now, entry.size, entry.items, entry.response)
        connection.execute("INSERT OR REPLACE INTO responses VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        self._total += entry.size
        self._purge_large(connection)

    def _delete(self, connection: Connection, id: str) -> bool:
        gone = self._remove(connection, "SELECT ?", (id,))
        if gone:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return bool(gone)

    def _purge_old(self, connection: Connection) -> None:
        """One batch of what has not been used for too long; what is left comes after the work that waits."""
        oldest = time.time() - self._limits().seconds
        if self._remove(connection, _OLD, (oldest, BATCH)) == BATCH:
            self._jobs.put(self._purge_old)

    def _purge_large(self, connection: Connection) -> None:
        """As `_purge_old`, where all entries together are too large: those used longest ago."""
        most = self._limits().max_bytes
        if self._total > most and self._remove(connection, _LEAST_USED, (ROOM,)) and self._total > most:
            self._jobs.put(self._purge_large)

    def _remove(self, connection: Connection, chosen: str, values: tuple[object, ...]) -> int:
        """Delete the entries that a query chooses; how many they were. The space goes back to the system."""
        sql = f"DELETE FROM responses WHERE id IN ({chosen}) RETURNING size"  # noqa: S608 - the queries are ours
        sizes = [size for (size,) in connection.execute(sql, values)]
        self._total -= sum(sizes)
        if sizes:
            connection.execute("PRAGMA incremental_vacuum").fetchall()
        return len(sizes)


def _chain(connection: Connection, id: str) -> list[Entry]:
    rows = connection.execute(_CHAIN, (id, LONGEST)).fetchall()
    _touch(connection, [row[0] for row in rows])
    return [Entry(*row) for row in rows]


def _touch(connection: Connection, ids: Sequence[str]) -> None:
    now = time.time()
    connection.execute("BEGIN")
    try:
        connection.executemany(
            "UPDATE responses SET used = ? WHERE id = ? AND used < ?", [(now, id, now - USED_EVERY) for id in ids]
        )
    finally:
        connection.execute("COMMIT")
