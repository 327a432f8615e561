"""`landbridge config set` and `unset`: checked before they are written, comments kept, said what comes of it."""

from __future__ import annotations

import stat
from typing import Any

import pytest

from tests.cli.conftest import Home
from tests.cli.test_config import said

__all__ = ["said"]
pytestmark = pytest.mark.io

FILE = '# mine\ndefault_model = "a"  # small\n[models."qwen2.5"]\nslots = 2\n'


def test_a_setting_is_set_and_the_rest_stays(home: Home, said: Any) -> None:
    home.config.write_text(FILE)
    found = said("set", "default_model", "b")
    assert found.code == 0
    assert home.config.read_text() == FILE.replace('"a"', '"b"')
    assert stat.S_IMODE(home.config.stat().st_mode) == 0o600
    assert 'default_model = "b" (was "a")' in found.err
    assert "takes it up at once" in found.err
    assert "says that already" in said("set", "default_model", "b").err
    assert "when the model is loaded next" in said("set", "models.qwen2.5.context", "4096").err


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("server.max_body", "5", "max_body = 5"),
        ("server.ping_every", "2.5", "ping_every = 2.5"),
        ("listeners.openai.enabled", "off", "enabled = false"),
        ("models.m.context", "auto", 'context = "auto"'),
        ("models.m.extra.seed", "7", "seed = 7"),
        ("aliases.claude-*", "lab/m", '"claude-*" = "lab/m"'),
        ("aliases.claude-*", '["lab/m", "x"]', '"claude-*" = ["lab/m", "x"]'),
        ("default_model", "4", 'default_model = "4"'),
        ("models.m.embeddings", "true", "embeddings = true"),
    ],
)
def test_values_are_what_the_setting_wants(home: Home, said: Any, key: str, value: str, line: str) -> None:
    assert said("set", key, value).code == 0
    assert line in home.config.read_text().splitlines()


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("server.log_level", "loud", "must be one of"),
        ("listeners.router.port", "-1", "from 0 to 65535"),
        ("servr.log_level", "debug", "Did you mean"),
        ("models.m.idle_unload", "soon", "idle_unload"),
        ("providers.lab.base_url", "http://x", "needs a preset"),
        ("default_model.x", "y", "is a value"),
        ("server", "x", "must be a section"),
    ],
)
def test_what_cannot_be_is_not_written(home: Home, said: Any, key: str, value: str, words: str) -> None:
    home.config.write_text(FILE)
    found = said("set", key, value)
    assert (found.code, words in found.err) == (2, True), found.err
    assert home.config.read_text() == FILE


def test_a_section_can_be_set_and_removed_whole(home: Home, said: Any) -> None:
    assert said("set", "providers.lab", '{ preset = "openai" }').code == 0
    assert said("get", "providers.lab.preset").out == "openai\n"
    gone = said("unset", "providers.lab")
    assert gone.code == 0 and "providers.lab.preset is gone" in gone.err
    assert "lab" not in home.config.read_text()


def test_a_key_is_not_repeated_and_warned_of(home: Home, said: Any) -> None:
    said("set", "providers.lab.preset", "openai")
    found = said("set", "providers.lab.api_key", "sk-1234567")
    assert 'providers.lab.api_key = "***"' in found.err
    assert "stands in the settings as it is" in found.err
    assert 'api_key = "sk-1234567"' in home.config.read_text()
    assert "sk-" not in said("history").out


def test_unset_gives_the_default_back(home: Home, said: Any) -> None:
    home.config.write_text(FILE)
    found = said("unset", "default_model")
    assert 'default_model = "smollm2" (was "a")' in found.err
    assert "does not stand in" in said("unset", "default_model").err
    assert said("unset", "models.qwen2.5").code == 0
    assert said("unset", "nope").code == 2


def test_a_variable_that_wins_is_said(home: Home, said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANDBRIDGE_DEFAULT_MODEL", "z")
    found = said("set", "default_model", "b")
    assert "LANDBRIDGE_DEFAULT_MODEL is set here, and it wins" in found.err


def test_a_file_with_another_fault_can_be_mended_step_by_step(home: Home, said: Any) -> None:
    home.config.write_text("[server]\nmax_body = 0\nlog_level = 'loud'\n")
    first = said("set", "server.log_level", "debug")
    assert first.code == 0 and "still wrong" in first.err and "max_body" in first.err
    assert said("set", "server.max_body", "9").code == 0
    assert said("check").code == 0


def test_a_file_that_is_not_toml_is_left_alone(home: Home, said: Any) -> None:
    home.config.write_text("[server\n")
    assert said("set", "default_model", "b").code == 2
    assert home.config.read_text() == "[server\n"


def test_json_for_scripts(home: Home, said: Any) -> None:
    assert said("set", "default_model", "b", "--json").json["changes"] == [
        {"key": "default_model", "before": "smollm2", "after": "b", "effect": "now"}
    ]
    assert said("unset", "default_model", "--json").json["changes"][0]["after"] == "smollm2"
    assert said("unset", "default_model", "--json").json["changes"] == []
