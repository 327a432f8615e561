"""Versions of the settings: what changed with each, what differs, and an older one had back."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.errors import ConfigFault
from landbridge.manage.history import difference, roll_back, steps, unsaved
from landbridge.manage.settings_file import SettingsFile

pytestmark = pytest.mark.io


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "landbridge.toml"
    for name in "abc":
        SettingsFile(path, tmp_path, {}).set([(["default_model"], name)], f"set {name}")
    return path


def file(path: Path) -> SettingsFile:
    return SettingsFile(path, path.parent, {})


def test_what_changed_with_each(path: Path) -> None:
    found = steps(file(path))
    assert [each.version.how for each in found] == ["set a", "set b", "set c"]
    assert [[(change.key, change.after) for change in each.changes or []] for each in found] == [
        [],
        [("default_model", "b")],
        [("default_model", "c")],
    ]
    assert found[0].changes is None
    assert steps(file(path), 1) == found[-1:], "the one before it is looked at all the same"


def test_no_version_yet(tmp_path: Path) -> None:
    empty = file(tmp_path / "other.toml")
    assert steps(empty) == [] and not unsaved(empty)
    with pytest.raises(ConfigFault, match="No version"):
        difference(empty, None, None)


def test_differences_show_no_key(path: Path) -> None:
    first = path.read_text()
    path.write_text(first + "[providers.lab]\npreset = 'openai'\napi_key = 'sk-1234567'\n")
    assert unsaved(file(path))
    found = difference(file(path), 3, None)
    assert "+api_key = '***'" in found.lines and not any("sk-1234567" in line for line in found.lines)
    assert {'-default_model = "a"', '+default_model = "b"'} <= set(difference(file(path), 1, 2).lines)
    assert difference(file(path), 3, 3).differs is False


def test_an_older_one_is_had_back(path: Path) -> None:
    done = roll_back(file(path), 1, "by a click")
    assert done is not None and [change.after for change in done.changes] == ["a"]
    assert 'default_model = "a"' in path.read_text()
    assert steps(file(path))[-1].version.how == "by a click"
    assert roll_back(file(path), 1) is None, "it says that already"
    with pytest.raises(ConfigFault, match="no version 9"):
        roll_back(file(path), 9)
