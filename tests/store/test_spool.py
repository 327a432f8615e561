"""Records that wait are in a file, too, for as long as they wait; what a kill leaves of it can be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from landbridge.neutral.events import Usage
from landbridge.store.bodies import Said
from landbridge.store.record import Record
from landbridge.store.spool import Spool, read

pytestmark = pytest.mark.io


def records(*ids: str) -> list[Record]:
    usage = Usage(input=3, output=None, estimated=True)
    return [
        Record(id=id, dialect="a", model="모델", usage=usage, losses=("x",), repairs={"y": 2}, at=1.5) for id in ids
    ]


def test_what_is_saved_can_be_read(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s")
    first, second = records("1", "2"), records("3")
    second[0].bodies = Said("a", b"large", 10)
    spool.put(first, 0.0)
    spool.save()
    spool.put(second, 0.0)
    spool.save()
    spool.save()
    spool.close()
    assert read(tmp_path / "s") == first + records("3")
    assert second[0].bodies is not None, "it still waits with them"
    assert (tmp_path / "s").stat().st_mode & 0o777 == 0o600


def test_nothing_is_written_unless_it_must_be(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s")
    spool.put(records("1"), 0.0)
    spool.settle(1)
    spool.save()
    assert not spool
    assert not (tmp_path / "s").exists()


def test_it_is_emptied_once_all_is_done(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s")
    spool.put(records("1", "2"), 1.0)
    spool.put(records("3"), 2.0)
    spool.save()
    spool.settle(1)
    assert spool.age(5.0) == 4.0, "a batch is done when all of it is"
    spool.settle(2)
    assert (spool.age(5.0), len(read(tmp_path / "s"))) == (3.0, 3)
    spool.settle(3)
    assert (bool(spool), spool.age(5.0), read(tmp_path / "s")) == (False, 0.0, [])
    spool.put(records("4"), 3.0)
    spool.save()
    assert [each.id for each in read(tmp_path / "s")] == ["4"]
    spool.close()


def test_it_is_bounded(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s", most=300)
    for number in range(9):
        spool.put(records(str(number)), 0.0)
        spool.save()
    spool.close()
    assert 0 < (tmp_path / "s").stat().st_size <= 300
    assert read(tmp_path / "s")


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_an_end_that_is_missing_costs_one_record(tmp_path: Path, cut: int) -> None:
    spool = Spool(tmp_path / "s")
    spool.put(records("1", "2"), 0.0)
    spool.save()
    spool.close()
    data = (tmp_path / "s").read_bytes()
    (tmp_path / "s").write_bytes(data[:-cut])
    assert [each.id for each in read(tmp_path / "s")] == ["1"]


def test_a_place_that_cannot_be_written_is_said_once_and_tried_again_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spool = Spool(tmp_path / "folder" / "s")
    for number in range(3):
        spool.put(records(str(number)), 0.0)
        spool.save()
    assert caplog.text.count("a kill would lose what waits") == 1
    assert read(tmp_path / "folder" / "s") == []
    (tmp_path / "folder").mkdir()
    spool.settle(3)
    spool.put(records("3"), 0.0)
    spool.save()
    spool.close()
    assert [each.id for each in read(tmp_path / "folder" / "s")] == ["3"]


def test_a_disk_that_gets_full_leaves_what_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool, write = Spool(tmp_path / "s"), os.write
    spool.put(records("1", "2"), 0.0)
    spool.save()
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[: len(data) - 3]))
    spool.put(records("3"), 0.0)
    spool.save()
    monkeypatch.undo()
    spool.put(records("4"), 0.0)
    spool.save()
    spool.close()
    assert [each.id for each in read(tmp_path / "s")] == ["1", "2"]


def test_without_a_place_nothing_is_saved() -> None:
    spool = Spool()
    spool.put(records("1"), 0.0)
    spool.save()
    assert spool
