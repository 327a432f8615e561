"""Rows get to the database, whatever it goes through; what is lost is counted and said once."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from landbridge.errors import StoreFault
from landbridge.store import runs as ends
from landbridge.store import writer as writing
from landbridge.store.bodies import Said, unpack
from landbridge.store.database import Database
from landbridge.store.location import Location, locate
from landbridge.store.pen import Batch, SqlitePen
from landbridge.store.queue import Queue
from landbridge.store.record import Record
from landbridge.store.tables import bodies, requests, runs
from landbridge.store.tally import Count, Tally
from landbridge.store.writer import Writer
from tests.fakes.postgres import Postgres

pytestmark = [pytest.mark.io, pytest.mark.anyio]

PATIENCE = 20.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "EVERY", 0.02)
    monkeypatch.setattr(writing, "BACK_OFF", (0.02, 0.05))


class Writing:
    """A writer at work."""

    def __init__(self, location: Location, capacity: int = 1000) -> None:
        self.queue = Queue(capacity)
        self.tally = Tally(location.shown)
        self.writer = Writer(location, self.queue, self.tally)

    def put(self, ids: Sequence[str], **fields: Any) -> list[Record]:
        made = [Record(id=id, dialect="anthropic", **{"model": "m", **fields}) for id in ids]
        self.tally.counts[0] += len(made)
        self.queue.put(made)
        self.writer.wake()
        return made

    async def until(self, written: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while self.writer.written < written:
                await asyncio.sleep(0.01)

    async def until_fault(self) -> str:
        async with asyncio.timeout(PATIENCE):
            while self.writer.fault is None:
                await asyncio.sleep(0.01)
        return self.writer.fault.message


@asynccontextmanager
async def at_work(location: Location, capacity: int = 1000, farewell: float = PATIENCE) -> AsyncIterator[Writing]:
    work = Writing(location, capacity)
    task = asyncio.get_running_loop().create_task(work.writer.run())
    try:
        yield work
    finally:
        work.writer.close(farewell)
        await task


async def kept(location: Location) -> list[str]:
    database = await Database.open(location)
    try:
        async with database.connect() as connection:
            return list((await connection.execute(select(requests.c.id).order_by(requests.c.id))).scalars())
    finally:
        await database.close()


async def run_row(location: Location) -> tuple[int, int, bool]:
    database = await Database.open(location)
    try:
        async with database.connect() as connection:
            row = (await connection.execute(select(runs))).one()
            return row.written, row.lost, row.ended is not None
    finally:
        await database.close()


def some(number: int) -> list[str]:
    return [f"req_{each:05}" for each in range(number)]


async def test_records_become_rows_and_the_run_says_how_many(location: Location) -> None:
    async with at_work(location) as work:
        work.put(some(3))
        await work.until(3)
        work.put(["req_x"])
        await work.until(4)
    assert await kept(location) == [*some(3), "req_x"]
    assert await run_row(location) == (4, 0, True)


async def test_the_end_writes_what_is_left(location: Location) -> None:
    async with at_work(location) as work:
        work.put(some(700))
    assert len(await kept(location)) == 700
    assert await run_row(location) == (700, 0, True)


async def test_nothing_asked_of_it_opens_nothing(tmp_path: Path) -> None:
    async with at_work(locate("", tmp_path, {})):
        await asyncio.sleep(0.05)
    assert list(tmp_path.iterdir()) == []


async def test_a_batch_that_is_sent_twice_is_there_once(location: Location, monkeypatch: pytest.MonkeyPatch) -> None:
    # The connection breaks after the database has committed: nobody can know, so the batch is sent again.
    async with at_work(location) as work:
        work.put(some(2))
        await work.until(2)
        pen = work.writer._pen
        assert pen is not None
        write, times = pen.write, 0

        async def break_off(batch: Batch) -> None:
            nonlocal times
            times += 1
            await write(batch)
            if times == 1:
                raise StoreFault("The connection broke.")

        monkeypatch.setattr(pen, "write", break_off)
        work.put(["req_x", "req_y"])
        await work.until(4)
    assert times == 2
    assert await kept(location) == [*some(2), "req_x", "req_y"]
    assert await run_row(location) == (4, 0, True)


async def test_a_row_that_no_database_takes_is_the_only_one_lost(
    location: Location, caplog: pytest.LogCaptureFixture
) -> None:
    async with at_work(location) as work:
        made = [Record(id=id, dialect="anthropic", model="m") for id in some(9)]
        made[4].status = "teapot" * 2**10  # type: ignore[assignment]
        made[4].first = object()  # type: ignore[assignment]
        work.tally.counts[0] += 9
        work.queue.put(made)
        work.writer.wake()
        await work.until(8)
    assert await kept(location) == [id for id in some(9) if id != "req_00004"]
    assert await run_row(location) == (8, 1, True)
    assert "does not take the row of req_00004" in caplog.text


async def test_bodies_are_kept_beside_their_rows(location: Location) -> None:
    told = list[int]()
    async with at_work(location) as work:
        work.writer.after_bodies = told.append
        [record] = work.put(["req_1"], bodies=Said("anthropic", b"hello" * 100, 1000))
        work.put(["req_2"])
        await work.until(2)
        assert record.bodies is None
    database = await Database.open(location)
    async with database.connect() as connection:
        row = (await connection.execute(select(bodies))).one()
    await database.close()
    assert unpack(row.content).request == b"hello" * 100
    assert (row.id, row.size, sum(told)) == ("req_1", len(row.content), len(row.content))


# -- bad days ----------------------------------------------------------------------------------------------------------


async def test_a_server_that_is_gone_for_a_while_costs_no_row(
    postgres: Postgres, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    location = locate(postgres.create(), tmp_path, {})
    async with at_work(location) as work:
        work.put(some(3))
        await work.until(3)
        postgres.stop()
        try:
            work.put(["req_x"])
            assert "cannot be reached" in await work.until_fault()
            work.put(["req_y"])
            await asyncio.sleep(0.2)
        finally:
            postgres.start()
        await work.until(5)
        assert work.writer.fault is None
    assert await kept(location) == [*some(3), "req_x", "req_y"]
    assert await run_row(location) == (5, 0, True)
    assert caplog.text.count("cannot be reached") == 1, "said once, however often it was tried"
    assert caplog.text.count("is written again") == 1


async def test_what_does_not_fit_meanwhile_is_the_oldest_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    location = locate("", tmp_path / "folder", {})
    (tmp_path / "folder").touch()
    async with at_work(location, capacity=2) as work:
        work.put(["req_0"])
        await work.until_fault()
        work.put(some(5))
        (tmp_path / "folder").unlink()
        await work.until(3)
    assert await kept(location) == ["req_0", "req_00003", "req_00004"]
    assert await run_row(location) == (3, 3, True)
    assert "3 records were lost so far" in caplog.text


async def test_a_full_disk_is_said_once_and_gone_through(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    location = locate("", tmp_path, {})
    async with at_work(location) as work:
        work.put(["req_0"])
        await work.until(1)
        # SQLite says the same of a limit on the file's pages as of a full disk.
        pen = work.writer._pen
        assert isinstance(pen, SqlitePen)
        (pages,) = pen.connection().execute("PRAGMA page_count").fetchone()
        pen.connection().execute(f"PRAGMA max_page_count = {pages}")
        work.put(some(200), message="x" * 3000)
        assert "the disk is full" in await work.until_fault()
        await asyncio.sleep(0.2)
        pen.connection().execute("PRAGMA max_page_count = 1000000")
        await work.until(201)
    assert len(await kept(location)) == 201
    assert caplog.text.count("the disk is full") == 1


async def test_a_file_that_was_deleted_is_made_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    location = locate("", tmp_path, {})
    async with at_work(location) as work:
        work.put(some(2))
        await work.until(2)
        for file in tmp_path.glob("landbridge.db*"):
            file.unlink()
        work.put(["req_x"])
        await work.until(3)
    assert await kept(location) == ["req_x"]
    assert "is another file than before, or gone" in caplog.text


async def test_another_program_that_writes_is_waited_for(tmp_path: Path) -> None:
    location = locate("", tmp_path, {})
    async with at_work(location) as work:
        work.put(["req_0"])
        await work.until(1)
        other = sqlite3.connect(tmp_path / "landbridge.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        work.put(["req_1"])
        await asyncio.sleep(0.1)
        assert work.writer.written == 1
        other.execute("ROLLBACK")
        other.close()
        await work.until(2)


async def test_an_end_without_a_database_is_bounded_and_leaves_the_count(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    location = locate("", tmp_path / "file" / "x", {})
    (tmp_path / "file").touch()
    async with at_work(location, farewell=0.1) as work:
        work.tally.keep(tmp_path / "tallies")
        work.put(some(3))
        await work.until_fault()
    assert "3 records could not be written" in caplog.text
    (tmp_path / "file").unlink()
    async with at_work(location) as later:
        later.tally.keep(tmp_path / "tallies")
        later.put(["req_x"])
        await later.until(1)
    assert "3 records of an earlier run were lost" in caplog.text
    assert list((tmp_path / "tallies").iterdir()) == []


async def test_rows_do_not_wait_for_the_ends_of_earlier_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A router that is killed soon after each start would never come to write any."""
    location = locate("", tmp_path, {})
    for _ in range(3):
        Tally(location.shown).keep(tmp_path / "tallies")
    settled: list[int] = []
    settle = ends.settle

    async def counted(connection: AsyncConnection, counts: Sequence[Count]) -> dict[str, int]:
        settled.extend(work.writer.written for _ in counts)
        return await settle(connection, counts)

    monkeypatch.setattr(ends, "settle", counted)
    async with at_work(location) as work:
        work.tally.keep(tmp_path / "tallies")
        work.put(some(700))
        await work.until(700)
    assert len(settled) == 3 and min(settled) >= writing.BATCH
    assert list((tmp_path / "tallies").iterdir()) == []
