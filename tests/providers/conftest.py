"""Keychains that are none of the machine's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as Nothing

from tests.fakes.keychain import Folder, Locked


@pytest.fixture
def no_system_keychain() -> Iterator[None]:
    """A machine without one."""
    yield from _using(Nothing())


@pytest.fixture
def system_keychain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A machine that has one; gives the folder of its entries."""
    folder = tmp_path / "system"
    folder.mkdir()
    monkeypatch.setenv("TEST_KEYCHAIN", str(folder))
    for _ in _using(Folder()):
        yield folder


@pytest.fixture
def locked_keychain() -> Iterator[None]:
    """A machine whose keychain nobody unlocks."""
    yield from _using(Locked())


def _using(backend: KeyringBackend) -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    yield
    keyring.set_keyring(before)
