"""`landbridge keys`, as a user runs it; no router runs."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from landbridge.access.secret import id_of
from landbridge.cli.main import main

from .conftest import Home

pytestmark = pytest.mark.io


class Keys:
    """The command, and what it printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.out = self.err = ""

    def __call__(self, *words: str) -> int:
        code = main(["keys", *words])
        self.out, self.err = self._capsys.readouterr()
        return code

    def json(self, *words: str) -> Any:
        assert self(*words, "--json") == 0, self.err
        return json.loads(self.out)


@pytest.fixture
def keys(home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keys:
    monkeypatch.setenv("COLUMNS", "200")
    home.settings(1)
    return Keys(capsys)


def test_a_key_is_shown_once_and_its_limits_are_kept(keys: Keys) -> None:
    words = ("--models", "lab/*", "claude-*haiku*", "--rpm", "60", "--tpm", "5000", "--budget", "$5", "--per", "month")
    assert keys("create", "--name", "ann", *words, "--expires", "30d") == 0
    key = keys.out.strip()
    assert keys.out == f"{key}\n", "only the key: KEY=$(landbridge keys create ...)"
    assert id_of(key.encode()) is not None
    assert "60 requests a minute; 5000 tokens a minute; $5.00 a month; ends" in keys.err
    assert "This is the first key: every request needs one from now on" in keys.err
    shown = keys.json("show", "ann")
    assert {name: shown[name] for name in ("models", "rpm", "tpm", "budget", "per", "state", "spent", "requests")} == {
        "models": ["lab/*", "claude-*haiku*"],
        "rpm": 60,
        "tpm": 5000,
        "budget": 5.0,
        "per": "month",
        "state": "active",
        "spent": 0,
        "requests": 0,
    }
    assert shown["expires"] == pytest.approx(time.time() + 30 * 86_400, abs=600)
    looks: list[tuple[str, ...]] = [("list",), ("show", "ann"), ("list", "--json"), ("show", shown["id"])]
    for look in looks:
        assert keys(*look) == 0
        assert key.rpartition("-")[2] not in keys.out + keys.err
        assert "ann" in keys.out


def test_from_one_change_to_the_next(keys: Keys) -> None:
    made = keys.json("create", "--name", "ann")
    assert made["key"].startswith(f"lb-{made['id']}-")
    assert keys("create", "--name", "bob") == 0
    assert "first key" not in keys.err
    assert keys("change", "ann", "--budget", "2.50", "--models", "smollm2", "--name", "anna") == 0
    assert f"Key 'anna' ({made['id']}): smollm2; $2.50 in all; never ends." in keys.err
    assert keys("change", "anna", "--budget", "none", "--models", "*") == 0
    assert "every model; never ends" in keys.err
    assert keys.json("rotate", made["id"])["key"] != made["key"]
    assert keys("rm", "anna") == 2
    assert "is in use. End it first: landbridge keys revoke anna." in keys.err
    assert keys("revoke", "anna") == 0
    assert keys("revoke", made["id"]) == 0
    assert "was revoked before" in keys.err
    assert keys("rotate", made["id"]) == 2
    assert [row["state"] for row in keys.json("list")] == ["revoked", "active"]
    assert keys("rm", made["id"]) == 0
    assert keys("revoke", "bob") == 0
    assert keys("rm", "bob") == 0
    assert "There are no keys any more: this machine's programs need none" in keys.err
    assert keys.json("list") == []


def test_where_there_are_none_nothing_is_made(keys: Keys, home: Home) -> None:
    assert keys("list") == 0
    assert "There are no keys yet" in keys.err
    assert keys.json("list") == []
    for words in (("show", "x"), ("revoke", "x"), ("rotate", "x"), ("rm", "x"), ("change", "x", "--rpm", "1")):
        assert keys(*words) == 2
        assert "There are no keys yet." in keys.err
    assert not (home.data / "landbridge.db").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--name", "a b"), "is no name for a key"),
        (("--name", "a", "--rpm", "0"), "--rpm: '0' is no number above 0"),
        (("--name", "a", "--tpm", "many"), "--tpm: 'many' is no number"),
        (("--name", "a", "--budget", "five"), "'five' is no amount of dollars"),
        (("--name", "a", "--per", "day"), "Say the budget, too (--budget)"),
        (("--name", "a", "--per", "week", "--budget", "1"), "week"),
        (("--name", "a", "--expires", "yesterday"), "is no time at which a key could end"),
        ((), "--name"),
    ],
)
def test_what_cannot_be_meant(keys: Keys, words: tuple[str, ...], said: str) -> None:
    assert keys("create", *words) == 2
    assert said in keys.err
    assert keys.out == ""


def test_two_of_one_name(keys: Keys) -> None:
    assert keys("create", "--name", "ann") == 0
    assert keys("create", "--name", "ann") == 2
    assert "There is a key 'ann' already." in keys.err
    assert keys("show", "nobody") == 2
    assert "There is no key 'nobody'. There are: ann." in keys.err
