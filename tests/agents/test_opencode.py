"""What OpenCode is told in its environment."""

from __future__ import annotations

import json
from typing import Any

import pytest

from landbridge.agents import opencode
from landbridge.agents.facts import ModelFacts
from landbridge.agents.session import Session, Setup

ROUTER = "http://127.0.0.1:38080"
LARGE = ModelFacts(name="lab/m", window=131_072, max_output=16_384)
QWEN = ModelFacts(name="qwen", window=32_768, local=True)


def setup(facts: ModelFacts, *args: str, **env: str) -> Setup:
    return opencode.setup(Session(facts=facts, router=ROUTER, env=env, args=args))


def told(found: Setup) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(found.variables["OPENCODE_CONFIG_CONTENT"])
    return settings


def test_requests_go_to_the_router_in_openais_dialect() -> None:
    settings = told(setup(LARGE))
    provider = settings["provider"]["landbridge"]
    assert settings["model"] == settings["small_model"] == "landbridge/lab/m"
    assert provider["npm"] == "@ai-sdk/openai-compatible"
    assert provider["options"]["baseURL"] == f"{ROUTER}/v1"
    assert list(provider["models"]) == ["lab/m"]


def test_anthropics_dialect_is_spoken_where_the_provider_speaks_it() -> None:
    provider = told(setup(ModelFacts(name="claude-opus-5-5", anthropic=True)))["provider"]["landbridge"]
    assert provider["npm"] == "@ai-sdk/anthropic"
    assert provider["options"]["baseURL"] == f"{ROUTER}/anthropic/v1"


@pytest.mark.parametrize(
    ("facts", "limit"),
    [
        (LARGE, {"context": 131_072, "output": 16_384}),
        (QWEN, {"context": 32_768, "output": 8192}),
        (ModelFacts(name="x", window=200_000, max_output=64_000), {"context": 200_000, "output": 32_000}),
        (ModelFacts(name="x", window=20_000), {"context": 20_000, "output": 5000}),
    ],
)
def test_p68_limits_are_the_real_ones(facts: ModelFacts, limit: dict[str, int]) -> None:
    assert told(setup(facts))["provider"]["landbridge"]["models"][facts.name]["limit"] == limit


def test_p68_an_unknown_window_is_left_out_and_said() -> None:
    found = setup(ModelFacts(name="x"))
    assert "limit" not in told(found)["provider"]["landbridge"]["models"]["x"]
    assert "window" in found.notes[0]


def test_the_users_agents_use_the_model_of_the_session() -> None:
    agents = told(setup(LARGE))["agent"]
    assert {agents[name]["model"] for name in ("build", "plan", "general", "explore")} == {"landbridge/lab/m"}
    assert "title" not in agents
    assert told(setup(QWEN))["agent"]["title"] == {"disable": True}


def test_settings_the_user_gives_in_the_same_variable_are_kept() -> None:
    own = '{"model": "mine/x", "theme": "dark", /* mine */ "provider": {"mine": {}},}'
    settings = told(setup(LARGE, OPENCODE_CONFIG_CONTENT=own))
    assert settings["theme"] == "dark"
    assert set(settings["provider"]) == {"mine", "landbridge"}
    assert settings["model"] == "landbridge/lab/m"


def test_settings_that_cannot_be_read_are_said() -> None:
    assert "OPENCODE_CONFIG_CONTENT" in setup(LARGE, OPENCODE_CONFIG_CONTENT="{").notes[0]


@pytest.mark.parametrize("args", [(), ("run", "hi"), ("--continue",)])
def test_a_session_is_given_the_model(args: tuple[str, ...]) -> None:
    assert setup(LARGE, *args).arguments == ("-m", "landbridge/lab/m", *args)


@pytest.mark.parametrize("args", [("auth", "list"), ("models",), ("./project",), ("run", "-m", "mine/x", "hi")])
def test_other_commands_are_left_alone(args: tuple[str, ...]) -> None:
    assert setup(LARGE, *args).arguments == args


def test_what_the_user_tuned_stays() -> None:
    assert setup(LARGE).variables["OPENCODE_DISABLE_MODELS_FETCH"] == "1"
    assert "OPENCODE_DISABLE_MODELS_FETCH" not in setup(LARGE, OPENCODE_DISABLE_MODELS_FETCH="0").variables
