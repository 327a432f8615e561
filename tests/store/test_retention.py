"""What the settings no longer keep goes, in batches; nothing else does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select

from landbridge.config import StoreSettings
from landbridge.store import retention, runs
from landbridge.store.database import Database
from landbridge.store.location import Location
from landbridge.store.record import Record
from landbridge.store.retention import DAY, Retention, purge
from landbridge.store.rows import COLUMNS, insert_of, row_of
from landbridge.store.tables import bodies, requests
from landbridge.store.tables import runs as table

pytestmark = [pytest.mark.io, pytest.mark.anyio]

NOW = 2_000_000_000.0


@pytest.fixture
async def ledger(location: Location, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    monkeypatch.setattr(retention, "BATCH", 4)
    monkeypatch.setattr(retention, "PAUSE", 0)
    database = await Database.open(location)
    yield database
    await database.close()


async def fill(ledger: Database, days: list[float], *, body: int = 0) -> None:
    """Rows of that many days ago, each with a body of so many bytes."""
    rows = [
        row_of(Record(id=f"req_{number:02}", dialect="anthropic", model="m", at=NOW - day * DAY), "run_1")
        for number, day in enumerate(days)
    ]
    async with ledger.begin() as connection:
        await connection.exec_driver_sql(insert_of("requests", COLUMNS, connection.dialect.name), rows)
        for row in rows if body else ():
            await connection.execute(bodies.insert().values(id=row[0], at=row[2], size=body, content=b"x" * body))


async def left(ledger: Database) -> tuple[int, int]:
    """Rows and bodies."""
    async with ledger.connect() as connection:
        first = await connection.scalar(select(func.count()).select_from(requests))
        second = await connection.scalar(select(func.count()).select_from(bodies))
    return first or 0, second or 0


async def test_age(ledger: Database) -> None:
    await fill(ledger, [day + 0.5 for day in range(20)], body=10)
    assert await purge(ledger, StoreSettings(keep_days=15, keep_bodies=3), NOW) == 5 + 17
    assert await left(ledger) == (15, 3)
    assert await purge(ledger, StoreSettings(keep_days=15, keep_bodies=3), NOW) == 0


async def test_number(ledger: Database) -> None:
    await fill(ledger, [day + 0.5 for day in range(10)], body=10)
    assert await purge(ledger, StoreSettings(keep_rows=3, keep_bodies=400), NOW) == 7 + 7
    assert await left(ledger) == (3, 3)
    async with ledger.connect() as connection:
        assert set((await connection.execute(select(requests.c.id))).scalars()) == {"req_00", "req_01", "req_02"}


async def test_for_ever(ledger: Database) -> None:
    await fill(ledger, [5000, 1])
    assert await purge(ledger, StoreSettings(keep_days=0), NOW) == 0
    assert await left(ledger) == (2, 0)


async def test_bytes(ledger: Database) -> None:
    await fill(ledger, [day / 100 for day in range(10)], body=100)
    assert await purge(ledger, StoreSettings(bodies_max_bytes=250), NOW) == 8
    assert await left(ledger) == (10, 2)


async def test_a_row_does_not_outlive_its_body_the_other_way_round(ledger: Database) -> None:
    await fill(ledger, [0.5, 20], body=1)
    assert await purge(ledger, StoreSettings(keep_days=10, keep_bodies=400), NOW) == 2
    assert await left(ledger) == (1, 1)


async def test_runs_go_with_their_rows(ledger: Database) -> None:
    async with ledger.begin() as connection:
        await runs.begin(connection, "run_old", 1.0)
        await runs.note(connection, "run_old", 5, 0, ended=True)
        await runs.begin(connection, "run_on", 1.0)
    await purge(ledger, StoreSettings(keep_days=1), 4_000_000_000.0)
    async with ledger.connect() as connection:
        assert (await connection.execute(select(table.c.id))).scalars().all() == ["run_on"]


async def test_a_file_gets_smaller(ledger: Database) -> None:
    if (path := ledger.location.path) is None:
        return
    await fill(ledger, [30.0] * 20, body=20_000)
    await checkpoint(ledger)
    before = path.stat().st_size
    await purge(ledger, StoreSettings(keep_days=1), NOW)
    await checkpoint(ledger)
    assert path.stat().st_size < before / 4


async def checkpoint(ledger: Database) -> None:
    async with ledger.engine.connect() as connection:
        raw = await connection.get_raw_connection()
        assert raw.driver_connection is not None
        cursor = await raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        await cursor.close()


async def test_many_bodies_bring_it_forward(ledger: Database) -> None:
    await fill(ledger, [0.0] * 3, body=100)
    settings = StoreSettings(keep_days=0, keep_bodies=20_000, bodies_max_bytes=150)

    async def database() -> Database:
        return ledger

    keeping = Retention(database, lambda: settings)
    task = asyncio.get_running_loop().create_task(keeping.run())
    keeping.came(5)
    await asyncio.sleep(0.05)
    assert await left(ledger) == (3, 3)
    keeping.came(100)
    async with asyncio.timeout(20):
        while (await left(ledger))[1] > 1:
            await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_clock_that_jumps_deletes_nothing_at_once(
    ledger: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rounds = 0

    async def database() -> Database:
        nonlocal rounds
        rounds += 1
        return ledger

    monkeypatch.setattr(retention, "FIRST", 0.01)
    monkeypatch.setattr(retention, "EVERY", 0.05)
    offset = 0.0
    monkeypatch.setattr(retention, "_offset", lambda: offset)
    keeping = Retention(database, lambda: StoreSettings(keep_days=0))
    offset = 10 * 365 * DAY
    task = asyncio.get_running_loop().create_task(keeping.run())
    async with asyncio.timeout(20):
        while "clock has jumped" not in caplog.text:
            await asyncio.sleep(0.01)
        assert rounds == 0
        while rounds == 0:
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert caplog.text.count("clock has jumped") == 1
