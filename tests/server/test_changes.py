"""A file's changes are noticed, however they are made."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import watchfiles

from landbridge.server import changes
from landbridge.server.changes import Changes, signature

pytestmark = [pytest.mark.anyio, pytest.mark.io]


class Bell:
    """Counts how often it was rung."""

    def __init__(self) -> None:
        self.rung = 0
        self._heard = asyncio.Event()

    async def ring(self) -> None:
        self.rung += 1
        self._heard.set()

    async def heard(self, seconds: float = 5.0) -> None:
        async with asyncio.timeout(seconds):
            await self._heard.wait()
        self._heard.clear()


@asynccontextmanager
async def watched(path: Path) -> AsyncIterator[Bell]:
    bell = Bell()
    task = asyncio.ensure_future(Changes(path).run(bell.ring))
    await asyncio.sleep(0.3)  # until the system listens; what changes before is looked for
    try:
        yield bell
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_writing_replacing_removing_and_making(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("one")
    async with watched(path) as bell:
        path.write_text("two!")
        await bell.heard()
        (tmp_path / "new").write_text("three")
        (tmp_path / "new").replace(path)
        await bell.heard()
        path.unlink()
        await bell.heard()
        path.write_text("four")
        await bell.heard()


async def test_other_files_beside_it_are_nothing(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("one")
    async with watched(path) as bell:
        (tmp_path / "log").write_text("x")
        (tmp_path / "settings.toml.bak").write_text("x")
        path.read_text()
        await asyncio.sleep(0.6)
        assert bell.rung == 0


async def test_others_elsewhere_are_looked_at_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "LOOK_EVERY", 0.1)
    path, other = tmp_path / "config" / "settings.toml", tmp_path / "data" / "probes.json"
    bell = Bell()
    task = asyncio.ensure_future(Changes(path, other).run(bell.ring))
    try:
        await asyncio.sleep(0.3)
        assert bell.rung == 0
        other.parent.mkdir()
        other.write_text("one")
        await bell.heard()
        other.write_text("two!")
        await bell.heard()
        path.write_text("three")
        await bell.heard()
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_a_folder_that_is_not_there_yet_is_made(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "folder" / "settings.toml"
    async with watched(path) as bell:
        path.write_text("one")
        await bell.heard()


async def test_what_a_link_leads_to_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "LOOK_EVERY", 0.1)
    (tmp_path / "home").mkdir()
    (tmp_path / "dotfiles").mkdir()
    true = tmp_path / "dotfiles" / "settings.toml"
    true.write_text("one")
    path = tmp_path / "home" / "settings.toml"
    path.symlink_to(true)
    async with watched(path) as bell:
        true.write_text("two!")
        await bell.heard()


async def test_a_change_before_watching_begins_is_not_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "LOOK_EVERY", 0.1)
    path = tmp_path / "settings.toml"
    path.write_text("one")
    bell, watch = Bell(), Changes(path)
    path.write_text("two!")
    task = asyncio.ensure_future(watch.run(bell.ring))
    await bell.heard()
    task.cancel()
    await asyncio.wait([task])


async def test_where_the_system_tells_nothing_it_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no more watches")

    monkeypatch.setattr(watchfiles, "awatch", refuse)
    monkeypatch.setattr(changes, "LOOK_EVERY", 0.05)
    path = tmp_path / "settings.toml"
    with caplog.at_level(logging.WARNING):
        async with watched(path) as bell:
            path.write_text("one")
            await bell.heard()
    assert "no more watches" in caplog.text


def test_a_signature_tells_states_apart(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert signature(path) is None
    path.write_text("a")
    first = signature(path)
    assert first is not None and signature(path) == first
    path.write_text("ab")
    assert signature(path) != first
