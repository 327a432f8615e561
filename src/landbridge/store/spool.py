"""Records that the database has not taken within a moment are also put into a file: a kill does not reach them there.

The file is only written while the ledger is behind: it is being opened, it is gone, it does not answer. The next run
writes what it finds there. Runs in the router's loop, with what came in a quarter of a second at a time.
"""

from __future__ import annotations

import errno
import logging
import os
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from .record import Record

log = logging.getLogger("landbridge.store")

MOST = 64 * 1024 * 1024
"""Bytes of the file; what comes then is in memory only."""
_LENGTH = 4

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Record).decode


class _Batch(Struct):
    records: Sequence[Record]
    at: float
    saved: bool = False


class Spool:
    """The file at `path`, which is made when it is needed. Without a path nothing is saved."""

    def __init__(self, path: Path | None = None, most: int = MOST) -> None:
        self._path, self._most = path, most
        self._pending: deque[_Batch] = deque()
        self._done = 0
        """Records that left `_pending`."""
        self._file: int | None = None
        self._size = 0
        self._broken = False
        """Whether it could not be written; it is tried again once nothing waits any more."""

    def __bool__(self) -> bool:
        """Whether there are records that the database has not taken."""
        return bool(self._pending)

    def put(self, records: Sequence[Record], now: float) -> None:
        """They were handed to the ledger."""
        self._pending.append(_Batch(records, now))

    def settle(self, done: int) -> None:
        """The ledger is through with so many in all, the oldest."""
        while self._pending and self._done + len(self._pending[0].records) <= done:
            self._done += len(self._pending.popleft().records)
        if not self._pending and self._size:
            if self._file is not None:
                os.ftruncate(self._file, 0)
                os.lseek(self._file, 0, os.SEEK_SET)
            self._size, self._broken = 0, False

    def age(self, now: float) -> float:
        """Seconds that the oldest one has waited."""
        return now - self._pending[0].at if self._pending else 0.0

    def save(self) -> None:
        """Put what is not in the file into it."""
        if self._path is None or self._broken:
            return
        data = bytearray()
        for batch in self._pending:
            if not batch.saved:
                batch.saved = True
                for record in batch.records:
                    value = _encode(record if record.bodies is None else replace(record, bodies=None))
                    data += len(value).to_bytes(_LENGTH, "big") + value
        if not data or self._size + len(data) > self._most:
            return
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
            self._size += len(data)
            if os.write(self._file, data) < len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            log.warning("%s cannot be written (%s): a kill would lose what waits", self._path, error.strerror)
            self._size, self._broken = max(self._size, 1), True

    def close(self) -> None:
        """Nothing more comes. The file stays until its run is forgotten."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def read(path: Path) -> list[Record]:
    """What a run has left at `path`, as far as it can be read."""
    try:
        data = path.read_bytes()
    except OSError:
        return []
    found: list[Record] = []
    at = 0
    while at + _LENGTH <= len(data):
        end = at + _LENGTH + int.from_bytes(data[at : at + _LENGTH], "big")
        try:
            found.append(_decode(data[at + _LENGTH : end]))
        except msgspec.MsgspecError:  # it was cut off, or is of another version
            break
        at = end
    return found
