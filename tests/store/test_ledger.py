"""The router's side: nothing is loaded before it is needed, records come out as rows, questions are answered."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from landbridge.config import StoreSettings
from landbridge.errors import StoreFault
from landbridge.store import ledger as keeping
from landbridge.store.bodies import Said
from landbridge.store.database import Database
from landbridge.store.ledger import Ledger
from landbridge.store.location import Location, locate
from landbridge.store.record import Record
from landbridge.store.tables import requests, runs

pytestmark = [pytest.mark.io, pytest.mark.anyio]

ROOT = Path(__file__).parent.parent.parent


@asynccontextmanager
async def open_ledger(
    location: Location, folder: Path, settings: Callable[[], StoreSettings] = StoreSettings
) -> AsyncIterator[Ledger]:
    ledger = Ledger(folder, settings)
    ledger.start(location)
    try:
        yield ledger
    finally:
        await ledger.close()


def records(*ids: str, bodies: Said | None = None) -> list[Record]:
    return [Record(id=id, dialect="anthropic", model="m", bodies=bodies, at=time.time()) for id in ids]


def put(ledger: Ledger, made: list[Record]) -> None:
    ledger.tally.counts[0] += len(made)
    ledger.take(made)


async def count(database: Database) -> int:
    async with database.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(requests)) or 0


async def test_records_are_there_when_it_is_closed(location: Location, tmp_path: Path) -> None:
    async with open_ledger(location, tmp_path) as ledger:
        put(ledger, records("req_1", "req_2"))
        put(ledger, records("req_3"))
    assert (ledger.written, ledger.lost, ledger.fault) == (3, 0, None)
    assert list((tmp_path / "ledger").iterdir()) == [], "nothing is left to count"
    async with open_ledger(location, tmp_path) as later:
        assert await later.ask(count) == 3


async def test_questions_see_what_was_written_and_raise_what_is_wrong(location: Location, tmp_path: Path) -> None:
    async def fail(database: Database) -> None:
        raise ZeroDivisionError

    async with open_ledger(location, tmp_path) as ledger:
        assert await ledger.ask(count) == 0
        put(ledger, records("req_1"))
        async with asyncio.timeout(20):
            while await ledger.ask(count) == 0:
                await asyncio.sleep(0.02)
        with pytest.raises(ZeroDivisionError):
            await ledger.ask(fail)
    with pytest.raises(StoreFault, match="closed"):
        await ledger.ask(count)


async def test_a_question_that_nobody_waits_for_any_more_is_given_up(tmp_path: Path) -> None:
    given_up = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def wait(database: Database) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            loop.call_soon_threadsafe(given_up.set)

    async with open_ledger(locate("", tmp_path, {}), tmp_path) as ledger:
        await ledger.ask(count)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await ledger.ask(wait)
        await given_up.wait()
        assert await ledger.ask(count) == 0


async def test_a_question_under_way_is_told_of_the_end(tmp_path: Path) -> None:
    async def wait(database: Database) -> None:
        await asyncio.sleep(60)

    async with open_ledger(locate("", tmp_path, {}), tmp_path) as ledger:
        await ledger.ask(count)
        task = loop_task(ledger.ask(wait))
        await asyncio.sleep(0.05)
    with pytest.raises(StoreFault, match="closed"):
        await task


def loop_task(work: object) -> asyncio.Task[None]:
    assert asyncio.iscoroutine(work)
    return asyncio.get_running_loop().create_task(work)


async def test_a_database_that_cannot_be_used_fails_questions_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "landbridge.db").write_bytes(b"a letter to a friend" * 1000)
    async with open_ledger(locate("", tmp_path, {}), tmp_path) as ledger:
        with pytest.raises(StoreFault, match="damaged"):
            await ledger.ask(count)
        put(ledger, records("req_1"))
        async with asyncio.timeout(20):
            while ledger.fault is None:
                await asyncio.sleep(0.02)
        (tmp_path / "landbridge.db").unlink()
    assert ledger.written == 1


async def test_what_could_not_be_written_at_the_end_is_written_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "FAREWELL", 0.1)
    (tmp_path / "landbridge.db").mkdir()
    location = locate("", tmp_path, {})
    async with open_ledger(location, tmp_path) as ledger:
        put(ledger, records("req_1", "req_2"))
    assert ledger.written == 0
    (tmp_path / "landbridge.db").rmdir()
    monkeypatch.setattr(keeping, "FAREWELL", 20)
    async with open_ledger(location, tmp_path) as later:
        put(later, records("req_3"))
    async with open_ledger(location, tmp_path) as last:
        assert await last.ask(count) == 3


async def test_switched_off_it_keeps_nothing_and_loses_nothing(tmp_path: Path) -> None:
    settings = StoreSettings(enabled=False)
    location = locate("", tmp_path, {})
    async with open_ledger(location, tmp_path, lambda: settings) as ledger:
        made = records("req_1", bodies=Said("anthropic", b"", 0))
        put(ledger, made)
        assert made[0].bodies is None
        assert not (tmp_path / "landbridge.db").exists()
        settings = StoreSettings()
        put(ledger, records("req_2"))
    assert ledger.written == 1

    async def lost(database: Database) -> int:
        async with database.connect() as connection:
            return int((await connection.execute(select(runs.c.lost))).scalar_one())

    async with open_ledger(location, tmp_path) as later:
        assert await later.ask(lost) == 0


async def test_an_idle_one_has_no_thread_and_leaves_no_file(tmp_path: Path) -> None:
    async with open_ledger(locate("", tmp_path, {}), tmp_path):
        pass
    assert list((tmp_path / "ledger").iterdir()) == []


async def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    async with open_ledger(locate("", tmp_path, {}), tmp_path / "file") as ledger:
        put(ledger, records("req_1"))
    assert "a kill's losses will not be known" in caplog.text
    assert ledger.written == 1


@pytest.mark.parametrize("hurried", [False, True])
async def test_what_does_not_come_to_an_end_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hurried: bool
) -> None:
    monkeypatch.setattr(keeping, "FAREWELL", 60 if hurried else -1.9)
    stuck, free = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    async def block(database: Database) -> None:
        loop.call_soon_threadsafe(stuck.set)
        free.wait(20)

    async with open_ledger(locate("", tmp_path, {}), tmp_path) as ledger:
        await ledger.ask(count)
        task = loop_task(ledger.ask(block))
        await stuck.wait()
        put(ledger, records("req_1"))
        if hurried:
            loop.call_later(0.02, ledger.hurry)
        await ledger.close()
        assert not free.is_set()
        assert ledger.written == 0
        assert list((tmp_path / "ledger").glob("*.spool")), "the next run finds it there"
        free.set()
        await asyncio.gather(task, return_exceptions=True)
        async with asyncio.timeout(20):
            while any(thread.name == "ledger" for thread in threading.enumerate()):
                await asyncio.sleep(0.01)


SCRIPT = """
import asyncio, sys, time
from pathlib import Path
from landbridge.config import StoreSettings
from landbridge.store.ledger import Ledger
from landbridge.store.location import locate
from landbridge.store.record import Record

