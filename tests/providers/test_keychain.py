"""Where keys go: into the system's keychain, else into the encrypted file; and how a locked one is spoken of."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.errors import ConfigFault
from landbridge.providers.key_file import FILE, KeyFile
from landbridge.providers.keychain import CHANGED, Keychain

pytestmark = pytest.mark.io


def test_the_systems_keychain_is_taken_where_there_is_one(tmp_path: Path, system_keychain: Path) -> None:
    chain = Keychain(tmp_path / "data", {})
    assert chain.get("work") is None
    assert chain.set("work", "k-4711") == chain.place() == "the system's keychain (keychain Folder)"
    assert (system_keychain / "landbridge-work").read_text() == "k-4711"
    assert not (tmp_path / "data" / FILE).exists()
    assert Keychain(tmp_path / "data", {}).get("work") == "k-4711"
    assert chain.delete("work") and not chain.delete("work")
    assert chain.get("work") is None


@pytest.mark.usefixtures("no_system_keychain")
def test_without_one_an_encrypted_file_is(tmp_path: Path) -> None:
    chain = Keychain(tmp_path, {})
    assert chain.set("work", "k-4711") == chain.place() == f"the encrypted file {tmp_path / FILE}"
    assert chain.get("work") == "k-4711"
    assert chain.delete("work") and chain.get("work") is None


def test_a_running_router_is_told_of_each_change(tmp_path: Path, system_keychain: Path) -> None:
    chain, stamp = Keychain(tmp_path, {}), tmp_path / CHANGED
    assert not stamp.exists()
    for change in (lambda: chain.set("work", "a"), lambda: chain.delete("work")):
        stamp.unlink(missing_ok=True)
        change()
        assert stamp.exists()


def test_a_key_moves_into_a_keychain_that_is_there_now(tmp_path: Path, system_keychain: Path) -> None:
    KeyFile(tmp_path, {}).set("work", "old")
    chain = Keychain(tmp_path, {})
    assert chain.get("work") == "old"
    chain.set("work", "new")
    assert chain.get("work") == "new"
    assert KeyFile(tmp_path, {}).names() == []


@pytest.mark.usefixtures("locked_keychain")
def test_a_locked_keychain_is_said_and_does_not_stop_anybody_from_storing(tmp_path: Path) -> None:
    chain = Keychain(tmp_path, {})
    with pytest.raises(ConfigFault, match="keychain does not answer \\(Failed to unlock") as caught:
        chain.get("work")
    assert caught.value.remedy.startswith("Unlock it")
    assert "encrypted file" in chain.set("work", "k")
    assert chain.get("work") == "k"


@pytest.mark.usefixtures("no_system_keychain")
def test_a_file_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    KeyFile(tmp_path, {}).set("work", "k")
    (tmp_path / FILE).write_text("damaged")
    with pytest.raises(ConfigFault, match="damaged"):
        Keychain(tmp_path, {}).get("work")
