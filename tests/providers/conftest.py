"""Keychains that are none of the machine's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.keychain import folder, instead, locked, nothing


@pytest.fixture
def no_system_keychain() -> Iterator[None]:
    """A machine without one."""
    with instead(nothing()):
        yield


@pytest.fixture
def system_keychain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A machine that has one; gives the folder of its entries."""
    entries = tmp_path / "system"
    entries.mkdir()
    monkeypatch.setenv("TEST_KEYCHAIN", str(entries))
    with instead(folder()):
        yield entries


@pytest.fixture
def locked_keychain() -> Iterator[None]:
    """A machine whose keychain nobody unlocks."""
    with instead(locked()):
        yield
