"""How providers stand, and never a key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from landbridge.config import Config, ProviderSettings
from landbridge.errors import ConfigFault
from landbridge.manage.providers import key_source, settings_of, shown, standings, stood
from landbridge.manage.router import Part
from landbridge.manage.settings_file import SettingsFile
from tests.fakes.strict import KEY

SETTINGS: dict[str, ProviderSettings] = {
    "work": ProviderSettings(preset="openai", api_key="keyring:work"),
    "plain": ProviderSettings(preset="openai", api_key=KEY),
    "usual": ProviderSettings(preset="anthropic"),
    "gone": ProviderSettings(preset="groq", api_key="${GONE}"),
    "here": ProviderSettings(preset="ollama", models=["a", "b"]),
    "broken": ProviderSettings(dialect="gemini", base_url="no address"),
}


def test_how_they_stand() -> None:
    env = {"keyring:work": KEY, "ANTHROPIC_API_KEY": KEY}
    parts = {"provider work": Part("ok"), "provider here": Part("failed", "Cannot connect to 127.0.0.1:11434.")}
    rows = {row.name: row for row in standings(Config(providers=SETTINGS), env, parts)}
    assert [(row.key, row.problem) for row in rows.values()] == [
        ("keychain", ""),
        ("in the settings", ""),
        ("variable ANTHROPIC_API_KEY", ""),
        ("variable GONE", "the environment variable GONE is not set"),
        ("none", ""),
        ("none", "base_url is no address that begins with http:// or https://"),
    ]
    assert (rows["work"].state, rows["usual"].state, rows["here"].state) == ("ok", "", "failed")
    assert rows["here"].detail.startswith("Cannot connect")
    assert (rows["work"].title, rows["broken"].title) == ("OpenAI", "an address of your own")
    assert (rows["here"].models, rows["work"].models) == (["a", "b"], None)
    assert KEY not in repr(list(rows.values()))


def test_models_that_are_left_alone_are_named() -> None:
    parts = {
        "provider work": Part("ok"),
        "target work/gpt": Part("resting", "breaker open for 5 s: it answered 500"),
        "target workshop/x": Part("resting", "breaker open for 9 s: no"),
        "provider plain": Part("failed", "Cannot connect."),
    }
    rows = {row.name: row for row in standings(Config(providers=SETTINGS), {}, parts)}
    assert (rows["work"].state, rows["work"].detail) == ("resting", "work/gpt: breaker open for 5 s: it answered 500")
    assert (rows["plain"].state, rows["plain"].detail) == ("failed", "Cannot connect.")


@pytest.mark.parametrize(
    ("settings", "auth", "words"),
    [
        ({"preset": "vertex"}, "google", "Google's credentials"),
        ({"preset": "bedrock"}, "aws", "AWS's credentials"),
        ({"preset": "vertex", "api_key": "file:/sa.json"}, "google", "file"),
        ({"preset": "openai", "headers": {"Authorization": "x"}}, "none", "header"),
        ({"preset": "openai", "auth": "none"}, "none", "none"),
        ({"preset": "openai", "api_key": "${A}${B}"}, "bearer", "variable A, B"),
    ],
)
def test_where_keys_come_from(settings: dict[str, Any], auth: str, words: str) -> None:
    assert key_source(ProviderSettings(**settings), "", auth) == words


def test_one_that_is_off_says_so_and_how_it_would_stand() -> None:
    off = ProviderSettings(preset="openai", api_key="${OPEN}", enabled=False)
    (row,) = standings(Config(providers={"work": off}), {}, {"provider work": Part("off", "turned off")})
    assert (row.enabled, row.state, row.problem) == (False, "off", "the environment variable OPEN is not set")


def test_one_is_shown_with_its_quirks_and_without_its_key() -> None:
    found = shown(Config(providers=SETTINGS), "plain", {}, {})
    assert (found.standing.name, found.settings["api_key"]) == ("plain", "***")
    assert "max_completion_tokens" in found.quirks and found.keys_at.startswith("https://")
    assert KEY not in repr(found)
    with pytest.raises(ConfigFault, match="no provider 'lap'"):
        shown(Config(), "lap", {}, {})


@pytest.mark.io
def test_what_a_file_says_of_one(tmp_path: Path) -> None:
    path = tmp_path / "landbridge.toml"
    path.write_text('[providers.lab]\npreset = "groq"\n')
    file = SettingsFile(path, tmp_path, {"LANDBRIDGE_PROVIDERS__ENV__PRESET": "openai"})
    config = settings_of(file)
    assert stood(config, file, "lab") == {"preset": "groq"}
    with pytest.raises(ConfigFault, match="does not stand in"):
        stood(config, file, "env")
    path.write_text("[providers.lab]\npreset = 3\n")
    with pytest.raises(ConfigFault, match="must be text"):
        settings_of(SettingsFile(path, tmp_path, {}))
