"""A folder for the files of one session, gone with it: also after a crash, when the next session starts.

Who uses a folder holds a lock on it, the launcher and by inheritance the client. The system lets go of the lock when
both have ended, however they ended, and a folder without one is swept away.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct


class Scratch(Struct, frozen=True):
    """The folder of one session."""

    folder: Path
    lock: int
    """File descriptor the client is to inherit."""


@contextmanager
def scratch(home: Path) -> Generator[Scratch]:
    """A new folder below `home` until the block ends."""
    home.mkdir(parents=True, exist_ok=True)
    with _held(home):  # nobody sweeps between making a folder and locking it
        _sweep(home)
        folder = Path(tempfile.mkdtemp(dir=home))
        lock = os.open(folder, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield Scratch(folder, lock)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


@contextmanager
def _held(folder: Path) -> Generator[None]:
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _sweep(home: Path) -> None:
    for folder in home.iterdir():
        if folder.is_dir() and _free(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _free(folder: Path) -> bool:
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
