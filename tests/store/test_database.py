"""A ledger opens in SQLite and in PostgreSQL, for its owner only, and says what is wrong in words without passwords."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from landbridge.errors import StoreFault
from landbridge.store import database as opened
from landbridge.store.database import Database, explain
from landbridge.store.location import Location, locate
from landbridge.store.migrations import NEWEST
from landbridge.store.tables import budget_spent, metadata
from tests.fakes.postgres import Postgres

pytestmark = [pytest.mark.io, pytest.mark.anyio]


@asynccontextmanager
async def database(location: Location) -> AsyncIterator[Database]:
    opened = await Database.open(location)
    try:
        yield opened
    finally:
        await opened.close()


async def put(ledger: Database, key: str) -> None:
    async with ledger.begin() as connection:
        await connection.execute(budget_spent.insert().values(key=key, period="2026", spent=2**60, at=1.5))


async def test_what_is_written_is_there_the_next_time(location: Location) -> None:
    async with database(location) as ledger:
        await put(ledger, "k")
    async with database(location) as ledger, ledger.connect() as connection:
        assert (await connection.execute(select(budget_spent))).one() == ("k", "2026", 2**60, 1.5)


async def test_a_transaction_that_fails_leaves_nothing(location: Location) -> None:
    async with database(location) as ledger:
        with pytest.raises(ZeroDivisionError):
            async with ledger.begin() as connection:
                await connection.execute(budget_spent.insert().values(key="k", period="", spent=1, at=0))
                raise ZeroDivisionError
        async with ledger.connect() as connection:
            assert await connection.scalar(select(func.count()).select_from(budget_spent)) == 0


async def test_several_open_it_for_the_first_time_at_once(location: Location) -> None:
    ledgers = await asyncio.gather(*(Database.open(location) for _ in range(4)))
    try:
        await asyncio.gather(*(put(ledger, str(number)) for number, ledger in enumerate(ledgers)))
        async with ledgers[0].connect() as connection:
            assert await connection.scalar(select(func.count()).select_from(budget_spent)) == 4
    finally:
        for ledger in ledgers:
            await ledger.close()


async def test_who_reads_keeps_nobody_from_writing(location: Location) -> None:
    async with database(location) as ledger, ledger.connect() as reading:
        count = select(func.count()).select_from(budget_spent)
        assert await reading.scalar(count) == 0
        await put(ledger, "k")
        async with ledger.connect() as later:
            assert await later.scalar(count) == 1


async def test_a_newer_schema_is_refused_and_left_alone(location: Location) -> None:
    async with database(location) as ledger, ledger.begin() as connection:
        await connection.execute(text("UPDATE landbridge_schema SET version_num = '9999'"))
    with pytest.raises(StoreFault, match=r"made by a newer landbridge \(schema 9999\)"):
        await Database.open(location)


async def test_a_new_database_has_the_newest_schema_and_no_other_tables(location: Location) -> None:
    async with database(location) as ledger, ledger.connect() as connection:
        assert await connection.scalar(text("SELECT version_num FROM landbridge_schema")) == NEWEST
        names = await connection.run_sync(lambda each: each.dialect.get_table_names(each))
    assert set(names) == {*metadata.tables, "landbridge_schema"}


# -- SQLite ------------------------------------------------------------------------------------------------------------


async def test_the_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    location = locate("", tmp_path / "a" / "b", {})
    async with database(location) as ledger:
        await put(ledger, "k")
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "a" / "b").iterdir()}
    assert modes == dict.fromkeys(("landbridge.db", "landbridge.db-shm", "landbridge.db-wal"), 0o600)
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) & 0o077 == 0


async def test_opened_twice_it_keeps_its_log_while_another_process_comes_and_goes(tmp_path: Path) -> None:
    location = locate("", tmp_path, {})
    async with database(location) as ledger:
        await put(ledger, "ours")
        async with database(location) as second:
            await put(second, "too")
        theirs = "INSERT INTO budget_spent VALUES ('theirs', '2026', 1, 1.0)"
        code = (
            f"import sqlite3; c = sqlite3.connect({str(location.path)!r}); c.execute({theirs!r}); c.commit(); c.close()"
        )
        subprocess.run([sys.executable, "-c", code], check=True)
        assert location.path is not None
        assert location.path.with_name("landbridge.db-wal").exists(), "what we write would go into a file that is gone"
        async with ledger.connect() as connection:
            keys = set(await connection.scalars(select(budget_spent.c.key)))
        assert keys == {"ours", "too", "theirs"}


@pytest.mark.parametrize("faster", [False, True])
async def test_a_file_system_without_links_does_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faster: bool
) -> None:
    location = locate("", tmp_path, {})

    def link(new: Path, path: Path) -> None:
        if faster:
            path.touch()
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", link)
    async with database(location) as ledger:
        await put(ledger, "k")
        assert {file.name for file in tmp_path.iterdir()} <= {"landbridge.db", "landbridge.db-shm", "landbridge.db-wal"}


async def test_reading_makes_no_file(tmp_path: Path) -> None:
    location = locate("", tmp_path, {})
    with pytest.raises(StoreFault, match="There is no ledger"):
        await Database.open(location, create=False)
    assert list(tmp_path.iterdir()) == []


async def test_what_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    location = locate("", tmp_path, {})
    (tmp_path / "landbridge.db").write_bytes(b"a letter to a friend" * 1000)
    with pytest.raises(StoreFault, match="is damaged") as caught:
        await Database.open(location)
    assert "Move the file away" in caught.value.remedy
    assert (tmp_path / "landbridge.db").read_bytes().startswith(b"a letter")


async def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreFault, match="cannot be used"):
        await Database.open(locate("", tmp_path / "file", {}))


async def test_somebody_else_who_writes_is_waited_for_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened, "BUSY_SECONDS", 0.05)
    async with database(locate("", tmp_path, {})) as ledger:
        with holding(tmp_path / "landbridge.db"), pytest.raises(StoreFault, match="held by another program"):
            await put(ledger, "k")
        await put(ledger, "k")


class holding:
    """Another program in the middle of a transaction."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, *_: object) -> None:
        self._connection.close()


