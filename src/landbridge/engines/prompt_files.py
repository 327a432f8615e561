"""The files of saved prompts: below the data folder, readable by their owner alone, never half-written.

An engine writes `NAME.part`; only when all of it is there it becomes `NAME.kv`, with `NAME.json` saying what it is.
What is damaged, cut or belongs to nothing is removed when it is met. Files are large: what is read, written or removed
of them is so in a thread.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import shutil
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from .prompt_cache import Prompts, Saved

log = logging.getLogger("landbridge.engines")

RESERVE = 1024**3
"""Bytes of the disk that stay free."""
PIECE = 4 * 1024**2
STALE = 3600.0
"""Seconds after which an unfinished file is nobody's any more."""


class PromptFiles:
    """All saved prompts of all engines. `limit` are the bytes they may take; 0 keeps none."""

    def __init__(self, folder: Path, limit: Callable[[], int]) -> None:
        self.folder, self.limit = folder, limit
        self.prompts = Prompts()
        self._opened = False
        self._sound: set[str] = set()
        """Whose checksum was right, or that were written just now."""
        self._touched: set[str] = set()

    def open(self) -> bool:
        """Make ready; what is there already is known from now on. False where nothing is to be kept. The first time it
        reads the folder.
        """
        if self.limit() <= 0:
            return False
        if not self._opened:
            self._opened = True
            try:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self.prompts = Prompts(self._read())
                self._unlink(self.prompts.shrink(self.limit()))
            except OSError as error:
                log.warning("prompts cannot be kept in %s: %s", self.folder, error.strerror)
                return False
        return self.folder.is_dir()

    def room_for(self, size: int) -> bool:
        """Whether a file of about `size` bytes may be written."""
        try:
            return size <= self.limit() and shutil.disk_usage(self.folder).free - size > RESERVE
        except OSError:
            return False

    def new_part(self) -> str:
        """The name of a file for an engine to write."""
        return secrets.token_hex(12) + ".part"

    async def keep(self, part: str, written: int, saved: Saved, *, cuts: bool) -> Saved | None:
        """What an engine has written as `part` is `saved` from now on. None if it is not whole."""
        try:
            crc = await asyncio.to_thread(self._finish, part, written, saved)
        except OSError as error:
            log.warning("a prompt of %s was not kept: %s", saved.model, error)
            self.discard(part)
            return None
        kept = msgspec.structs.replace(saved, crc=crc, bytes=written)
        self._sound.add(kept.name)
        await self._remove(self.prompts.add(kept, self.limit(), cuts=cuts))
        await self._note([kept.name])
        return self.prompts.get(kept.name)

    async def sound(self, saved: Saved) -> bool:
        """Whether its file is as it was written; one that is not is removed."""
        if saved.name in self._sound and self._path(saved.name).exists():
            return True
        try:
            whole = await asyncio.to_thread(_crc, self._path(saved.name)) == saved.crc
        except OSError:
            whole = False
        if not whole:
            log.warning("a saved prompt of %s is damaged and was removed", saved.model)
            await self.remove(saved)
            return False
        self._sound.add(saved.name)
        return True

    def touch(self, saved: Saved) -> None:
        """It was brought in."""
        if saved.name in self.prompts:
            self.prompts.touch(saved.name, time.time())
            self._touched.add(saved.name)

    async def flush(self) -> None:
        """Write down what was brought in since the last time."""
        touched, self._touched = self._touched, set()
        await self._note(touched)

    async def remove(self, saved: Saved) -> None:
        """It is of no use."""
        self.prompts.drop(saved.name)
        await self._remove([saved])

    def discard(self, part: str) -> None:
        """Nobody will finish it."""
        with suppress(OSError):
            (self.folder / part).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.kv"

    def _finish(self, part: str, written: int, saved: Saved) -> int:
        path = self.folder / part
        path.chmod(0o600)
        if path.stat().st_size != written or written == 0:
            raise OSError(f"{path.stat().st_size} bytes of {written} were written")
        crc = _crc(path)
        path.rename(self._path(saved.name))
        return crc

    async def _note(self, names: Iterable[str]) -> None:
        """Write beside the files what they are."""
        known = [saved for saved in map(self.prompts.get, names) if saved is not None]
        if known:
            await asyncio.to_thread(self._write, known)

    def _write(self, known: list[Saved]) -> None:
        for saved in known:
            fresh = self.folder / f"{saved.name}.new"
            try:
                descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                with os.fdopen(descriptor, "wb") as file:
                    file.write(msgspec.json.encode(saved))
                fresh.rename(fresh.with_suffix(".json"))
            except OSError as error:
                log.warning("a saved prompt of %s could not be noted: %s", saved.model, error.strerror)
                with suppress(OSError):
                    fresh.unlink(missing_ok=True)

    def _read(self) -> Iterator[Saved]:
        """What is there, and away with what belongs to nothing."""
        known: set[str] = set()
        for note in [*self.folder.glob("*.json")]:
            saved = _saved(note)
            path = self._path(note.stem)
            if saved is not None and path.is_file() and path.stat().st_size == saved.bytes:
                known.add(saved.name)
                yield saved
            else:
                note.unlink(missing_ok=True)
        for path in [*self.folder.glob("*.kv"), *self.folder.glob("*.part"), *self.folder.glob("*.new")]:
            old = path.suffix == ".kv" or time.time() - path.stat().st_mtime > STALE
            if path.stem not in known and old:
                path.unlink(missing_ok=True)

    async def _remove(self, gone: list[Saved]) -> None:
        if gone:
            self._sound.difference_update(saved.name for saved in gone)
            await asyncio.to_thread(self._unlink, gone)

    def _unlink(self, gone: list[Saved]) -> None:
        for saved in gone:
            for path in (self._path(saved.name), self.folder / f"{saved.name}.json"):
                with suppress(OSError):
                    path.unlink(missing_ok=True)


def _saved(note: Path) -> Saved | None:
    try:
        saved = msgspec.json.decode(note.read_bytes(), type=Saved)
    except (OSError, msgspec.MsgspecError):
        return None
    right = saved.name == note.stem and len(saved.chain.marks) == len(saved.chain.sizes)
    return saved if right else None


def _crc(path: Path) -> int:
    crc = 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            crc = zlib.crc32(piece, crc)
    return crc
