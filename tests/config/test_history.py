"""Versions of the settings file: each change is kept, can be had back, and is readable by its owner alone."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from landbridge.config import history
from landbridge.config.history import BY_HAND, FOLDER, FOUND, History
from landbridge.errors import ConfigFault

pytestmark = pytest.mark.io


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "landbridge.toml"


@pytest.fixture
def kept(tmp_path: Path, file: Path) -> History:
    return History(tmp_path / "data", file, lambda: 1000.0)


def told(kept: History) -> list[tuple[int, str, str]]:
    return [(each.number, each.how, kept.text(each)) for each in kept.versions()]


def test_a_change_is_written_and_kept(kept: History, file: Path) -> None:
    version = kept.change("", "a = 1\n", "config set a")
    assert version is not None and (version.number, version.time, version.how) == (1, 1000.0, "config set a")
    assert version.who and version.file == str(file)
    assert file.read_text() == "a = 1\n"
    assert kept.version(1) == version and kept.text(version) == "a = 1\n"


def test_what_stood_there_before_the_first_change_is_kept_too(kept: History, file: Path) -> None:
    file.write_bytes(b"a = 1\r\n")
    kept.change(kept.text_now(), "a = 2\n", "config set a")
    assert told(kept) == [(1, FOUND, "a = 1\r\n"), (2, "config set a", "a = 2\n")]


def test_what_was_changed_by_hand_unseen_is_kept_before_the_next_change(kept: History, file: Path) -> None:
    kept.change("", "a = 1\n", "one")
    file.write_text("a = 2\n")
    kept.change("a = 2\n", "a = 3\n", "two")
    assert [how for _, how, _ in told(kept)] == ["one", FOUND, "two"]


def test_a_broken_state_is_no_version(kept: History, file: Path) -> None:
    file.write_text("a = \n")
    kept.change("a = \n", "a = 1\n", "mended", good=False)
    assert told(kept) == [(1, "mended", "a = 1\n")]


def test_a_change_on_what_is_no_more_is_refused(kept: History, file: Path) -> None:
    file.write_text("a = 2\n")
    with pytest.raises(ConfigFault, match="changed meanwhile"):
        kept.change("a = 1\n", "a = 3\n", "config set a", good=False)
    assert file.read_text() == "a = 2\n" and kept.versions() == []


def test_changes_by_hand_are_noted_once(kept: History, file: Path) -> None:
    file.write_text("a = 1\n")
    first = kept.note("a = 1\n")
    assert first is not None and (first.how, first.time) == (FOUND, file.stat().st_mtime)
    assert kept.note("a = 1\n") is None
    file.write_text("a = 2\n")
    second = kept.note("a = 2\n")
    assert second is not None and (second.number, second.how) == (2, BY_HAND)
    assert kept.note("a = 1\n") is None, "that is not what the file says"
    kept.change("a = 2\n", "a = 3\n", "config set a")
    assert kept.note("a = 3\n") is None, "a command's change is none by hand"
    assert len(kept.versions()) == 3


def test_only_the_last_ones_are_kept_and_no_number_comes_twice(
    kept: History, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "KEPT", 3)
    before = ""
    for number in range(1, 6):
        after = f"a = {number % 4}\n"  # the first content comes back as the fifth
        kept.change(before, after, f"change {number}")
        before = after
    assert [(number, text) for number, _, text in told(kept)] == [(3, "a = 3\n"), (4, "a = 0\n"), (5, "a = 1\n")]
    copies = {each.name for each in (tmp_path / "data" / FOLDER).glob("*.toml")}
    assert copies == {f"{each.content}.toml" for each in kept.versions()}


def test_all_of_it_is_readable_by_its_owner_alone(kept: History, tmp_path: Path) -> None:
    kept.change("", "a = 1\n", "config set a")
    folder = tmp_path / "data" / FOLDER
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == {0o600}
    assert len(list(folder.iterdir())) == 3


def test_files_do_not_mix(kept: History, tmp_path: Path) -> None:
    kept.change("", "a = 1\n", "one")
    other = History(tmp_path / "data", tmp_path / "other.toml")
    other.change("", "b = 1\n", "two")
    assert [each.number for each in kept.versions()] == [1]
    assert [each.number for each in other.versions()] == [2]
    with pytest.raises(ConfigFault, match="no version 1") as caught:
        other.version(1)
    assert caught.value.remedy.startswith("There are 2 to 2")


def test_a_copy_that_is_gone_or_was_changed_is_said(kept: History, tmp_path: Path) -> None:
    version = kept.change("", "a = 1\n", "one")
    assert version is not None
    copy = tmp_path / "data" / FOLDER / f"{version.content}.toml"
    copy.write_text("a = 2\n")
    with pytest.raises(ConfigFault, match="gone or damaged"):
        kept.text(version)
    copy.unlink()
    with pytest.raises(ConfigFault, match="gone or damaged"):
        kept.text(version)


def test_without_a_place_for_versions_the_settings_can_be_changed_all_the_same(tmp_path: Path, file: Path) -> None:
    (tmp_path / "data").write_text("no folder")
    kept = History(tmp_path / "data", file)
    assert kept.change("", "a = 1\n", "config set a") is None
    assert file.read_text() == "a = 1\n" and kept.versions() == []
    with pytest.raises(OSError, match="data"):
        kept.note("a = 1\n")


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("no folder")
    kept = History(tmp_path / "data", tmp_path / "blocked" / "landbridge.toml")
    with pytest.raises(ConfigFault, match="cannot be written"):
        kept.change("", "a = 1\n", "config set a")
    assert kept.versions() == []


def test_somebody_else_who_stays_is_said(kept: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "LOCK_SECONDS", 0.05)
    with kept._locked(), pytest.raises(ConfigFault, match="Somebody else"):
        kept.change("", "a = 1\n", "config set a")


def test_changes_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    def change(number: int) -> None:
        each = History(tmp_path / "data", tmp_path / f"{number}.toml")
        for step in range(5):
            each.change(each.text_now(), f"a = {number}{step}\n", "change")

    threads = [threading.Thread(target=change, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = [
        version.number
        for number in range(3)
        for version in History(tmp_path / "data", tmp_path / f"{number}.toml").versions()
    ]
    assert sorted(numbers) == list(range(1, 16))


def test_a_damaged_list_begins_anew(kept: History, tmp_path: Path) -> None:
    kept.change("", "a = 1\n", "one")
    (tmp_path / "data" / FOLDER / "versions.json").write_text("{")
    assert kept.versions() == []
    kept.change("a = 1\n", "a = 2\n", "two")
    assert [how for _, how, _ in told(kept)] == [FOUND, "two"]
