"""The settings file as it is changed: faults told apart from their places, values as the file has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.config.compare import MISSING
from landbridge.errors import ConfigFault
from landbridge.manage.settings_file import SettingsFile, command, line_of, plain, told_value, toml


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


@pytest.mark.io
def test_a_file_changed_by_somebody_else_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "landbridge.toml"
    file = SettingsFile(path, tmp_path / "data", {})
    path.write_text("default_model = 'other'\n")
    with pytest.raises(ConfigFault, match="changed meanwhile"):
        file.write("default_model = 'mine'\n", "config set")
    assert "other" in path.read_text()


@pytest.mark.io
def test_keys_are_set_and_removed_and_a_version_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "landbridge.toml"
    path.write_text("# mine\ndefault_model = 'other'\n")
    done = SettingsFile(path, tmp_path / "data", {}).set(
        [(("listeners", "router", "port"), 1234), (("default_model",), None)], "by a test"
    )
    assert {each.key for each in done.changes} == {"listeners.router.port", "default_model"}
    assert done.version is not None and done.version.how == "by a test" and done.still_wrong == []
    text = path.read_text()
    assert "# mine" in text and "port = 1234" in text and "default_model" not in text


@pytest.mark.io
def test_a_new_fault_is_refused_and_an_old_one_is_told(tmp_path: Path) -> None:
    path = tmp_path / "landbridge.toml"
    path.write_text("[server]\nlog_level = 'loud'\n")
    file = SettingsFile(path, tmp_path / "data", {})
    with pytest.raises(ConfigFault, match="port"):
        file.set([(("listeners", "router", "port"), 99999)], "by a test")
    assert "port" not in path.read_text()
    done = file.set([(("listeners", "router", "port"), 1234)], "by a test")
    assert len(done.still_wrong) == 1 and "log_level" in done.still_wrong[0]
