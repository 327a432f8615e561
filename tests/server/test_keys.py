"""Keys are read beside the event loop, and a keychain nobody unlocks keeps nobody waiting for ever."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from landbridge.config import Config, ProviderSettings
from landbridge.providers import references
from landbridge.providers.credentials import FAILED
from landbridge.providers.keychain import Keychain
from landbridge.server import keys
from landbridge.server.keys import Keys, read_keys
from tests.fakes.keychain import instead, nothing

pytestmark = [pytest.mark.anyio, pytest.mark.io]

WANTS = Config(providers={"work": ProviderSettings(preset="openai", api_key="keyring:work")})


@pytest.fixture(autouse=True)
def without_keychain() -> Iterator[None]:
    with instead(nothing()):
        yield


async def test_nothing_is_read_where_nothing_is_referred_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "read", lambda *_: pytest.fail("it was read"))
    held = Keys(tmp_path, {"A": "1"})
    assert not await held.read(Config())
    assert held.env == {"A": "1"}


async def test_keys_stand_beside_the_variables_and_changes_are_noticed(tmp_path: Path) -> None:
    chain, held = Keychain(tmp_path, {}), Keys(tmp_path, {"A": "1"})
    assert held.stamp == tmp_path / "keys.changed"
    assert not await held.read(WANTS), "there is none yet"
    chain.set("work", "k-1")
    assert await held.read(WANTS) and held.env == {"A": "1", "keyring:work": "k-1"}
    assert not await held.read(WANTS)
    chain.set("work", "k-2")
    assert await held.read(WANTS) and held.env["keyring:work"] == "k-2"
    assert await held.read(Config()) and held.env == {"A": "1"}


async def test_the_loop_goes_on_meanwhile_and_is_not_held_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlocked = threading.Event()

    def slow(*_: object) -> dict[str, str]:
        unlocked.wait(5)
        return {}

    monkeypatch.setattr(references, "read", slow)
    monkeypatch.setattr(keys, "PATIENCE", 0.1)
    try:
        found = await read_keys(WANTS, tmp_path, {})
    finally:
        unlocked.set()
    assert found == {f"keyring:work{FAILED}": "the keychain did not answer within 0.1 s; is it locked?"}
    await asyncio.sleep(0.02)  # an answer that comes too late disturbs nobody


async def test_a_defect_is_a_reason_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> dict[str, str]:
        raise ZeroDivisionError("k-4711")

    monkeypatch.setattr(references, "read", broken)
    assert await read_keys(WANTS, tmp_path, {}) == {
        f"keyring:work{FAILED}": "its key could not be read (ZeroDivisionError)"
    }


def test_a_router_without_such_keys_loads_no_keychain() -> None:
    program = (
        "import sys, landbridge.server.run, landbridge.providers.references, landbridge.cli.providers\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'keyring', 'cryptography', 'jeepney'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