# -- PostgreSQL --------------------------------------------------------------------------------------------------------


async def test_a_server_that_is_not_there_is_said_without_the_password(free_port: object, tmp_path: Path) -> None:
    assert callable(free_port)
    location = locate(f"postgresql://me:hush@127.0.0.1:{free_port()}/x", tmp_path, {})
    with pytest.raises(StoreFault, match="cannot be reached") as caught:
        await Database.open(location)
    assert "hush" not in caught.value.text
    assert "me:***@127.0.0.1" in caught.value.text


async def test_a_wrong_database_is_said(postgres: Postgres, tmp_path: Path) -> None:
    location = locate(f"postgresql://tester:hush@127.0.0.1:{postgres.port}/nobodys", tmp_path, {})
    with pytest.raises(StoreFault, match='"nobodys" does not exist') as caught:
        await Database.open(location)
    assert "hush" not in caught.value.text


async def test_a_socket_in_the_file_system_does_as_well(postgres: Postgres, tmp_path: Path) -> None:
    name = postgres.create().rpartition("/")[2]
    url = f"postgresql://tester@/{name}?host={postgres.folder}&port={postgres.port}"
    async with database(locate(url, tmp_path, {})) as ledger:
        await put(ledger, "k")
    assert postgres.sql("SELECT count(*) FROM budget_spent", name) == "1\n"


async def test_without_the_driver_the_way_to_get_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "find_spec", lambda name: None)
    with pytest.raises(StoreFault, match="needs the package asyncpg") as caught:
        await Database.open(locate("postgresql://h/d", tmp_path, {}))
    assert "landbridge[postgres]" in caught.value.remedy


# -- words -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("database or disk is full", "the disk is full"),
        ("database disk image is malformed", "is damaged"),
        ("database is locked", "held by another program"),
        ("unable to open database file", "cannot be used"),
    ],
)
async def test_a_fault_says_what_to_do(words: str, said: str, tmp_path: Path) -> None:
    fault = explain(sqlite3.OperationalError(words), locate("", tmp_path, {}))
    assert said in fault.message
    assert fault.remedy
