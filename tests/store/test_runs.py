"""A run's row says what it wrote and lost; for one that was killed the next run finds it out."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from landbridge.store import runs
from landbridge.store.database import Database
from landbridge.store.location import Location
from landbridge.store.tables import runs as table
from landbridge.store.tally import Count

pytestmark = [pytest.mark.io, pytest.mark.anyio]


@pytest.fixture
async def ledger(location: Location) -> AsyncIterator[Database]:
    database = await Database.open(location)
    yield database
    await database.close()


async def told(ledger: Database, run: str) -> tuple[int, int, bool, bool]:
    """Written, lost, whether it was killed and whether it has ended."""
    async with ledger.connect() as connection:
        row = (await connection.execute(select(table).where(table.c.id == run))).one()
    return row.written, row.lost, row.killed, row.ended is not None


def count(run: str, records: int, unwanted: int = 0) -> Count:
    return Count(run, records, unwanted, 1000.0, 77, b"12345678")


async def test_a_run_from_its_beginning_to_its_end(ledger: Database) -> None:
    async with ledger.begin() as connection:
        await runs.begin(connection, "run_1", 1000.0)
        await runs.begin(connection, "run_1", 2000.0)
        await runs.note(connection, "run_1", 12, 1)
    assert await told(ledger, "run_1") == (12, 1, False, False)
    async with ledger.begin() as connection:
        await runs.note(connection, "run_1", 15, 2, ended=True)
    assert await told(ledger, "run_1") == (15, 2, False, True)


async def test_a_kill_is_settled_once(ledger: Database) -> None:
    async with ledger.begin() as connection:
        await runs.begin(connection, "run_1", 1000.0)
        await runs.note(connection, "run_1", 12, 0)
        assert await runs.settle(connection, [count("run_1", 20, unwanted=3)]) == {"run_1": 5}
        assert await runs.settle(connection, [count("run_1", 20, unwanted=3)]) == {"run_1": 5}
    assert await told(ledger, "run_1") == (12, 5, True, True)


async def test_a_run_that_never_wrote_is_known_as_well(ledger: Database) -> None:
    async with ledger.begin() as connection:
        assert await runs.settle(connection, [count("run_0", 4)]) == {"run_0": 4}
    assert await told(ledger, "run_0") == (0, 4, True, True)


async def test_rows_that_were_written_and_not_counted_are_no_loss(ledger: Database) -> None:
    async with ledger.begin() as connection:
        await runs.begin(connection, "run_1", 1000.0)
        await runs.note(connection, "run_1", 12, 0, ended=True)
        assert await runs.settle(connection, [count("run_1", 12)]) == {"run_1": 0}
    assert await told(ledger, "run_1") == (12, 0, False, True)
