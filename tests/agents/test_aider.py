"""What aider is told on its command line, and in the file of model metadata."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from landbridge.agents import aider
from landbridge.agents.facts import ModelFacts
from landbridge.agents.session import Session, Setup

ROUTER = "http://127.0.0.1:38080"
LARGE = ModelFacts(name="lab/m", window=131_072, max_output=16_384)


def setup(facts: ModelFacts, *args: str, **env: str) -> Setup:
    return aider.setup(Session(facts=facts, router=ROUTER, env=env, args=args, folder="/session"))


def options(found: Setup) -> dict[str, str]:
    return {word: after for word, after in pairwise(found.arguments) if word.startswith("--")}


def metadata(found: Setup) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(found.files["models.json"])
    return told


def test_options_point_to_the_router_because_variables_would_lose() -> None:
    told = options(setup(LARGE, OPENAI_API_KEY="sk-real"))
    assert told["--openai-api-base"] == f"{ROUTER}/v1"
    assert told["--openai-api-key"] == "landbridge"
    assert told["--model"] == told["--weak-model"] == told["--editor-model"] == "openai/lab/m"


def test_p68_the_window_stands_in_the_metadata() -> None:
    found = setup(LARGE)
    assert options(found)["--model-metadata-file"] == "/session/models.json"
    told = metadata(found)["openai/lab/m"]
    assert (told["max_input_tokens"], told["max_output_tokens"]) == (131_072, 16_384)
    assert told["input_cost_per_token"] == told["output_cost_per_token"] == 0
    assert found.notes == ()


def test_p68_an_unknown_window_is_said() -> None:
    found = setup(ModelFacts(name="x"))
    assert "max_input_tokens" not in metadata(found)["openai/x"]
    assert "window" in found.notes[0]


@pytest.mark.parametrize("given", [("--weak-model", "y"), ("--weak-model=y",)])
def test_the_users_own_options_stay(given: tuple[str, ...]) -> None:
    found = setup(LARGE, *given, "--message", "hi")
    assert found.arguments[-2:] == ("--message", "hi")
    assert sum(word.startswith("--weak-model") for word in found.arguments) == 1


def test_another_model_is_noticed() -> None:
    assert "after '--'" in setup(LARGE, "--model", "openai/x").notes[0]


def test_it_needs_no_tools() -> None:
    assert setup(ModelFacts(name="x", window=8192, tools=False)).notes == ()


def test_what_the_user_tuned_stays() -> None:
    assert setup(LARGE).variables["AIDER_TIMEOUT"] == "1200"
    assert "AIDER_TIMEOUT" not in setup(LARGE, AIDER_TIMEOUT="5").variables
