"""A system's keychain for tests: a folder of files, and one that is locked.

`PYTHON_KEYRING_BACKEND=tests.fakes.keychain.Folder` with `TEST_KEYCHAIN=DIR` makes `keyring` use it, in any process;
`keyring.backends.fail.Keyring` stands for a system that has none.
"""

from __future__ import annotations

import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked


class Folder(KeyringBackend):
    """Keeps each password in a file."""

    priority = 5  # type: ignore[assignment]

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

    priority = 5  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("Failed to unlock the collection!")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("Failed to unlock the collection!")

    def delete_password(self, service: str, username: str) -> None:
        raise KeyringLocked("Failed to unlock the collection!")
