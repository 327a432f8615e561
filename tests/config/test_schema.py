"""The settings' defaults, the names other programs write, and limits that keep impossible values out."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from landbridge.config import Config, ModelSettings, ProviderSettings
from landbridge.config.durations import parse_duration
from landbridge.config.keys import keys


def test_the_defaults_are_those_of_the_design() -> None:
    config = Config()
    assert config.default_model == "smollm2"
    ports = {name: getattr(config.listeners, name).port for name in config.listeners.__struct_fields__}
    assert ports == {"router": 38080, "openai": 8000, "dashboard": 38090}
    assert {getattr(config.listeners, name).host for name in ports} == {"127.0.0.1"}
    assert config.server.ping_every <= 10, "Claude Code gives a silent stream up (P82)"


def test_defaults_keep_their_own_limits() -> None:
    msgspec.convert(msgspec.to_builtins(Config()), Config)
    msgspec.convert({"lab": {}}, dict[str, ProviderSettings])
    assert parse_duration(ModelSettings().idle_unload) == 900
    for key in keys():
        msgspec.convert(key.default, key.kind)


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("listeners.router", "port", -1),
        ("listeners.router", "port", 65536),
        ("listeners.router", "port", True),
        ("server", "max_body", 0),
        ("server", "ping_every", 0),
        ("server", "ping_every", float("nan")),
        ("server", "drain_seconds", float("inf")),
        ("server", "drain_seconds", -0.1),
        ("server", "log_level", "loud"),
        ("engine", "max_queue", -1),
        ("engine", "memory_limit", 10**30),
        ("engine", "command", "llama-server"),
        ("models.m", "slots", 0),
        ("models.m", "context", 0),
        ("models.m", "context", "full"),
        ("models.m", "gpu_layers", 1.5),
        ("providers.lab", "dialect", "openai"),
        ("providers.lab", "auth", "basic"),
        ("providers.lab", "connect_timeout", -1),
        ("providers.lab", "passthrough", "yes"),
        ("providers.lab", "unheard_of", 1),
    ],
)
def test_impossible_values_are_refused(section: str, key: str, value: Any) -> None:
    tree: dict[str, Any] = {key: value}
    for name in reversed(section.split(".")):
        tree = {name: tree}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(tree, Config)


def test_settings_are_values() -> None:
    assert Config() == Config()
    with pytest.raises(AttributeError):
        Config().default_model = "other"  # type: ignore[misc]  # that is the point
