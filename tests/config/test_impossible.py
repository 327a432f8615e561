"""What types cannot say of the settings is a list of places with what is wrong there and the way out."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from landbridge.config.impossible import OF_A_SERVER, OF_ANY_ENGINE, OF_ONE_MODEL, impossible
from landbridge.config.schema import Config, ModelSettings


def found(**settings: Any) -> list[tuple[str, ...]]:
    config = msgspec.convert({"listeners": {"openai": {"port": 8000}}, **settings}, Config)
    return [path for path, _, _ in impossible(config)]


def test_the_defaults_are_possible() -> None:
    assert list(impossible(Config())) == []


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"aliases": {"a*": " "}}, ("aliases", "a*")),
        ({"providers": {"lab": {}}}, ("providers", "lab")),
        ({"providers": {"local": {"preset": "openai"}}}, ("providers", "local")),
        ({"providers": {"a b": {"preset": "openai"}}}, ("providers", "a b")),
        ({"providers": {"w": {"preset": "openai", "api_key": "$KEY"}}}, ("providers", "w", "api_key")),
        ({"providers": {"w": {"preset": "openai", "headers": {"x": "${A"}}}}, ("providers", "w", "headers", "x")),
        ({"models": {"m": {"idle_unload": "soon"}}}, ("models", "m", "idle_unload")),
        ({"models": {"m": {"port": 9}}}, ("models", "m", "port")),
        ({"models": {"m": {"command": ["x", "{port}"]}}}, ("models", "m")),
        ({"models": {"m": {"command": ["x"], "memory": 1}}}, ("models", "m", "command")),
        ({"model_defaults": {"draft": "d"}}, ("model_defaults", "draft")),
        ({"prices": {"lab/m": {"input": 1}}}, ("prices", "lab/m")),
        ({"prices": {"lab/m": {"output": 0}}}, ("prices", "lab/m")),
        ({"search": {"service": "searxng"}}, ("search", "service")),
        ({"listeners": {"router": {"host": " "}}}, ("listeners", "router", "host")),
        ({"access": {"limits_url": "$VALKEY"}}, ("access", "limits_url")),
        ({"access": {"limits_url": "memcached://127.0.0.1"}}, ("access", "limits_url")),
        ({"access": {"origins": ["chat.example"]}}, ("access", "origins")),
        ({"access": {"hosts": ["https://llm.example"]}}, ("access", "hosts")),
        ({"access": {"hosts": ["llm.example:38080"]}}, ("access", "hosts")),
    ],
)
def test_each_is_named_where_it_stands(settings: dict[str, Any], path: tuple[str, ...]) -> None:
    assert found(**settings) == [path]


def test_access_as_it_may_be() -> None:
    access = {"hosts": ["llm.example", "*.lan"], "origins": ["https://a.example", "*", "null", "app://x"]}
    for url in ("", "${VALKEY_URL}", "valkey://127.0.0.1/1", "rediss://:${PASSWORD}@h:1"):
        assert found(access={**access, "limits_url": url}) == []


def test_all_are_found_and_not_only_the_first() -> None:
    assert found(aliases={"a": "", "b": ""}, providers={"x": {}}) == [
        ("providers", "x"),
        ("aliases", "a"),
        ("aliases", "b"),
    ]


def test_the_lists_name_settings_of_models() -> None:
    fields = set(ModelSettings.__struct_fields__)
    assert set(OF_A_SERVER) <= fields and set(OF_ONE_MODEL) <= fields and fields >= OF_ANY_ENGINE
    assert not set(OF_A_SERVER) & OF_ANY_ENGINE
