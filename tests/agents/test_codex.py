"""What Codex is told on its command line."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from typing import Any

import pytest

from landbridge.agents import codex
from landbridge.agents.facts import ModelFacts
from landbridge.agents.session import Session, Setup

ROUTER = "http://127.0.0.1:38080"
LARGE = ModelFacts(name="lab/m", window=131_072)


def setup(facts: ModelFacts, *args: str, **env: str) -> Setup:
    return codex.setup(Session(facts=facts, router=ROUTER, env=env, args=args))


def settings(found: Setup) -> dict[str, Any]:
    """The `-c` options as Codex reads them: each value as TOML."""
    options = [after for word, after in pairwise(found.arguments) if word == "-c"]
    return tomllib.loads("\n".join(options))


def test_requests_go_to_the_router_in_the_responses_dialect() -> None:
    told = settings(setup(LARGE))
    assert told["model"] == "lab/m"
    provider = told["model_providers"][told["model_provider"]]
    assert provider["base_url"] == f"{ROUTER}/v1"
    assert provider["wire_api"] == "responses"
    assert "env_key" not in provider, "no key of the user is sent"


@pytest.mark.parametrize("name", ['a"b', "qwen3:8b", "모델", "a\\b", "org/model=1"])
def test_any_name_is_a_string_of_toml(name: str) -> None:
    assert settings(setup(ModelFacts(name=name)))["model"] == name


def test_no_request_goes_to_a_model_of_openais() -> None:
    told = settings(setup(LARGE))
    assert told["review_model"] == told["memories"]["extract_model"] == "lab/m"
    assert told["memories"]["consolidation_model"] == "lab/m"


def test_p68_the_window_is_the_real_one_and_an_unknown_one_is_said() -> None:
    assert settings(setup(LARGE))["model_context_window"] == 131_072
    assert setup(LARGE).notes == ()
    unknown = setup(ModelFacts(name="lab/m"))
    assert "model_context_window" not in settings(unknown)
    assert "272,000" in unknown.notes[0]
    assert setup(ModelFacts(name="lab/m"), "-c", "model_context_window=9000").notes == ()


def test_the_users_arguments_come_last() -> None:
    found = setup(LARGE, "exec", "-m", "other", "hi")
    assert found.arguments[-4:] == ("exec", "-m", "other", "hi")
    assert "after '--'" in found.notes[0]


@pytest.mark.parametrize("args", [("--model=x",), ("-c", "model=x"), ("--oss",)])
def test_another_model_is_noticed(args: tuple[str, ...]) -> None:
    assert len(setup(LARGE, *args).notes) == 1


def test_nothing_is_written_and_codex_home_stays() -> None:
    found = setup(LARGE, CODEX_HOME="/home/me/.codex", OPENAI_API_KEY="sk-real")
    assert (found.variables, found.files, found.links) == ({}, {}, {})
    assert "sk-real" not in str(found.arguments)
