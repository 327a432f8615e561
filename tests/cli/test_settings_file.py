"""The settings file as commands change it: faults told apart from their places, values as the file has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.cli.settings_file import SettingsFile, command, line_of, plain, say_changes, told_value, toml
from landbridge.config.compare import MISSING, Change
from landbridge.errors import ConfigFault
from tests.cli.conftest import Home


@pytest.mark.parametrize(
    ("message", "line", "said"),
    [
        ("/home/me/landbridge.toml, line 12: it is wrong.", 12, "it is wrong."),
        ("The variable LANDBRIDGE_X: it is wrong.", None, "The variable LANDBRIDGE_X: it is wrong."),
        ("It is wrong: so.", None, "It is wrong: so."),
    ],
)
def test_a_fault_and_its_place(message: str, line: int | None, said: str) -> None:
    fault = ConfigFault(message)
    assert (line_of(fault), plain(fault)) == (line, said)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (MISSING, "-"),
        (True, "true"),
        (2.5, "2.5"),
        ('a"b', '"a\\"b"'),
        (["a", 1], '["a", 1]'),
        ({"a": {"b": False}}, '{ "a" = { "b" = false } }'),
        ({}, "{}"),
    ],
)
def test_values_as_the_file_has_them(value: object, text: str) -> None:
    assert toml(value) == text


def test_commands_as_the_history_tells_them() -> None:
    assert command("config", "set", "aliases.a*", "b c") == "config set 'aliases.a*' 'b c'"
    assert told_value(("providers", "lab", "api_key"), "sk-1") == "***"
    assert told_value(("providers", "lab", "api_key"), "${KEY}") == "${KEY}"
    assert told_value(("store", "url"), "postgresql://me:pw@h/d") == "postgresql://me:***@h/d"


def test_changes_with_different_effects_are_said_apart(capsys: pytest.CaptureFixture[str]) -> None:
    say_changes(
        [
            Change(key="a", before=1, after=2, effect="now"),
            Change(key="b", after=2, effect="restart"),
            Change(key="c", before=2, effect="now"),
        ]
    )
    said = capsys.readouterr().err.replace("landbridge: ", "").splitlines()
    assert said[:3] == ["a = 2 (was 1)", "b = 2", "c is gone (was 2)"]
    assert said[3:] == ["a, c: a running router takes it up at once.", "b: counts after a restart of the router."]


def test_of_many_changes_the_first_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    say_changes([Change(key=f"k{number}", after=number, effect="now") for number in range(50)])
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 14 and "and 38 more" in said[12]


@pytest.mark.io
def test_a_file_changed_by_somebody_else_meanwhile_is_not_overwritten(home: Home, tmp_path: Path) -> None:
    file = SettingsFile(None, None)
    home.config.write_text("default_model = 'other'\n")
    with pytest.raises(ConfigFault, match="changed meanwhile"):
        file.write("default_model = 'mine'\n", "config set")
    assert "other" in home.config.read_text()


@pytest.mark.io
def test_without_a_place_for_versions_it_is_said(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.data.write_text("no folder")
    changes = SettingsFile(None, None).write("default_model = 'm'\n", "config set")
    assert [each.key for each in changes] == ["default_model"]
    assert "no version of the settings could be kept" in capsys.readouterr().err
