"""claude-code-router's providers and routes."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.config.imports.ccr import convert
from tests.config.imports.given import come_to


def ccr(**document: Any) -> tuple[dict[str, Any], dict[str, str]]:
    provider = {
        "name": "p",
        "api_base_url": "https://p.example/v1/chat/completions",
        "api_key": "$K",
        "models": ["m", "n"],
    }
    return come_to(convert, {"Providers": [provider], **document})


@pytest.mark.parametrize(
    ("url", "use", "dialect", "base"),
    [
        ("https://p.example/v1/chat/completions", [], "openai_chat", "https://p.example/v1"),
        ("https://p.example/v1/messages", [], "anthropic", "https://p.example"),
        ("https://p.example/x", ["Anthropic"], "anthropic", "https://p.example/x"),
        ("https://p.example/v1beta/models/", ["gemini"], "gemini", "https://p.example/v1beta"),
        ("https://p.example/v1/responses", ["openai-responses"], "openai_responses", "https://p.example/v1"),
    ],
)
def test_what_a_provider_speaks(url: str, use: list[str], dialect: str, base: str) -> None:
    provider = {"name": "p", "api_base_url": url, "api_key": "${K}", "models": ["m"], "transformer": {"use": use}}
    settings, notes = come_to(convert, {"Providers": [provider]})
    assert settings["providers"]["p"] == {"dialect": dialect, "base_url": base, "api_key": "${K}", "models": ["m"]}
    assert notes == {}


def test_one_default_needs_no_route() -> None:
    settings, _ = ccr(Router={"default": "p,m"})
    assert settings["default_model"] == "p/m" and "routes" not in settings


def test_a_larger_model_is_asked_where_the_window_is_too_small() -> None:
    settings, notes = ccr(Router={"default": "p,m", "longContext": "p,n", "longContextThreshold": 60000})
    assert settings["default_model"] == "default"
    assert settings["routes"]["default"] == {"targets": ["p/m", "p/n"], "too_long": "next"}
    assert "Router.longContextThreshold" in notes


def test_fallbacks_stand_behind() -> None:
    settings, _ = ccr(
        Router={"default": "p,m", "background": "p,n"}, fallback={"default": ["p,n"], "background": ["p,m"]}
    )
    assert settings["routes"]["default"] == {"targets": ["p/m", "p/n"]}
    assert settings["tiers"]["haiku"] == ["p/n", "p/m"]


def test_what_leads_nowhere_is_said() -> None:
    settings, notes = ccr(Router={"default": "q,m", "think": "p,n", "other": 1})
    assert "default_model" not in settings
    assert "'q,m' names no provider" in notes["Router.default"]
    assert "'p/n' is there" in notes["Router.think"]
    assert "Router.other" in notes


def test_switches() -> None:
    settings, notes = ccr(HOST="127.0.0.1", PORT="3456", LOG_LEVEL="fatal", API_TIMEOUT_MS=5000, APIKEY="x", Odd=1)
    assert settings["listeners"] == {"router": {"port": 3456}}
    assert settings["server"] == {"log_level": "error"}
    assert settings["providers"]["p"]["idle_timeout"] == 5.0
    assert set(notes) == {"APIKEY", "Odd"}


@pytest.mark.parametrize(
    ("kind", "url", "settings"),
    [
        ("anthropic_messages", "https://p.example/v1", {"dialect": "anthropic", "base_url": "https://p.example"}),
        (
            "openai_responses",
            "https://p.example/v1",
            {"dialect": "openai_responses", "base_url": "https://p.example/v1"},
        ),
    ],
)
def test_newer_versions_say_what_a_provider_speaks(kind: str, url: str, settings: dict[str, Any]) -> None:
    new = {"name": "p", "type": kind, "baseUrl": url, "apiKey": "${K}", "extraHeaders": {"x": "1"}, "models": ["m"]}
    found, notes = come_to(
        convert, {"Providers": [new, {**new, "name": "off", "enabled": False}], "Router": {"rules": []}}
    )
    assert found["providers"] == {"p": {**settings, "api_key": "${K}", "headers": {"x": "1"}, "models": ["m"]}}
    assert set(notes) == {"Providers[1]", "Router.rules"}
