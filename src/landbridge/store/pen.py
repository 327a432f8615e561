"""Puts a batch of rows into the database, in one transaction and in as few steps as its driver allows.

SQLite is written by Python's own module, right here in the ledger's thread: each step through SQLAlchemy and aiosqlite
changes threads twice, which costs a router under load more than the writing itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any, Protocol, cast

from msgspec import Struct

from . import runs
from .database import Database, explain
from .rows import COLUMNS, Row, insert_of

BUSY_SECONDS = 2.0
"""How long another process that writes is waited for; then the batch is tried again later."""
AT_ONCE = 50
"""Rows of one statement."""
BODY = ("id", "at", "size", "content")

# Both stay what they are. For values of other types than int, float and str the module asks every time, by raising and
# catching errors, whether they can be adapted.
sqlite3.register_adapter(bool, int)
sqlite3.register_adapter(type(None), cast(Any, {}.get))

Content = tuple[str, float, int, bytes]


class Batch(Struct):
    """What is written together, and what the run's row says after it."""

    run: str
    rows: Sequence[Row]
    contents: Sequence[Content] = ()
    written: int | None = None
    """None: the run's row stays as it is."""
    lost: int = 0


class Pen(Protocol):
    """Writes batches."""

    async def write(self, batch: Batch) -> None:
        """All of it or nothing. Raises `StoreFault`, and what a driver says of rows that it cannot take."""

    def close(self) -> None:
        """Nothing more comes."""


def pen_for(database: Database) -> Pen:
    """One for that database."""
    path = database.location.path
    return _Pen(database) if path is None else SqlitePen(database, path)


class SqlitePen:
    """Writes a file by a connection of its own."""

    def __init__(self, database: Database, path: Path) -> None:
        self._location, self._path = database.location, path
        self._connection: sqlite3.Connection | None = None
        self._rows, self._contents = insert_of("requests", COLUMNS, "sqlite"), insert_of("bodies", BODY, "sqlite")
        self._many = insert_of("requests", COLUMNS, "sqlite", AT_ONCE)

    async def write(self, batch: Batch) -> None:
        """As `Pen`. Waits for the disk, in the thread it is called in."""
        try:
            self._write(self.connection(), batch)
        except (sqlite3.Error, OSError) as error:
            raise explain(error, self._location) from error

    def connection(self) -> sqlite3.Connection:
        """Its own."""
        if self._connection is None:
            self._connection = sqlite3.connect(self._path, isolation_level=None, timeout=BUSY_SECONDS)
            self._connection.execute("PRAGMA synchronous = NORMAL")
        return self._connection

    def _write(self, connection: sqlite3.Connection, batch: Batch) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            self._insert(connection, batch.rows)
            if batch.contents:
                connection.executemany(self._contents, batch.contents)
            if batch.written is not None:
                noted = (batch.written, batch.lost, batch.run)
                connection.execute("UPDATE runs SET written = ?, lost = ? WHERE id = ?", noted)
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise

    def _insert(self, connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
        """Most rows in few statements: each gives the interpreter's lock away and waits for it again."""
        whole = len(rows) - len(rows) % AT_ONCE
        for start in range(0, whole, AT_ONCE):
            connection.execute(self._many, [*chain.from_iterable(rows[start : start + AT_ONCE])])
        connection.executemany(self._rows, rows[whole:])

    def close(self) -> None:
        """Nothing more comes."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _Pen:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, batch: Batch) -> None:
        async with self._database.begin() as connection:
            kind = connection.dialect.name
            await connection.exec_driver_sql(insert_of("requests", COLUMNS, kind), list(batch.rows))
            if batch.contents:
                await connection.exec_driver_sql(insert_of("bodies", BODY, kind), list(batch.contents))
            if batch.written is not None:
                await runs.note(connection, batch.run, batch.written, batch.lost)

    def close(self) -> None:
        """The database closes its connections."""
