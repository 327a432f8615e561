"""What Qwen Code is told: by variables, and by settings of the session that outrank the user's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from landbridge.agents import qwen_code
from landbridge.agents.facts import ModelFacts
from landbridge.agents.session import Session, Setup

ROUTER = "http://127.0.0.1:38080"
LARGE = ModelFacts(name="lab/m", window=131_072, max_output=16_384)
QWEN = ModelFacts(name="qwen", window=65_536, local=True)
NOWHERE = "/nonexistent/settings.json"


def setup(facts: ModelFacts, *args: str, **env: str) -> Setup:
    env = {"QWEN_CODE_SYSTEM_SETTINGS_PATH": NOWHERE, **env}
    return qwen_code.setup(Session(facts=facts, router=ROUTER, env=env, args=args, folder="/session"))


def told(found: Setup) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(found.files["settings.json"])
    return settings


def test_variables_point_to_the_router_and_to_the_settings() -> None:
    variables = setup(LARGE, OPENAI_API_KEY="sk-real").variables
    assert variables["OPENAI_BASE_URL"] == f"{ROUTER}/v1"
    assert variables["OPENAI_API_KEY"] == "landbridge"
    assert variables["OPENAI_MODEL"] == "lab/m"
    assert variables["QWEN_CODE_SYSTEM_SETTINGS_PATH"] == "/session/settings.json"


def test_settings_say_the_same_where_the_users_would_win() -> None:
    settings = told(setup(LARGE))
    assert settings["security"]["auth"]["selectedType"] == "openai"
    assert settings["model"]["name"] == settings["fastModel"] == "lab/m"
    [model] = settings["modelProviders"]["openai"]
    assert (model["id"], model["baseUrl"], model["envKey"]) == ("lab/m", f"{ROUTER}/v1", "OPENAI_API_KEY")


def test_p68_the_window_is_the_real_one_and_an_unknown_one_is_said() -> None:
    [model] = told(setup(LARGE))["modelProviders"]["openai"]
    assert model["generationConfig"]["contextWindowSize"] == 131_072
    assert setup(LARGE).notes == ()
    unknown = setup(ModelFacts(name="x"))
    assert "contextWindowSize" not in told(unknown)["modelProviders"]["openai"][0]["generationConfig"]
    assert "131,072" in unknown.notes[0]


def test_answers_are_as_long_as_the_model_makes_them() -> None:
    assert setup(LARGE).variables["QWEN_CODE_MAX_OUTPUT_TOKENS"] == "16384"
    assert setup(QWEN).variables["QWEN_CODE_MAX_OUTPUT_TOKENS"] == "8192"
    assert "QWEN_CODE_MAX_OUTPUT_TOKENS" not in setup(ModelFacts(name="x")).variables
    assert "QWEN_CODE_MAX_OUTPUT_TOKENS" not in setup(LARGE, QWEN_CODE_MAX_OUTPUT_TOKENS="9").variables


def test_a_local_model_is_spared_what_comes_beside_the_conversation() -> None:
    assert told(setup(QWEN))["memory"] == {"enableManagedAutoMemory": False}
    assert setup(QWEN).variables["QWEN_DISABLE_AUTO_TITLE"] == "1"
    assert "memory" not in told(setup(LARGE))
    assert "QWEN_DISABLE_AUTO_TITLE" not in setup(LARGE).variables


def test_it_runs_without_a_proxy_because_it_would_take_it_for_the_router() -> None:
    found = setup(LARGE, HTTPS_PROXY="http://proxy:3128", no_proxy="intranet")
    assert found.variables["HTTPS_PROXY"] == ""
    assert told(found)["proxy"] == ""
    assert "proxy" in found.notes[0]
    assert "HTTP_PROXY" not in found.variables


def test_another_model_is_noticed_and_arguments_are_the_users() -> None:
    found = setup(LARGE, "-m", "x", "-p", "hi")
    assert found.arguments == ("-m", "x", "-p", "hi")
    assert "after '--'" in found.notes[0]


@pytest.mark.io
def test_settings_of_the_machine_are_taken_in(tmp_path: Path) -> None:
    machine = tmp_path / "settings.json"
    machine.write_text('{"tools": {"exclude": ["x"]}, "model": {"name": "y", "maxSessionTurns": 5}} // rules')
    settings = told(setup(LARGE, QWEN_CODE_SYSTEM_SETTINGS_PATH=str(machine)))
    assert settings["tools"] == {"exclude": ["x"]}
    assert settings["model"] == {"name": "lab/m", "maxSessionTurns": 5}


@pytest.mark.io
def test_settings_of_the_machine_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    machine = tmp_path / "settings.json"
    machine.write_text("{")
    assert str(machine) in setup(LARGE, QWEN_CODE_SYSTEM_SETTINGS_PATH=str(machine)).notes[0]
