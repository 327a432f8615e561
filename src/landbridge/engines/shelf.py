"""Moving models' files into the library's folder and out of it: at once or not at all.

put     pieces are gathered aside and come in as one folder
clear   what goes is first moved aside, so that a removal which is killed leaves no half model
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import ConfigFault, ModelUnusable


def put(files: tuple[Path, ...], target: Path, aside: Path) -> None:
    """Move a model's files to `target`: a file, or a folder with all of them. `aside` is a folder for the way there."""
    if target.suffix == ".gguf":
        _secure(files[0])
        files[0].replace(target)
        return
    whole = aside / "whole"
    shutil.rmtree(whole, ignore_errors=True)
    whole.mkdir(mode=0o700)
    for file in files:
        _secure(file)
        file.replace(whole / file.name)
    whole.replace(target)


def clear(paths: tuple[Path, ...], aside: Path) -> int:
    """Remove files and folders, by way of the folder `aside`; gives the bytes that became free."""
    freed = 0
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            freed += size_of(path)
            aside.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.rmtree(aside / "old", ignore_errors=True)
            path.replace(aside / "old")
            shutil.rmtree(aside / "old", ignore_errors=True)
        elif path.exists() or path.is_symlink():
            freed += path.lstat().st_size
            path.unlink(missing_ok=True)
    return freed


def entries(folder: Path) -> list[os.DirEntry[str]]:
    """What is in a folder; nothing if there is none. Raises `ConfigFault` for one that cannot be read."""
    try:
        with os.scandir(folder) as found:
            return list(found)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ConfigFault(
            f"The model folder {folder} cannot be read ({error.strerror}).", remedy="Check --data-dir and its rights."
        ) from error


def stems(folder: Path) -> tuple[set[str], set[str]]:
    """The names of the model files in the folder, and of the manifests without one. Raises `ConfigFault`."""
    found: dict[str, set[str]] = {"gguf": set(), "json": set()}
    for entry in entries(folder):
        stem, _, ending = entry.name.rpartition(".")
        if stem and not stem.startswith(".") and ending in found:
            found[ending].add(stem)
    return found["gguf"], found["json"] - found["gguf"]


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Say what is wrong with a folder that cannot be written."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ModelUnusable(
                f"The disk is full ({folder}).", remedy="Make room, then run the command again."
            ) from error
        raise ConfigFault(
            f"The model folder {folder} cannot be written ({error.strerror or error}).",
            remedy="Check its rights, or use another folder with --data-dir.",
        ) from error


def _secure(path: Path) -> None:
    """A file only we can read, on the disk when this returns."""
    path.chmod(0o600)
    with path.open("rb") as file:
        os.fsync(file.fileno())
