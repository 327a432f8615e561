"""The encrypted file of keys: what it hides, who opens it, what becomes of it when it is damaged."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from landbridge.errors import ConfigFault
from landbridge.providers.key_file import FILE, MASTER, VARIABLE, KeyFile

pytestmark = pytest.mark.io

KEY = "sk-live-4711-é"
WORD = {VARIABLE: "correct horse"}


def modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


@pytest.mark.parametrize("env", [{}, WORD])
def test_keys_come_back_and_stand_nowhere_in_plain(tmp_path: Path, env: dict[str, str]) -> None:
    folder = tmp_path / "data"
    kept = KeyFile(folder, env)
    assert (kept.get("work"), kept.names(), kept.delete("work"), folder.exists()) == (None, [], False, False)
    kept.set("work", KEY)
    kept.set("lab", "other")
    assert (KeyFile(folder, env).get("work"), kept.names()) == (KEY, ["lab", "work"])
    for path in folder.iterdir():
        assert b"4711" not in path.read_bytes() and b"work" not in path.read_bytes()
    assert kept.delete("work") and not kept.delete("work")
    assert kept.get("work") is None and kept.get("lab") == "other"


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        KeyFile(tmp_path / "data", {}).set("work", KEY)
    finally:
        os.umask(old)
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    found = modes(tmp_path / "data")
    assert found[FILE] == found[MASTER] == 0o600
    assert set(found.values()) == {0o600}


def test_the_same_keys_are_never_the_same_bytes(tmp_path: Path) -> None:
    kept = KeyFile(tmp_path, WORD)
    seen = set()
    for _ in range(3):
        kept.set("work", KEY)
        seen.add((tmp_path / FILE).read_bytes())
    assert len(seen) == 3
    assert not (tmp_path / MASTER).exists(), "with a variable no master key is written"


@pytest.mark.parametrize(
    ("made_with", "opened_with", "said"),
    [
        (WORD, {VARIABLE: "wrong"}, f"cannot be opened by the variable {VARIABLE}"),
        (WORD, {}, f"opened by the variable {VARIABLE}, which is not set"),
    ],
)
def test_who_cannot_open_it(tmp_path: Path, made_with: dict[str, str], opened_with: dict[str, str], said: str) -> None:
    KeyFile(tmp_path, made_with).set("work", KEY)
    with pytest.raises(ConfigFault, match=said) as caught:
        KeyFile(tmp_path, opened_with).get("work")
    assert "wrong" not in caught.value.text.replace("wrong key", "")
    assert caught.value.remedy


def test_a_variable_set_later_takes_over_at_the_next_change(tmp_path: Path) -> None:
    KeyFile(tmp_path, {}).set("work", KEY)
    later = KeyFile(tmp_path, WORD)
    assert later.get("work") == KEY, "what the file beside it opens is still opened by that"
    later.set("lab", "x")
    assert KeyFile(tmp_path, WORD).get("work") == KEY
    with pytest.raises(ConfigFault, match="which is not set"):
        KeyFile(tmp_path, {}).get("work")


def test_a_lost_master_key_is_said(tmp_path: Path) -> None:
    KeyFile(tmp_path, {}).set("work", KEY)
    (tmp_path / MASTER).unlink()
    with pytest.raises(ConfigFault, match=r"keys\.master, which opens keys\.enc, cannot be read"):
        KeyFile(tmp_path, {}).get("work")


def test_damage_is_noticed_and_never_half_read(tmp_path: Path) -> None:
    kept = KeyFile(tmp_path, {})
    kept.set("work", KEY)
    whole = (tmp_path / FILE).read_bytes()
    sealed = msgspec.json.decode(whole)
    flipped = "A" if sealed["content"][3] != "A" else "B"
    sealed["content"] = sealed["content"][:3] + flipped + sealed["content"][4:]
    for damaged in (b"", whole[:-9], b"\xff\xfe", b"[]", msgspec.json.encode(sealed)):
        (tmp_path / FILE).write_bytes(damaged)
        with pytest.raises(ConfigFault, match=r"it is damaged|cannot be opened by") as caught:
            kept.get("work")
        assert "landbridge providers key NAME" in caught.value.remedy
    with pytest.raises(ConfigFault):
        kept.set("lab", "x")
    assert (tmp_path / FILE).read_bytes() == damaged, "what cannot be read is not written over"


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    names = [f"n{number}" for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda name: KeyFile(tmp_path, {}).set(name, name * 2), names))
    assert KeyFile(tmp_path, {}).names() == sorted(names)
