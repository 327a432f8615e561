"""The greeting names what there is, and only that."""

from __future__ import annotations

from pathlib import Path

from landbridge.config import Config, ProviderSettings
from landbridge.config.schema import RouteSettings
from landbridge.server.greeting import greeting

FILE = Path("/etc/landbridge.toml")


def test_all_there_is() -> None:
    config = Config(default_model="m", providers={"lab": ProviderSettings(), "work": ProviderSettings()})
    said = greeting({"router": ("127.0.0.1", 38080), "openai": ("::1", 8000)}, ("m", "n"), config, FILE)
    for line in (
        "  Claude Code        http://127.0.0.1:38080/anthropic",
        "  OpenAI clients     http://127.0.0.1:38080/v1",
        "  OpenAI endpoint    http://[::1]:8000/v1",
        "  local models       m, n",
        "  providers          lab, work",
        "  default model      m",
        "  settings           /etc/landbridge.toml",
    ):
        assert line in said.splitlines()


def test_nothing_yet() -> None:
    said = greeting({}, (), Config(default_model="smollm2"), FILE)
    assert "http://" not in said
    assert said.count("none yet") == 2
    assert "smollm2 (not here yet: landbridge models pull smollm2)" in said


def test_a_provider_s_model_is_never_missing() -> None:
    assert "not here yet" not in greeting({}, (), Config(default_model="lab/m"), FILE)


def test_nor_is_what_an_alias_or_a_route_names() -> None:
    assert "not here yet" not in greeting({}, (), Config(default_model="smart", aliases={"sm*": "lab/m"}), FILE)
    routes = {"smart": RouteSettings(targets=["lab/m"])}
    assert "not here yet" not in greeting({}, (), Config(default_model="smart", routes=routes), FILE)
