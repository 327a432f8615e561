"""What is kept: at once in memory, soon on the disk, as the settings say; and who keeps what we do not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from landbridge.config import ResponsesSettings
from landbridge.gateway.stored import shelf as module
from landbridge.gateway.stored.entry import Entry
from landbridge.gateway.stored.shelf import Stored

pytestmark = [pytest.mark.anyio, pytest.mark.io]


def entry(number: int, previous: str = "", size: int = 10) -> Entry:
    return Entry(f"resp_{number}", previous, float(number), b"[%d]" % number, b"x" * size)


@asynccontextmanager
async def opened(path: Path | None, **settings: object) -> AsyncIterator[Stored]:
    made = ResponsesSettings(**settings)  # type: ignore[arg-type]  # by name
    stored = Stored(path, lambda: made)
    try:
        yield stored
    finally:
        await stored.close()


async def test_kept_at_once_and_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite3"
    async with opened(path) as stored:
        stored.keep(entry(1))
        stored.keep(entry(2, "resp_1"))
        assert await stored.find("resp_2") == entry(2, "resp_1")
        assert await stored.chain("resp_2") == [entry(1), entry(2, "resp_1")]
    async with opened(path) as stored:
        assert await stored.find("resp_2") == entry(2, "resp_1")
        stored.keep(entry(3, "resp_2"))
        assert [each.id for each in await stored.chain("resp_3")] == ["resp_1", "resp_2", "resp_3"]
        assert await stored.find("resp_9") is None


@pytest.mark.parametrize("store", ["memory", "off"])
async def test_without_the_disk_nothing_is_written(tmp_path: Path, store: str) -> None:
    async with opened(tmp_path / "r.sqlite3", store=store) as stored:
        assert stored.keeps is (store == "memory")
        stored.keep(entry(1))
        stored.keep(entry(2, "resp_1"))
        found = await stored.find("resp_1")
        assert (found is not None) is (store == "memory")
        assert len(await stored.chain("resp_2")) == (2 if store == "memory" else 0)
        assert await stored.delete("resp_1") is (store == "memory")
        assert list(tmp_path.iterdir()) == []


async def test_a_store_without_a_place_is_in_memory() -> None:
    async with opened(None) as stored:
        stored.keep(entry(1))
        assert await stored.find("resp_1")
        assert await stored.delete("resp_1")
        assert await stored.find("resp_1") is None


async def test_memory_is_bounded_and_the_disk_has_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MEMORY", 20_000)
    async with opened(tmp_path / "r.sqlite3") as stored:
        for number in range(50):
            stored.keep(entry(number, f"resp_{number - 1}" if number else "", 1000))
        assert len(stored._latest) <= 16
        chain = await stored.chain("resp_49")
        assert [each.id for each in chain] == [f"resp_{number}" for number in range(50)]
        assert await stored.find("resp_0")
    async with opened(None) as small:
        small.keep(entry(1, size=50_000))
        assert await small.find("resp_1"), "the latest stays, however large"
        for number in range(30):
            small.keep(entry(number, size=1000))
        assert await small.find("resp_29")
        assert small._bytes == sum(each.size for each in small._latest.values()) <= 20_000


async def test_the_same_id_twice_counts_once() -> None:
    async with opened(None) as stored:
        stored.keep(entry(1, size=10))
        stored.keep(entry(1, size=500))
        assert stored._bytes == entry(1, size=500).size


async def test_what_is_deleted_is_deleted_everywhere(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite3"
    async with opened(path) as stored:
        stored.keep(entry(1))
        stored.keep(entry(2, "resp_1"))
        assert await stored.delete("resp_1")
        assert not await stored.delete("resp_1")
        (left,) = await stored.chain("resp_2")
        assert left.previous == "resp_1", "which is not kept any more"
    async with opened(path, store="memory") as stored:
        assert await stored.delete("resp_2"), "also what was written before the settings changed"
    async with opened(path) as stored:
        assert await stored.find("resp_2") is None


async def test_who_keeps_what_is_remembered_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_NOTED", 3)
    async with opened(None) as stored:
        for number in range(5):
            stored.note(f"resp_{number}", "lab")
        assert [stored.provider_of(f"resp_{number}") for number in range(5)] == ["", "", "lab", "lab", "lab"]
