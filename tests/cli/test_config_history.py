"""`landbridge config history`, `diff` and `rollback`: what was changed can be seen and taken back."""

from __future__ import annotations

import re
from typing import Any

import pytest

from landbridge.cli import config_history
from tests.cli.conftest import Home
from tests.cli.test_config import said

__all__ = ["said"]
pytestmark = pytest.mark.io


def hows(said: Any) -> list[str]:
    return [each["how"] for each in said("history", "--json").json["versions"]]


def test_each_change_is_listed_the_newest_first(home: Home, said: Any) -> None:
    assert "no version is kept yet" in said("history").err
    home.config.write_text("default_model = 'a'\n")
    said("set", "default_model", "b")
    said("set", "server.log_level", "debug")
    said("set", "server.log_level", "loud")
    assert hows(said) == ["as it was found", "config set default_model b", "config set server.log_level debug"]
    rows = said("history").out.splitlines()[1:]
    assert [re.split(r"  +", row.strip())[0] for row in rows] == ["3", "2", "1"]
    assert rows[0].rstrip().endswith("server.log_level") and re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", rows[0])


def test_many_are_not_all_shown(home: Home, said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config_history, "SHOWN", 2)
    for number in range(1, 5):
        said("set", "server.max_body", str(number))
    shown = said("history")
    assert len(shown.out.splitlines()) == 3 and "2 older ones" in shown.err
    assert shown.out.splitlines()[-1].split()[0] == "3" and "server.max_body" in shown.out.splitlines()[-1].split()[-1]
    assert len(said("history", "--all").out.splitlines()) == 5


def test_differences(home: Home, said: Any) -> None:
    assert said("diff").code == 2
    for value in "abc":
        said("set", "default_model", value)
    assert {'-default_model = "b"', '+default_model = "c"'} <= set(said("diff").out.splitlines())
    assert {'-default_model = "a"', '+default_model = "c"'} <= set(said("diff", "1").out.splitlines())
    assert {'-default_model = "a"', '+default_model = "b"'} <= set(said("diff", "1", "2").out.splitlines())
    assert "nothing differs" in said("diff", "3").err
    assert "There are 1 to 3" in said("diff", "9").err
    home.config.write_text("default_model = 'by hand'\n")
    assert "+default_model = 'by hand'" in said("diff").out
    assert "something else by now" in said("history").err


def test_keys_are_not_shown(home: Home, said: Any) -> None:
    home.config.write_text("[providers.lab]\npreset = 'openai'\napi_key = 'sk-1234567'\n")
    said("set", "providers.lab.api_key", "sk-12345678")
    found = said("diff", "1")
    assert "only keys differ" in found.err or "***" in found.out
    assert said("diff", "1", "2").code == 0


def test_an_older_version_is_had_back_and_that_too_can_be_taken_back(home: Home, said: Any) -> None:
    said("set", "default_model", "a")
    first = home.config.read_text()
    said("set", "default_model", "b")
    found = said("rollback", "1")
    assert found.code == 0 and home.config.read_text() == first
    assert "(version 1)" in found.err and 'default_model = "a" (was "b")' in found.err
    assert hows(said)[-1] == "config rollback 1"
    assert "are as in version 1 already" in said("rollback", "1").err
    assert said("rollback", "2", "--json").json["changes"][0]["after"] == "b"
    assert said("rollback", "99").code == 2


def test_what_was_changed_by_hand_is_not_lost_by_going_back(home: Home, said: Any) -> None:
    said("set", "default_model", "a")
    home.config.write_text("default_model = 'mine'\n")
    said("rollback", "1")
    said("rollback", "2")
    assert home.config.read_text() == "default_model = 'mine'\n"


def test_a_broken_file_is_mended_by_going_back(home: Home, said: Any) -> None:
    said("set", "default_model", "a")
    home.config.write_text("default_model = \n")
    assert said("rollback", "1").code == 0
    assert said("check").code == 0
    assert len(hows(said)) == 1, "a broken state is no version, and this one is there already"


def test_going_back_from_a_broken_file_tells_what_changes_for_a_running_router(home: Home, said: Any) -> None:
    said("set", "default_model", "a")
    said("set", "default_model", "b")
    home.config.write_text("default_model = \n")
    assert 'default_model = "a" (was "b")' in said("rollback", "1").err
