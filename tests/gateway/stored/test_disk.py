"""The file of kept responses: bounded in time, size and waiting work; private; nobody waits for it."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from landbridge.gateway.stored import disk as module
from landbridge.gateway.stored.disk import BATCH, Disk, Limits
from landbridge.gateway.stored.entry import Entry

pytestmark = [pytest.mark.anyio, pytest.mark.io]

DAY = 86400.0
ROOMY = Limits(30 * DAY, 1 << 40)


def entry(number: int, previous: str = "", size: int = 10) -> Entry:
    return Entry(f"resp_{number}", previous, float(number), b"[%d]" % number, b"x" * size)


@asynccontextmanager
async def opened(path: Path, limits: Limits = ROOMY) -> AsyncIterator[Disk]:
    disk = Disk(path, lambda: limits)
    try:
        yield disk
    finally:
        await disk.close()


def fill(path: Path, count: int, size: int, used: float) -> None:
    """A file as it was left behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.executescript(module._SCHEMA)
    rows = ((f"resp_{n}", "", used, used + n / 1000, size, b"[]", b"x" * size) for n in range(count))
    connection.executemany("INSERT INTO responses VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()


def count(path: Path) -> int:
    connection = sqlite3.connect(path)
    (found,) = connection.execute("SELECT COUNT(*) FROM responses").fetchone()
    connection.close()
    return int(found)


async def test_what_was_put_is_found_also_by_the_next_program(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "r.sqlite3"
    async with opened(path) as disk:
        disk.put(entry(1))
        disk.put(entry(2, "resp_1"))
        assert await disk.chain("resp_2") == [entry(1), entry(2, "resp_1")]
    async with opened(path) as disk:
        assert await disk.chain("resp_2") == [entry(1), entry(2, "resp_1")]
        assert await disk.chain("resp_1") == [entry(1)]
        assert await disk.chain("resp_9") == []


async def test_a_conversation_of_many_turns_comes_in_its_order(tmp_path: Path) -> None:
    async with opened(tmp_path / "r.sqlite3") as disk:
        for number in range(500):
            disk.put(entry(number, f"resp_{number - 1}" if number else "resp_of_another"))
        chain = await disk.chain("resp_499")
    assert [each.id for each in chain] == [f"resp_{number}" for number in range(500)]
    assert chain[0].previous == "resp_of_another"


async def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "data" / "r.sqlite3"
    async with opened(path) as disk:
        disk.put(entry(1))
        await disk.chain("resp_1")
        rights = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
        assert rights == {"r.sqlite3": 0o600, "r.sqlite3-wal": 0o600, "r.sqlite3-shm": 0o600}
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_what_is_deleted_is_gone_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite3"
    secret = Entry("resp_1", "", 1.0, b'["a secret"]', b"{}")
    async with opened(path) as disk:
        disk.put(secret)
        assert await disk.delete("resp_1")
        assert not await disk.delete("resp_1")
        assert await disk.chain("resp_1") == []
        for file in tmp_path.iterdir():
            assert b"a secret" not in file.read_bytes()


async def test_nothing_is_made_until_there_is_something_to_keep(tmp_path: Path) -> None:
    async with opened(tmp_path / "r.sqlite3") as disk:
        assert not await disk.delete("resp_1")
        assert await disk.chain("resp_1") == []
        disk.use(["resp_1"])
        assert list(tmp_path.iterdir()) == []
        assert "responses" not in {thread.name for thread in threading.enumerate()}


async def test_p97_old_entries_are_deleted_in_batches_and_never_read(tmp_path: Path) -> None:
    """20 MB of entries leave without coming into memory, and other work goes on between two batches."""
    path = tmp_path / "r.sqlite3"
    fill(path, 2000, 10_000, time.time() - 31 * DAY)
    size = path.stat().st_size
    tracemalloc.start()
    async with opened(path) as disk:
        disk.put(entry(9001))
        assert [each.id for each in await disk.chain("resp_9001")] == ["resp_9001"]
        left = count(path)
        assert 0 < left - 1 <= 2000 - BATCH, "asked in the middle, it answers"
        async with asyncio.timeout(20):
            while count(path) > 1:
                await asyncio.sleep(0.02)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000
    assert path.stat().st_size < size
    async with opened(path) as disk:
        assert [each.id for each in await disk.chain("resp_9001")] == ["resp_9001"], "what is new stays"


async def test_entries_in_use_live_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "r.sqlite3"
    fill(path, 2, 10, time.time() - 29 * DAY)
    async with opened(path) as disk:
        disk.use(["resp_0"])
        assert len(await disk.chain("resp_0")) == 1
    month = time.time() + 2 * DAY
    monkeypatch.setattr(time, "time", lambda: month)
    async with opened(path) as disk:
        assert len(await disk.chain("resp_0")) == 1
        assert await disk.chain("resp_1") == []


async def test_p97_those_used_longest_ago_make_room(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite3"
    async with opened(path, Limits(30 * DAY, 50_000)) as disk:
        for number in range(100):
            disk.put(entry(number, size=1000))
        kept = [number for number in range(100) if await disk.chain(f"resp_{number}")]
        assert kept == [*range(kept[0], 100)], "the latest"
        assert 20 <= len(kept) <= 40
    async with opened(path, Limits(30 * DAY, 5_000)) as disk:
        disk.put(entry(200))
        assert await disk.chain("resp_200")
        async with asyncio.timeout(5):
            while count(path) > 5:
                await asyncio.sleep(0.01)
        assert await disk.chain("resp_200")


async def test_work_that_piles_up_is_counted_and_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_WAITING", 10_000)
    gate = threading.Event()
    async with opened(tmp_path / "r.sqlite3") as disk:
        disk._do(lambda connection: gate.wait(10))
        began = time.monotonic()
        taken = [disk.put(entry(number, size=1000)) for number in range(20)]
        assert time.monotonic() - began < 1.0
        assert taken == [True] * 7 + [False] * 13
        assert disk.lost == 13
        gate.set()
        assert await disk.chain("resp_6")
        assert not await disk.chain("resp_7")
        assert disk.put(entry(7)), "there is room again"


async def test_closing_writes_what_waits(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite3"
    async with opened(path) as disk:
        for number in range(300):
            disk.put(entry(number))
    assert count(path) == 300
    assert "responses" not in {thread.name for thread in threading.enumerate()}


async def test_a_damaged_file_is_put_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "r.sqlite3"
    path.write_bytes(b"this is no database, and never was one" * 100)
    async with opened(path) as disk:
        disk.put(entry(1))
        assert len(await disk.chain("resp_1")) == 1
        assert disk.fault == ""
    assert path.with_suffix(".broken").read_bytes().startswith(b"this is no database")
    assert "r.broken" in caplog.text


async def test_a_file_that_cannot_be_used_is_said_and_costs_nobody_an_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "r.sqlite3"
    path.mkdir()
    async with opened(path) as disk:
        disk.put(entry(1))
        async with asyncio.timeout(5):
            await disk.chain("resp_1")
            while not disk.fault:
                await asyncio.sleep(0.01)
        assert not disk.put(entry(2))
        assert disk.lost == 1
        assert not await disk.delete("resp_1")
    assert "kept in memory only" in caplog.text


async def test_work_that_fails_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def fail(connection: sqlite3.Connection) -> list[int]:
        raise sqlite3.OperationalError("database or disk is full")

    async with opened(tmp_path / "r.sqlite3") as disk:
        disk.put(entry(1))
        assert await disk._ask(fail, [7]) == [7]
        disk.put(entry(2))
        assert await disk.chain("resp_2")
        assert disk.lost == 1
    assert "disk is full" in caplog.text


async def test_who_gives_up_waiting_disturbs_nobody(tmp_path: Path) -> None:
    gate = threading.Event()
    async with opened(tmp_path / "r.sqlite3") as disk:
        disk.put(entry(1))
        disk._do(lambda connection: gate.wait(10))
        asking = asyncio.ensure_future(disk.chain("resp_1"))
        await asyncio.sleep(0.02)
        asking.cancel()
        gate.set()
        assert len(await disk.chain("resp_1")) == 1


def test_a_router_that_keeps_nothing_loads_no_database() -> None:
    script = "import sys, landbridge.server.run; print('sqlite3' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
