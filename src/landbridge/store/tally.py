"""How many records a run of the router made, in memory that outlives the process: what a kill has lost can be counted.

A file of a few bytes is mapped into memory. Counting is a store into that memory, no call of the system; the system
writes it back whenever it likes, and keeps it when the process is killed.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import secrets
import struct
import time
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

_FORM = struct.Struct("=QQdQ8s")
"""Records, records that nobody wanted kept, when it started, the process, which ledger."""


class Count(Struct, frozen=True):
    """What a tally says."""

    run: str
    records: int
    unwanted: int
    """Records made while the ledger was switched off."""
    started: float
    pid: int
    ledger: bytes


class Tally:
    """The count of a run that begins now, for the ledger of that name. In plain memory until it is kept in a folder."""

    def __init__(self, ledger: str) -> None:
        self.run = f"run_{secrets.token_hex(8)}"
        self.started = time.time()
        self.counts = memoryview(bytearray(16)).cast("Q")
        """Two numbers: records, and those of them that nobody wanted kept."""
        self._ledger = digest(ledger)
        self._folder: Path | None = None

    def keep(self, folder: Path) -> None:
        """Count in a file of `folder` from now on. Raises `OSError`."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = os.open(folder / self.run, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            os.write(number, _FORM.pack(*self.counts, self.started, os.getpid(), self._ledger))
            self.counts = memoryview(mmap.mmap(number, _FORM.size))[:16].cast("Q")
        finally:
            os.close(number)
        self._folder = folder

    def others(self) -> list[Count]:
        """What runs before this one have left: they were killed, or could not write all they had."""
        if self._folder is None:
            return []
        files = (path for path in sorted(self._folder.glob("run_*")) if path.name != self.run and not path.suffix)
        found = map(read, files)
        return [count for count in found if count is not None and count.ledger == self._ledger]

    def spool(self, run: str) -> Path | None:
        """Where that run puts records that wait."""
        return None if self._folder is None else self._folder / f"{run}.spool"

    def forget(self, run: str) -> None:
        """What that run has lost is known."""
        if self._folder is not None:
            for name in (f"{run}.spool", run):
                with suppress(OSError):
                    (self._folder / name).unlink()


def read(path: Path) -> Count | None:
    """What the tally at `path` says; None for what is none."""
    try:
        records, unwanted, started, pid, ledger = _FORM.unpack(path.read_bytes())
    except (OSError, struct.error):
        return None
    return Count(path.name, records, unwanted, started, pid, ledger)


def digest(ledger: str) -> bytes:
    """Which ledger it is, in eight bytes."""
    return hashlib.sha256(ledger.encode()).digest()[:8]
