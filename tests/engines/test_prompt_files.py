"""Saved prompts on the disk: whole or not there, readable by their owner alone, gone when they are damaged."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from landbridge.engines import prompt_files
from landbridge.engines.chain import Chain
from landbridge.engines.prompt_cache import Saved
from landbridge.engines.prompt_files import PromptFiles

pytestmark = [pytest.mark.io, pytest.mark.anyio]

LIMIT = 10_000


def saved(name: str, mark: bytes = b"a", used: float = 1.0) -> Saved:
    return Saved(name=name, engine="e", model="m", chain=Chain((mark,), (500,)), tokens=5, bytes=0, crc=0, used=used)


@pytest.fixture
def files(tmp_path: Path) -> PromptFiles:
    files = PromptFiles(tmp_path / "prompts", lambda: LIMIT)
    assert files.open()
    return files


async def keep(files: PromptFiles, name: str, content: bytes = b"state" * 100, mark: bytes = b"a") -> Saved | None:
    part = files.new_part()
    (files.folder / part).write_bytes(content)
    return await files.keep(part, len(content), saved(name, mark), cuts=True)


def there(files: PromptFiles) -> list[str]:
    return sorted(path.name for path in files.folder.iterdir())


def again(files: PromptFiles) -> PromptFiles:
    """After a restart."""
    other = PromptFiles(files.folder, lambda: LIMIT)
    assert other.open()
    return other


async def test_what_is_kept_is_there_after_a_restart_and_readable_by_its_owner_alone(files: PromptFiles) -> None:
    kept = await keep(files, "one")
    assert kept is not None
    assert (kept.bytes, there(files)) == (500, ["one.json", "one.kv"])
    assert files.folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in files.folder.iterdir()} == {0o600}
    other = again(files)
    assert other.prompts.get("one") == kept
    assert await other.sound(kept)


async def test_one_that_is_not_whole_is_not_kept(files: PromptFiles) -> None:
    part = files.new_part()
    (files.folder / part).write_bytes(b"half")
    assert await files.keep(part, 8, saved("one"), cuts=True) is None
    assert await files.keep("missing.part", 8, saved("two"), cuts=True) is None
    assert there(files) == []


@pytest.mark.parametrize("damage", ["flipped", "cut", "gone"])
async def test_a_damaged_one_is_removed(files: PromptFiles, damage: str) -> None:
    kept = await keep(files, "one")
    assert kept is not None
    path = files.folder / "one.kv"
    if damage == "flipped":
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-1])
    else:
        path.unlink()
    other = again(files)
    if damage == "flipped":
        assert not await other.sound(kept), "its length is right, its checksum is not"
    assert "one" not in other.prompts
    assert there(other) == []


async def test_one_that_vanishes_while_we_run_is_noticed(files: PromptFiles) -> None:
    kept = await keep(files, "one")
    assert kept is not None
    (files.folder / "one.kv").unlink()
    assert not await files.sound(kept)
    assert there(files) == []


async def test_what_belongs_to_nothing_is_removed_but_for_what_is_being_written(files: PromptFiles) -> None:
    for name in ("a.kv", "b.part", "c.part", "d.json", "e.new"):
        (files.folder / name).write_bytes(b"{}")
    old = time.time() - 2 * prompt_files.STALE
    os.utime(files.folder / "b.part", (old, old))
    os.utime(files.folder / "e.new", (old, old))
    assert again(files).prompts.bytes == 0
    assert there(files) == ["c.part"]


async def test_what_is_too_much_goes_with_its_files(files: PromptFiles) -> None:
    await keep(files, "one", b"x" * 6000, b"a")
    await keep(files, "two", b"x" * 6000, b"b")
    assert there(files) == ["two.json", "two.kv"]
    assert await keep(files, "three", b"x" * 20_000, b"c") is None, "larger than all together may be"
    assert not [name for name in there(files) if name.startswith("three")]


async def test_files_are_moved_and_removed_beside_the_event_loop(
    files: PromptFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[tuple[str, threading.Thread]] = []
    rename, unlink = Path.rename, Path.unlink

    def seen_rename(path: Path, target: Path) -> Path:
        threads.append(("rename", threading.current_thread()))
        return rename(path, target)

    def seen_unlink(path: Path, missing_ok: bool = False) -> None:
        threads.append(("unlink", threading.current_thread()))
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "rename", seen_rename)
    monkeypatch.setattr(Path, "unlink", seen_unlink)
    await keep(files, "one", b"x" * 6000)
    two = await keep(files, "two", b"x" * 6000, b"b")
    assert two is not None
    files.touch(two)
    await files.flush()
    await files.remove(two)
    assert there(files) == []
    assert [what for what, _ in threads].count("rename") == 5
    assert threading.current_thread() not in [thread for _, thread in threads]


async def test_a_smaller_limit_takes_effect_at_the_next_start(files: PromptFiles) -> None:
    await keep(files, "one")
    smaller = PromptFiles(files.folder, lambda: 499)
    assert smaller.open()
    assert there(smaller) == []


async def test_how_often_it_was_used_is_written_down_later(files: PromptFiles) -> None:
    kept = await keep(files, "one")
    assert kept is not None
    files.touch(kept)
    assert again(files).prompts.get("one") == kept
    await files.flush()
    used = again(files).prompts.get("one")
    assert used is not None
    assert (used.uses, used.used > kept.used) == (1, True)
    await files.remove(kept)
    files.touch(kept)
    await files.flush()
    assert there(files) == []


def test_nothing_is_kept_with_a_limit_of_nothing(tmp_path: Path) -> None:
    assert not PromptFiles(tmp_path / "prompts", lambda: 0).open()
    assert not (tmp_path / "prompts").exists()


def test_a_folder_that_cannot_be_is_no_reason_to_fail(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not PromptFiles(tmp_path / "file" / "prompts", lambda: LIMIT).open()


async def test_a_nearly_full_disk_takes_no_more(files: PromptFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    assert files.room_for(LIMIT)
    assert not files.room_for(LIMIT + 1)
    monkeypatch.setattr(prompt_files, "RESERVE", 2**60)
    assert not files.room_for(1)
    monkeypatch.undo()
    files.folder.rmdir()
    assert not files.room_for(1)


async def test_what_cannot_be_noted_is_not_missed(files: PromptFiles) -> None:
    (files.folder / "one.new").mkdir()
    assert await keep(files, "one") is not None
    assert (files.folder / "one.kv").exists()
