"""The settings file is edited elsewhere without its keys, and saved with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.errors import ConfigFault
from landbridge.manage.settings_file import SettingsFile
from landbridge.manage.settings_text import save, shown

pytestmark = pytest.mark.io
LAB = "# mine\n[providers.lab]\npreset = 'openai'\napi_key = 'sk-1234567'  # a key\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "landbridge.toml"
    path.write_text(LAB)
    return path


def file(path: Path) -> SettingsFile:
    return SettingsFile(path, path.parent, {})


def test_what_was_masked_is_saved_unchanged(path: Path) -> None:
    text = shown(file(path))
    assert "sk-1234567" not in text.text and "api_key = '***1***'  # a key" in text.text
    done = save(file(path), text.text.replace("# mine", "# ours"), text.stamp, "by hand")
    assert path.read_text() == LAB.replace("# mine", "# ours") and done.version is not None
    done = save(file(path), shown(file(path)).text, "", "by hand")
    assert done.version is None and done.changes == [], "nothing was changed"


def test_a_new_key_takes_the_place_of_the_old_one(path: Path) -> None:
    text = shown(file(path)).text.replace("***1***", "sk-7654321")
    assert [change.key for change in save(file(path), text, "", "x").changes] == ["providers.lab.api_key"]
    assert "sk-7654321" in path.read_text() and "sk-1234567" not in path.read_text()


def test_what_was_changed_meanwhile_is_not_lost(path: Path) -> None:
    text = shown(file(path))
    path.write_text(LAB + "# by another\n")
    with pytest.raises(ConfigFault, match="changed meanwhile"):
        save(file(path), text.text, text.stamp, "x")
    assert path.read_text().endswith("# by another\n")


def test_faults_change_nothing(path: Path) -> None:
    with pytest.raises(ConfigFault, match="no setting 'defalt'"):
        save(file(path), "defalt = 1\n" + shown(file(path)).text, "", "x")
    assert path.read_text() == LAB


def test_line_ends_stay_as_they_are(path: Path) -> None:
    path.write_bytes(LAB.replace("\n", "\r\n").encode())
    text = shown(file(path)).text.replace("\r\n", "\n").replace("mine", "ours")
    save(file(path), text, "", "x")
    assert path.read_bytes() == LAB.replace("mine", "ours").replace("\n", "\r\n").encode()
