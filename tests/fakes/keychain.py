"""A system's keychain for tests: a folder of files, and one that is locked.

`PYTHON_KEYRING_BACKEND=tests.fakes.keychain.Folder` with `TEST_KEYCHAIN=DIR` makes `keyring` use it, in any process;
`keyring.backends.fail.Keyring` stands for a system that has none.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keyring
from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.errors import KeyringLocked


class Folder(KeyringBackend):
    """Keeps each password in a file."""

    priority = 5

    def _path(self, service: str, username: str) -> Path:
        return Path(os.environ["TEST_KEYCHAIN"]) / f"{service}-{username}"

    def get_password(self, service: str, username: str) -> str | None:
        path = self._path(service, username)
        return path.read_text() if path.exists() else None

    def set_password(self, service: str, username: str, password: str) -> None:
        self._path(service, username).write_text(password)

    def delete_password(self, service: str, username: str) -> None:
        self._path(service, username).unlink()


class Locked(KeyringBackend):
    """Nobody unlocks it."""

    priority = 5

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("Failed to unlock the collection!")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("Failed to unlock the collection!")

    def delete_password(self, service: str, username: str) -> None:
        raise KeyringLocked("Failed to unlock the collection!")


def nothing() -> KeyringBackend:
    """A system without one."""
    return fail.Keyring()  # type: ignore[no-untyped-call]


def folder() -> KeyringBackend:
    """A system that has one; `TEST_KEYCHAIN` says where."""
    return Folder()  # type: ignore[no-untyped-call]


def locked() -> KeyringBackend:
    """A system whose keychain nobody unlocks."""
    return Locked()  # type: ignore[no-untyped-call]


@contextmanager
def instead(backend: KeyringBackend) -> Iterator[None]:
    """This process asks `backend` while the context lasts, and never the machine's own."""
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    try:
        yield
    finally:
        keyring.set_keyring(before)
