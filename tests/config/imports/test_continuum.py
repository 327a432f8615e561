"""Continuum Router's backends, names and chains."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.config.imports.continuum import convert
from tests.config.imports.given import come_to


def two(strategy: str = "", **more: Any) -> tuple[dict[str, Any], dict[str, str]]:
    backends = [
        {"name": "a", "url": "http://10.0.0.1:8000", "weight": 3, "models": ["m", "x"]},
        {"name": "b", "url": "http://10.0.0.2:8000", "models": ["m"]},
    ]
    return come_to(convert, {"backends": backends, **({"selection_strategy": strategy} if strategy else {}), **more})


@pytest.mark.parametrize(
    ("strategy", "route"),
    [
        ("", {"targets": ["a/m", "b/m"], "policy": "weight"}),
        ("Random", {"targets": ["a/m", "b/m"], "policy": "weight"}),
        ("LeastLatency", {"targets": ["a/m", "b/m"], "policy": "least_latency"}),
        ("ConsistentHash", {"targets": ["a/m", "b/m"], "policy": "weight", "sticky": True}),
        (
            "WeightedRoundRobin",
            {"targets": [{"model": "a/m", "weight": 3}, {"model": "b/m", "weight": 1}], "policy": "weight"},
        ),
    ],
)
def test_a_model_of_several_backends_is_a_route(strategy: str, route: dict[str, Any]) -> None:
    settings, _ = two(strategy)
    assert settings["routes"] == {"m": route}


def test_chains_ask_every_backend_of_a_model() -> None:
    settings, _ = two(fallback={"enabled": True, "fallback_chains": {"x": ["m", "elsewhere"]}})
    assert settings["aliases"] == {"x": ["a/x", "a/m", "b/m", "elsewhere"]}
    settings, notes = two(fallback={"enabled": False, "fallback_chains": {"x": ["m"]}})
    assert "aliases" not in settings and "fallback.fallback_chains" in notes


def test_aliases_wherever_they_are_said() -> None:
    settings, _ = two(
        aliases={"one": "x"},
        model_metadata={"models": [{"id": "x", "aliases": ["two"]}]},
        models=[{"id": "m", "aliases": ["three"]}],
    )
    assert settings["aliases"] == {"two": "a/x", "three": "m", "one": "a/x"}


@pytest.mark.parametrize(
    ("backend", "settings"),
    [
        ({"type": "openai", "api_key": "${OPENAI_API_KEY}"}, {"preset": "openai"}),
        ({"type": "openai", "url": "https://api.openai.com"}, {"preset": "openai"}),
        ({"type": "anthropic", "api_key": "${K:-none}"}, {"preset": "anthropic", "api_key": "${K}"}),
        ({"type": "gemini", "url": "https://generativelanguage.googleapis.com/v1beta/openai/"}, {"preset": "gemini"}),
        ({"type": "ollama", "url": "http://localhost:11434"}, {"preset": "ollama"}),
        (
            {"url": "http://h:1", "timeout": "2m"},
            {"dialect": "openai_chat", "base_url": "http://h:1/v1", "auth": "none", "idle_timeout": 120},
        ),
    ],
)
def test_what_a_backend_is(backend: dict[str, Any], settings: dict[str, Any]) -> None:
    found, notes = come_to(convert, {"backends": [{"name": "b", **backend}]})
    assert found["providers"] == {"b": settings}
    assert notes == {}


def test_what_is_not_known_is_asked_as_openai_and_said() -> None:
    _, notes = come_to(convert, {"backends": [{"name": "b", "type": "new", "url": "http://h"}, {"name": "c"}]})
    assert "check it" in notes["backends[0].type"]
    assert "b, c" in notes["backends"]


def test_switches() -> None:
    settings, notes = two(
        server={"bind_address": "[::1]:9", "workers": 4},
        logging={"level": "trace"},
        request={"max_retries": 99, "timeout": "5s"},
        circuit_breaker={"failure_threshold": 5, "timeout_seconds": 60},
        rate_limiting={"enabled": True},
    )
    assert settings["listeners"] == {"router": {"host": "::1", "port": 9}}
    assert settings["server"] == {"log_level": "debug"}
    assert settings["retries"] == {"max": 10}
    assert settings["breaker"] == {"failures": 5, "rest": 60}
    assert set(notes) == {"server.workers", "request.timeout", "rate_limiting"}
    assert "other machines" in two(server={"bind_address": "0.0.0.0:8080"})[1]["server.bind_address"]
