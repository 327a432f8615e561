"""LiteLLM's groups, fallbacks and switches."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.config.imports.litellm import convert
from tests.config.imports.given import come_to


def deployment(name: str, model: str, **params: Any) -> dict[str, Any]:
    return {"model_name": name, "litellm_params": {"model": model, **params}}


GROUPS = [deployment("fast", "groq/a"), deployment("fast", "openai/b"), deployment("slow", "anthropic/c")]


def litellm(models: list[dict[str, Any]], **more: Any) -> tuple[dict[str, Any], dict[str, str]]:
    return come_to(convert, {"model_list": models, **more})


def test_one_deployment_is_an_alias_and_several_a_route() -> None:
    settings, _ = litellm(GROUPS)
    assert settings["aliases"] == {"slow": "anthropic/c"}
    assert settings["routes"] == {"fast": {"targets": ["groq/a", "openai/b"], "policy": "weight"}}


def test_a_name_that_is_the_same_here_needs_no_alias() -> None:
    settings, _ = litellm([deployment("groq/a", "groq/a")])
    assert "aliases" not in settings and settings["providers"]["groq"]["models"] == ["a"]


@pytest.mark.parametrize(
    ("strategy", "policy", "noted"),
    [
        ("simple-shuffle", "weight", False),
        ("latency-based-routing", "least_latency", False),
        ("usage-based-routing", "weight", True),
    ],
)
def test_policies(strategy: str, policy: str, noted: bool) -> None:
    settings, notes = litellm(GROUPS, router_settings={"routing_strategy": strategy})
    assert settings["routes"]["fast"]["policy"] == policy
    assert ("router_settings.routing_strategy" in notes) is noted


def test_shares_follow_what_is_allowed_a_minute() -> None:
    settings, notes = litellm([deployment("x", "groq/a", rpm=600), deployment("x", "openai/b", weight=2)])
    assert settings["routes"]["x"]["targets"] == [
        {"model": "groq/a", "weight": 600},
        {"model": "openai/b", "weight": 2},
    ]
    assert list(notes) == ["model_list[0].litellm_params.rpm"]


@pytest.mark.parametrize("section", ["litellm_settings", "router_settings"])
def test_fallbacks_are_asked_in_their_order(section: str) -> None:
    settings, notes = litellm(GROUPS, **{section: {"fallbacks": [{"slow": ["fast", "gone"]}, {"fast": ["slow"]}]}})
    assert settings["aliases"]["slow"] == ["anthropic/c", "groq/a", "openai/b", "gone"]
    assert settings["aliases"]["fast"] == ["groq/a", "openai/b", "anthropic/c"]
    assert "not by weight" in notes["fallbacks of 'fast'"]


def test_a_larger_window_is_a_route() -> None:
    settings, _ = litellm(GROUPS, litellm_settings={"context_window_fallbacks": [{"slow": ["fast"]}]})
    assert settings["routes"]["slow"] == {"targets": ["anthropic/c", "groq/a", "openai/b"], "too_long": "next"}


def test_keys_of_the_environment_and_headers() -> None:
    settings, _ = litellm([deployment("x", "groq/a", api_key="os.environ/K", extra_headers={"x-team": "os.environ/T"})])
    assert settings["providers"]["groq"]["api_key"] == "${K}"
    assert settings["providers"]["groq"]["headers"] == {"x-team": "${T}"}


def test_prices_are_of_a_million_tokens() -> None:
    model = {
        **deployment("x", "groq/a", input_cost_per_token=5e-8),
        "model_info": {"output_cost_per_token": "0.0000003", "cache_read_input_token_cost": 1e-8},
    }
    settings, _ = litellm([model])
    assert settings["prices"] == {"groq/a": {"input": 0.05, "output": 0.3, "cache_read": 0.01}}
    assert "prices" not in litellm([deployment("x", "groq/a", input_cost_per_token=5e-8)])[0]


def test_switches() -> None:
    settings, notes = litellm(
        [],
        litellm_settings={"num_retries": 20, "set_verbose": True, "drop_params": True, "cache": True},
        router_settings={"model_group_alias": {"a": "b", "c": {"model": "d", "hidden": True}}, "cooldown_time": 0.5},
        general_settings={"master_key": "sk-1"},
        environment_variables={"A": "1", "B": "2"},
        guardrails=[],
    )
    assert (settings["retries"], settings["breaker"]) == ({"max": 10}, {"rest": 0.5})
    assert settings["aliases"] == {"a": "b", "c": "d"}
    assert notes["environment_variables"].endswith("A, B")
    assert set(notes) == {
        "litellm_settings.cache",
        "general_settings.master_key",
        "environment_variables",
        "guardrails",
    }


def test_what_names_no_model_or_no_group_is_said() -> None:
    settings, notes = litellm([deployment("x", "azure/")], litellm_settings={"fallbacks": [{"y": ["x"]}]})
    assert settings == {}
    assert notes == {
        "model_list[0].litellm_params.model": "it names no model",
        "fallbacks of 'y'": "the file has no model of that name",
    }
