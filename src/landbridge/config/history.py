"""The last versions of the settings file: who changed it, when, by which command; each can be had back.

`DATA_DIR/settings-history/` holds one copy a content, named by its hash, and `versions.json` with the list. Readable by
their owner alone, as a settings file may hold keys. Changes by commands go through `change`, which holds a lock over
writing and recording, so that a running router, which records what is changed by hand, does not count them twice.
A version is always one that could be taken up: broken files are never recorded.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from ..errors import ConfigFault
from .edit import write
from .load import read

FOLDER = "settings-history"
KEPT = 100
"""Versions that are kept; the oldest go first."""
BY_HAND = "by hand"
FOUND = "as it was found"
LOCK_SECONDS = 10.0
"""Seconds to wait for somebody else who is changing the settings."""

Clock = Callable[[], float]


class Version(Struct, frozen=True):
    """One state of the settings file."""

    number: int
    """Counted from 1; never given twice."""
    time: float
    """When it came, in seconds since 1970."""
    who: str
    """The user of this machine."""
    how: str
    """The command, or `by hand`."""
    file: str
    """Path of the settings file."""
    content: str
    """Hash of its text, which names the copy."""


class _Versions(Struct):
    versions: list[Version]


class History:
    """The versions of the settings file at `path`, kept below `data_dir`."""

    def __init__(self, data_dir: Path, path: Path, now: Clock = time.time) -> None:
        self._folder, self._path, self._now = data_dir / FOLDER, path.absolute(), now

    def versions(self) -> list[Version]:
        """All versions of this file, the oldest first."""
        return [each for each in self._all() if each.file == str(self._path)]

    def version(self, number: int) -> Version:
        """One version. Raises `ConfigFault` where there is none of that number."""
        versions = self.versions()
        for each in versions:
            if each.number == number:
                return each
        known = f"There are {versions[0].number} to {versions[-1].number}" if versions else "There are none yet"
        raise ConfigFault(
            f"There is no version {number} of the settings.", remedy=f"{known}: landbridge config history."
        )

    def text(self, version: Version) -> str:
        """The settings as they were. Raises `ConfigFault` where the copy is gone or has been changed."""
        try:
            content = self._copy(version.content).read_bytes()
        except OSError:
            content = b""
        if _hash(content) != version.content:
            raise ConfigFault(
                f"The copy of version {version.number} is gone or damaged.", remedy="Choose another version."
            )
        return content.decode()

    def text_now(self, *, must: bool = False) -> str:
        """The file's text as it is now, with its line ends; empty where there is none, unless there `must` be one.

        Raises `ConfigFault` where it cannot be read.
        """
        if must or self._path.exists():
            read(self._path)  # which says why it cannot be read
        return self._on_disk()

    def change(self, expected: str, after: str, how: str, *, good: bool = True) -> Version | None:
        """Write `after` to the settings file, which says `expected` until now, and record it.

        `good`: what it says until now could be taken up, and is worth keeping, too. None where the file was written
        but its version could not be kept. Raises `ConfigFault` where it cannot be written, or says something else.
        """
        try:
            with self._locked():
                return self._change(expected, after, how, good)
        except OSError:  # no folder for versions: the settings may be changed all the same
            self._write(expected, after)
            return None

    def _change(self, expected: str, after: str, how: str, good: bool) -> Version | None:
        if good and expected:
            with suppress(OSError):
                self._record(expected, FOUND, self._written_at(), self._owner())
        self._write(expected, after)
        try:
            return self._record(after, how, self._now(), _user())
        except OSError:
            return None

    def _write(self, expected: str, after: str) -> None:
        if self._on_disk() != expected:
            raise ConfigFault(f"{self._path} was changed meanwhile.", remedy="Say it again.")
        try:
            write(self._path, after)
        except OSError as error:
            what = f"{self._path} cannot be written: {error.strerror}."
            raise ConfigFault(what, remedy="Check its rights, and the room on the disk.") from error

    def note(self, text: str) -> Version | None:
        """Record `text`, which stands in the file and is good; None where that is the newest version already.

        Raises `OSError` where it cannot be kept.
        """
        with self._locked():
            newest = self._newest()
            if text != self._on_disk() or (newest is not None and newest.content == _hash(text.encode())):
                return None  # where it has changed again, whoever looks next sees it
            how = BY_HAND if newest is not None else FOUND
            return self._record(text, how, self._written_at(), self._owner())

    # -- the folder ----------------------------------------------------------------------------------------------------

    def _record(self, text: str, how: str, when: float, who: str) -> Version:
        """A new version, unless the newest is just that."""
        content = _hash(text.encode())
        newest = self._newest()
        if newest is not None and newest.content == content:
            return newest
        known = self._all()
        number = max((each.number for each in known), default=0) + 1
        version = Version(number, when, who, how, str(self._path), content)
        if not self._copy(content).exists():
            write(self._copy(content), text)
        kept = [*known, version][-KEPT:]
        write(self._folder / "versions.json", msgspec.json.encode(_Versions(kept)).decode())
        for gone in {each.content for each in known} - {each.content for each in kept}:
            self._copy(gone).unlink(missing_ok=True)
        return version

    def _newest(self) -> Version | None:
        versions = self.versions()
        return versions[-1] if versions else None

    def _all(self) -> list[Version]:
        try:
            return msgspec.json.decode((self._folder / "versions.json").read_bytes(), type=_Versions).versions
        except (OSError, msgspec.DecodeError):
            return []

    def _copy(self, content: str) -> Path:
        return self._folder / f"{content}.toml"

    def _on_disk(self) -> str:
        try:
            return self._path.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return ""

    def _written_at(self) -> float:
        try:
            return self._path.stat().st_mtime
        except OSError:
            return self._now()

    def _owner(self) -> str:
        try:
            return self._path.owner()
        except (OSError, KeyError, NotImplementedError):
            return _user()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Alone with the versions. Raises `OSError`, and `ConfigFault` where somebody else stays with them."""
        from filelock import FileLock, Timeout

        self._folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        lock = FileLock(self._folder / ".lock", timeout=LOCK_SECONDS, mode=0o600)
        try:
            lock.acquire()
        except Timeout:
            raise ConfigFault("Somebody else is changing the settings.", remedy="Try again.") from None
        try:
            yield
        finally:
            lock.release()


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return str(os.getuid()) if hasattr(os, "getuid") else "?"
