"""Providers kept, given other keys, turned off and on, and removed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from landbridge.config import Config, Secret
from landbridge.errors import ConfigFault
from landbridge.manage.provider_change import add, draft_of, led_to, rekey, remove, turn
from landbridge.manage.provider_draft import Draft
from landbridge.manage.settings_file import SettingsFile
from landbridge.providers.key_file import KeyFile
from tests.fakes.keychain import instead, locked, nothing
from tests.fakes.strict import KEY

pytestmark = pytest.mark.io


@pytest.fixture(autouse=True)
def without_keychain() -> Iterator[None]:
    with instead(nothing()):
        yield


class Home:
    def __init__(self, folder: Path) -> None:
        self.folder, self.path, self.keys = folder, folder / "landbridge.toml", KeyFile(folder, {})

    @property
    def file(self) -> SettingsFile:
        return SettingsFile(self.path, self.folder, {})

    @property
    def providers(self) -> dict[str, Any]:
        found: dict[str, Any] = tomllib.loads(self.path.read_text()).get("providers", {})
        return found


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_a_key_is_kept_under_a_free_name(home: Home) -> None:
    home.keys.set("lab", "of another settings file")
    saved = add(home.file, Draft("lab", {"preset": "openai"}, Secret(KEY)), "test")
    assert home.providers == {"lab": {"preset": "openai", "api_key": "keyring:lab-2"}}
    assert (home.keys.get("lab"), home.keys.get("lab-2")) == ("of another settings file", KEY)
    assert "encrypted file" in saved.kept_in and saved.written is not None
    assert KEY not in home.path.read_text()


def test_a_key_takes_the_place_of_the_old_one(home: Home) -> None:
    add(home.file, Draft("lab", {"preset": "openai"}, Secret("old-key")), "test")
    draft = draft_of(home.file, "lab").with_key(Secret(KEY))
    assert rekey(home.file, draft, "test").written is None, "the settings name it already"
    assert home.keys.get("lab") == KEY
    saved = rekey(home.file, draft_of(home.file, "lab").with_key(Secret(), "${K}"), "test")
    assert saved.kept_in == "" and home.providers["lab"]["api_key"] == "${K}"
    with pytest.raises(ConfigFault, match="no provider 'lap'"):
        draft_of(home.file, "lap")


def test_off_and_on(home: Home) -> None:
    home.path.write_text('[providers.lab] # mine\npreset = "openai"\n')
    turn(home.file, "lab", False)
    assert home.providers["lab"]["enabled"] is False
    turn(home.file, "lab", True)
    assert home.path.read_text() == '[providers.lab] # mine\npreset = "openai"\n'


def test_removed_with_its_key_and_what_led_to_it(home: Home) -> None:
    home.path.write_text('default_model = "lab/m"\n')
    add(home.file, Draft("lab", {"preset": "openai"}, Secret(KEY)), "test")
    done = remove(home.file, "lab")
    assert (done.leads, done.key_gone, done.key_fault) == (["default_model"], True, "")
    assert home.providers == {} and home.keys.get("lab") is None


def test_a_keychain_that_is_locked_keeps_it_and_says_so(home: Home) -> None:
    home.path.write_text('[providers.lab]\npreset = "openai"\napi_key = "keyring:lab"\n')
    with instead(locked()):
        done = remove(home.file, "lab")
    assert not done.key_gone and "does not answer" in done.key_fault
    assert home.providers == {}


def test_what_leads_to_one_is_named() -> None:
    config = Config(default_model="lab/m", aliases={"a": "lab/x", "b": "more/x", "c": ["more/y", "lab/z"]})
    assert list(led_to(config, "lab")) == ["default_model", "aliases.a", "aliases.c"]
    assert list(led_to(config, "la")) == []
