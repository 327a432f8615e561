"""Files come in and go at once or not at all, and a folder that cannot be written says why."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from landbridge.engines.shelf import clear, entries, put, size_of, stems, writing
from landbridge.errors import ConfigFault, GatewayError, ModelUnusable

pytestmark = pytest.mark.io


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def aside(tmp_path: Path) -> Path:
    folder = tmp_path / "aside"
    folder.mkdir()
    return folder


def test_one_file(tmp_path: Path, aside: Path) -> None:
    (aside / "come.gguf").write_bytes(b"new")
    (tmp_path / "m.gguf").write_bytes(b"old")
    put((aside / "come.gguf",), tmp_path / "m.gguf", aside)
    assert files(tmp_path) == {"m.gguf": b"new"}
    assert (tmp_path / "m.gguf").stat().st_mode & 0o777 == 0o600


def test_several_files(tmp_path: Path, aside: Path) -> None:
    (aside / "whole").mkdir()
    (aside / "whole" / "left by a kill").write_bytes(b"x")
    (aside / "a.gguf").write_bytes(b"a")
    (aside / "b.gguf").write_bytes(b"b")
    put((aside / "a.gguf", aside / "b.gguf"), tmp_path / "m", aside)
    assert files(tmp_path) == {"m/a.gguf": b"a", "m/b.gguf": b"b"}
    assert (tmp_path / "m").stat().st_mode & 0o777 == 0o700


def test_nothing_of_somebodys_own_is_overwritten(tmp_path: Path, aside: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "mine").write_bytes(b"mine")
    (aside / "a.gguf").write_bytes(b"a")
    with pytest.raises(ConfigFault, match="not empty"), writing(tmp_path):
        put((aside / "a.gguf",), tmp_path / "m", aside)
    assert files(tmp_path / "m") == {"mine": b"mine"}


def test_clearing(tmp_path: Path, aside: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "a").write_bytes(b"123")
    (tmp_path / "m.gguf").write_bytes(b"4567")
    (aside / "old").mkdir()
    (aside / "old" / "left by a kill").write_bytes(b"x")
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "kept").write_bytes(b"kept")
    (tmp_path / "link").symlink_to(tmp_path / "far")
    assert clear((tmp_path / "m", tmp_path / "m.gguf", tmp_path / "none"), aside) == 7
    clear((tmp_path / "link",), aside)
    assert files(tmp_path) == {"far/kept": b"kept"}
    assert not (tmp_path / "link").is_symlink()


def test_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "a").write_bytes(b"123")
    assert [entry.name for entry in entries(tmp_path)] == ["m"]
    assert size_of(tmp_path) == 3
    assert entries(tmp_path / "none") == []
    with pytest.raises(ConfigFault, match="cannot be read"):
        entries(tmp_path / "m" / "a")


@pytest.mark.parametrize(
    ("number", "kind", "said"),
    [
        (errno.ENOSPC, ModelUnusable, "The disk is full (/models). Make room"),
        (errno.EDQUOT, ModelUnusable, "The disk is full (/models). Make room"),
        (errno.EROFS, ConfigFault, "The model folder /models cannot be written (Read-only file system)."),
        (errno.EACCES, ConfigFault, "cannot be written (Permission denied). Check its rights, or use another folder"),
    ],
)
def test_a_folder_that_cannot_be_written(number: int, kind: type[GatewayError], said: str) -> None:
    with pytest.raises(kind) as caught, writing(Path("/models")):
        raise OSError(number, {errno.EROFS: "Read-only file system", errno.EACCES: "Permission denied"}.get(number, ""))
    assert said in caught.value.text


def test_names_of_models(tmp_path: Path) -> None:
    for name in ("a.gguf", "a.json", "b.c.json", "b.gguf.part", ".gguf", ".json", ".hid.gguf", "d", "e.GGUF"):
        (tmp_path / name).write_bytes(b"")
    assert stems(tmp_path) == ({"a"}, {"b.c"})
    assert stems(tmp_path / "none") == (set(), set())