async def main():
    folder = Path(sys.argv[1])
    ledger = Ledger(folder, StoreSettings)
    ledger.start(locate("", folder, {}))
    loaded = "sqlalchemy" in sys.modules
    number = 0
    while True:
        ledger.tally.counts[0] += 1
        number += 1
        ledger.take([Record(id=f"req_{number}", dialect="anthropic", model="m", at=time.time())])
        if number == 40:
            print(loaded, flush=True)
        await asyncio.sleep(0.01)

asyncio.run(main())
"""


def test_a_killed_router_loses_its_last_second_at_most_and_knows_how_much(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "False\n", "SQLAlchemy is not loaded before the first record"
        asyncio.run(until_written(tmp_path))
        process.send_signal(signal.SIGKILL)
    [tally] = [file for file in (tmp_path / "ledger").iterdir() if not file.suffix]
    made = int.from_bytes(tally.read_bytes()[:8], sys.byteorder)
    written, lost, rows = asyncio.run(after_the_kill(tmp_path))
    assert written == rows > 0
    assert (written + lost, lost) == (made, made - written)


def test_a_router_that_is_killed_without_a_database_leaves_its_records_to_the_next(tmp_path: Path) -> None:
    (tmp_path / "landbridge.db").mkdir()
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    (tmp_path / "landbridge.db").rmdir()
    written, lost, rows = asyncio.run(after_the_kill(tmp_path))
    assert written == rows >= 40
    assert lost <= 1, "one may have been counted and not handed on"
    assert [file.name for file in (tmp_path / "ledger").iterdir()] == []


async def until_written(folder: Path) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                database = await Database.open(locate("", folder, {}), create=False)
            except StoreFault:
                await asyncio.sleep(0.02)
                continue
            try:
                if await count(database):
                    return
            finally:
                await database.close()


async def after_the_kill(folder: Path) -> tuple[int, int, int]:
    async def told(database: Database) -> tuple[int, int, int]:
        async with database.connect() as connection:
            row = (await connection.execute(select(runs).where(runs.c.killed))).one()
            rows = await connection.scalar(select(func.count()).select_from(requests).where(requests.c.run == row.id))
            return row.written, row.lost, rows or 0

    async with open_ledger(locate("", folder, {}), folder) as ledger:
        put(ledger, records("req_later"))
        async with asyncio.timeout(20):
            while ledger.written == 0:
                await asyncio.sleep(0.02)
        return await ledger.ask(told)
