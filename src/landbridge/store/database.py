"""The ledger's database, opened: the right driver, the newest tables, and faults in words a person can use."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from ..errors import StoreFault
from .location import Location
from .upgrade import is_newer, revision_of, upgrade

BUSY_SECONDS = 5.0
"""How long SQLite waits for another process that writes."""
CONNECT_SECONDS = 5.0
COMMAND_SECONDS = 30.0
FAULTS = (SQLAlchemyError, OSError, asyncio.TimeoutError, sqlite3.Error)
"""What drivers raise, all told; asyncpg's own errors come wrapped once a connection stands."""


class Database:
    """One open database. `connect` reads, `begin` writes; both raise `StoreFault` where it is gone."""

    def __init__(self, engine: AsyncEngine, location: Location) -> None:
        self.engine, self.location = engine, location
        self._file = _identity(location.path)

    @classmethod
    async def open(cls, location: Location, *, create: bool = True) -> Database:
        """Open it, make it where there is none (unless told not to), and bring its tables up. Raises `StoreFault`."""
        if location.path is not None:
            _make_file(location.path, create=create)
            _try_file(location)
        database = cls(_engine(location), location)
        try:
            await database._bring_up()
        except BaseException:
            await database.close()
            raise
        return database

    @property
    def in_place(self) -> bool:
        """Whether its file is still where it was: one that was moved or deleted could be written for ever."""
        return self._file == _identity(self.location.path)

    async def close(self) -> None:
        """Close all connections. Never raises."""
        with suppress(*FAULTS):
            await self.engine.dispose()

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading: one snapshot, and nobody is kept from writing."""
        async with _explained(self.location), self.engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction, committed at the end."""
        async with _explained(self.location), self.engine.execution_options(writes=True).begin() as connection:
            yield connection

    async def _bring_up(self) -> None:
        async with self.connect() as connection:
            revision = await revision_of(connection)
        if is_newer(revision):
            raise StoreFault(
                f"The ledger {self.location.shown} was made by a newer landbridge (schema {revision}).",
                remedy="Use that version or a newer one, or name another database in `store.url`.",
            )
        async with self.begin() as connection:
            await upgrade(connection)


@asynccontextmanager
async def _explained(location: Location) -> AsyncIterator[None]:
    """What a driver raises inside becomes a `StoreFault`."""
    try:
        yield
    except FAULTS as error:
        raise explain(error, location) from error


def explain(error: BaseException, location: Location) -> StoreFault:
    """What a driver's error means, without its SQL and without a password."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    while cause.__cause__ is not None and isinstance(cause, SQLAlchemyError | RuntimeError):
        cause = cause.__cause__
    words = " ".join(str(cause).split())[:300] or type(cause).__name__
    words = words.removeprefix("<class 'asyncpg.exceptions.").replace("'>:", ":")
    where = f"The ledger {location.shown}"
    lower = words.lower()
    if "disk is full" in lower or "no space left" in lower:
        return StoreFault(f"{where} cannot be written: the disk is full.", remedy="Make room; it goes on by itself.")
    if "not a database" in lower or "malformed" in lower:
        return StoreFault(f"{where} is damaged ({words}).", remedy="Move the file away, or put a backup in its place.")
    if "locked" in lower:
        return StoreFault(f"{where} is held by another program ({words}).", remedy="It goes on once that one is done.")
    if location.path is not None:
        return StoreFault(f"{where} cannot be used ({words}).", remedy="Can its folder be written?")
    if isinstance(cause, OSError | asyncio.TimeoutError):
        return StoreFault(f"{where} cannot be reached ({words}).", remedy="Does the server run? It is tried again.")
    return StoreFault(f"{where} refuses ({words}).", remedy="Check `store.url` and the rights of its user.")


def _identity(path: Path | None) -> tuple[int, int] | None:
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


def _make_file(path: Path, *, create: bool) -> None:
    if path.exists():
        return
    if not create:
        raise StoreFault(f"There is no ledger at {path} yet.", remedy="It begins with the router's first request.")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Never opened under its name: closing it would end every lock that SQLite holds on it in this process, and
        # another process would then take the log away under our hands.
        number, new = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(number)
        with closing(sqlite3.connect(new)) as connection:  # that cannot be done while others open it, too
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("PRAGMA journal_mode = WAL")
        _put_there(Path(new), path)
    except (OSError, sqlite3.Error) as error:
        words = error.strerror if isinstance(error, OSError) else error
        raise StoreFault(f"The ledger {path} cannot be used ({words}).", remedy="Can its folder be written?") from error


def _put_there(new: Path, path: Path) -> None:
    """`new` becomes `path`, unless somebody was faster."""
    try:
        os.link(new, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links; then a short moment is left in which two may do it
        if not path.exists():
            new.rename(path)
    new.unlink(missing_ok=True)


def _try_file(location: Location) -> None:
    """A file that cannot be opened is found out here: aiosqlite would leave a thread behind that fails later."""
    assert location.path is not None
    try:
        with closing(sqlite3.connect(location.path, timeout=BUSY_SECONDS)) as connection:
            connection.execute("PRAGMA schema_version")
    except sqlite3.Error as error:
        raise explain(error, location) from error


def _engine(location: Location) -> AsyncEngine:
    url = location.url.reveal()
    if location.path is not None:
        engine = create_async_engine(url, pool_size=2, max_overflow=4)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    if find_spec("asyncpg") is None:
        raise StoreFault(
            "PostgreSQL needs the package asyncpg, which is not installed.",
            remedy="Install landbridge with it: pip install 'landbridge[postgres]'.",
        )
    named = {"server_settings": {"application_name": "landbridge"}}
    limits = {"timeout": CONNECT_SECONDS, "command_timeout": COMMAND_SECONDS}
    try:
        return create_async_engine(
            url, pool_size=2, max_overflow=4, pool_pre_ping=True, pool_timeout=10, connect_args={**named, **limits}
        )
    except (ArgumentError, ValueError):
        raise StoreFault("store.url is no URL of a database.", remedy="Write postgresql://USER@HOST/NAME.") from None


def _prepare_sqlite(connection: Any, record: object) -> None:
    connection.isolation_level = None  # transactions begin and end where we say so, of tables, too
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
    cursor.execute("PRAGMA auto_vacuum = INCREMENTAL")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA secure_delete = FAST")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    # Whoever reads first and writes later can find the file changed in between; so writers say it from the start.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
