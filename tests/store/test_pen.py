"""A batch is written whole or not at all, in both databases alike."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from landbridge.errors import StoreFault
from landbridge.store import pen as pens
from landbridge.store import runs
from landbridge.store.database import Database
from landbridge.store.location import Location
from landbridge.store.pen import Batch, pen_for
from landbridge.store.record import Record
from landbridge.store.rows import COLUMNS, Row, row_of
from landbridge.store.tables import bodies, requests
from landbridge.store.tables import runs as table

pytestmark = [pytest.mark.io, pytest.mark.anyio]


@pytest.fixture
async def ledger(location: Location) -> AsyncIterator[Database]:
    database = await Database.open(location)
    async with database.begin() as connection:
        await runs.begin(connection, "run_1", 1.0)
    yield database
    await database.close()


def rows(*ids: str) -> list[Row]:
    return [row_of(Record(id=id, dialect="anthropic", model="m", at=5.5, stream=True), "run_1") for id in ids]


async def kept(ledger: Database) -> tuple[list[str], list[str], tuple[int, int]]:
    """Ids of rows and of bodies, and what the run's row says."""
    async with ledger.connect() as connection:
        first = list((await connection.execute(select(requests.c.id).order_by(requests.c.id))).scalars())
        second = list((await connection.execute(select(bodies.c.id))).scalars())
        run = (await connection.execute(select(table.c.written, table.c.lost))).one()
    return first, second, (run.written, run.lost)


async def test_all_of_a_batch_is_there(ledger: Database) -> None:
    pen = pen_for(ledger)
    await pen.write(Batch("run_1", rows("a", "b"), [("a", 5.5, 3, b"\x00\xff\x01")], 2, 1))
    assert await kept(ledger) == (["a", "b"], ["a"], (2, 1))
    await pen.write(Batch("run_1", rows("a", "c"), [("a", 5.5, 1, b"x")]))
    assert await kept(ledger) == (["a", "b", "c"], ["a"], (2, 1)), "what is there stays; the run's row, too"
    pen.close()
    async with ledger.connect() as connection:
        assert (await connection.execute(select(bodies.c.content))).scalar_one() == b"\x00\xff\x01"
        assert (await connection.execute(select(requests.c.stream, requests.c.at).limit(1))).one() == (True, 5.5)


async def test_a_batch_with_a_bad_row_leaves_nothing_and_harms_no_later_one(ledger: Database) -> None:
    pen = pen_for(ledger)
    bad = list(rows("b")[0])
    bad[1] = None
    with pytest.raises(StoreFault):
        await pen.write(Batch("run_1", [*rows("a"), tuple(bad)], (), 2, 0))
    assert await kept(ledger) == ([], [], (0, 0))
    await pen.write(Batch("run_1", rows("a"), (), 1, 0))
    assert await kept(ledger) == (["a"], [], (1, 0))
    pen.close()


async def test_who_reads_and_who_writes_do_not_wait_for_each_other(
    ledger: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pens, "BUSY_SECONDS", 0.01)
    pen = pen_for(ledger)
    async with ledger.connect() as reading:
        assert (await reading.execute(select(requests.c.id))).all() == []
        await pen.write(Batch("run_1", rows("a")))
    pen.close()
    pen.close()


async def test_many_rows_are_written_like_few(ledger: Database) -> None:
    """Most go in statements of many rows each; what they hold is told by reading all of it back."""
    pen = pen_for(ledger)
    numbers = range(2 * pens.AT_ONCE + 7)
    records = [Record(f"r{each:03}", "gemini", f"m{each}", at=each, stream=each % 2 == 0) for each in numbers]
    many = [row_of(record, "run_1") for record in records]
    await pen.write(Batch("run_1", many, written=len(many)))
    async with ledger.connect() as connection:
        found = (await connection.execute(select(requests).order_by(requests.c.id))).all()
    assert [tuple(row._mapping[name] for name in COLUMNS) for row in found] == many
    pen.close()
