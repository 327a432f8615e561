"""What Gemini CLI is told: by variables, and by a home folder of the session that holds what the user's holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from landbridge.agents import gemini_cli
from landbridge.agents.facts import ModelFacts
from landbridge.agents.session import Session, Setup

ROUTER = "http://127.0.0.1:38080"
LARGE = ModelFacts(name="lab/m", window=131_072, max_output=16_384)
QWEN = ModelFacts(name="qwen", window=65_536, local=True)


def setup(facts: ModelFacts, *args: str, project: str = "/nonexistent", **env: str) -> Setup:
    env = {"HOME": "/nonexistent", **env}
    session = Session(facts=facts, router=ROUTER, env=env, args=args, folder="/session", project=project)
    return gemini_cli.setup(session)


def told(found: Setup) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(found.files[".gemini/settings.json"])
    return settings


def test_variables_point_to_the_router_and_to_the_home_of_the_session() -> None:
    variables = setup(LARGE, GEMINI_API_KEY="real").variables
    assert variables["GOOGLE_GEMINI_BASE_URL"] == f"{ROUTER}/gemini"
    assert variables["GEMINI_API_KEY"] == "landbridge"
    assert variables["GEMINI_MODEL"] == "lab/m"
    assert variables["GEMINI_CLI_HOME"] == "/session"


def test_keys_and_clouds_of_googles_are_masked() -> None:
    variables = setup(LARGE, GOOGLE_API_KEY="real", GOOGLE_GENAI_USE_VERTEXAI="true").variables
    for name in ("GOOGLE_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_USE_GCA"):
        assert variables[name] == ""


def test_p68_compression_begins_by_the_real_window() -> None:
    threshold = told(setup(LARGE))["model"]["compressionThreshold"]
    assert threshold * 1_048_576 == pytest.approx(0.7 * 131_072)
    assert setup(LARGE).notes == ()
    unknown = setup(ModelFacts(name="x"))
    assert "compressionThreshold" not in told(unknown)["model"]
    assert "1,048,576" in unknown.notes[0]


def test_requests_beside_the_conversation_use_the_same_model() -> None:
    overrides = told(setup(QWEN))["modelConfigs"]["customOverrides"]
    inner = {each["match"]["model"]: each["modelConfig"].get("model") for each in overrides}
    assert inner["chat-compression-default"] == inner["classifier"] == inner["gemini-3-flash-base"] == "qwen"
    assert inner["chat-base"] is None, "the user may choose another for the conversation"


@pytest.mark.parametrize(("facts", "limit"), [(LARGE, 16_384), (QWEN, 8192), (ModelFacts(name="x"), None)])
def test_answers_are_as_long_as_the_model_makes_them(facts: ModelFacts, limit: int | None) -> None:
    overrides = told(setup(facts))["modelConfigs"]["customOverrides"]
    found = [each["modelConfig"].get("generateContentConfig") for each in overrides]
    assert [each["maxOutputTokens"] for each in found if each] == ([limit] if limit else [])


def test_another_model_is_noticed_and_arguments_are_the_users() -> None:
    found = setup(LARGE, "-m", "x", "-p", "hi")
    assert found.arguments == ("-m", "x", "-p", "hi")
    assert "after '--'" in found.notes[0]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A user's folder, with a login at Google."""
    folder = tmp_path / ".gemini"
    (folder / "commands").mkdir(parents=True)
    (folder / "oauth_creds.json").write_text("{}")
    settings = {
        "security": {"auth": {"selectedType": "oauth-personal"}, "folderTrust": {"enabled": True}},
        "mcpServers": {"x": {"command": "x"}},
        "modelConfigs": {"customOverrides": [{"match": {"model": "mine"}, "modelConfig": {}}], "customAliases": {}},
    }
    (folder / "settings.json").write_text(f"// mine\n{json.dumps(settings)}")
    return folder


@pytest.mark.io
def test_the_users_settings_are_kept_and_the_login_is_ours(own: Path) -> None:
    settings = told(setup(LARGE, HOME=str(own.parent)))
    assert settings["security"] == {"auth": {"selectedType": "gemini-api-key"}, "folderTrust": {"enabled": True}}
    assert settings["mcpServers"] == {"x": {"command": "x"}}
    assert settings["modelConfigs"]["customAliases"] == {}
    assert settings["modelConfigs"]["customOverrides"][0]["match"] == {"model": "mine"}


@pytest.mark.io
def test_all_else_is_linked_and_records_stay_with_the_user(own: Path) -> None:
    found = setup(LARGE, HOME=str(own.parent))
    assert found.links == {
        f".gemini/{name}": str(own / name) for name in ("GEMINI.md", "commands", "history", "oauth_creds.json", "tmp")
    }
    assert found.records == (str(own / "history"), str(own / "tmp"))
    assert found.variables["GEMINI_CLI_TRUSTED_FOLDERS_PATH"] == str(own / "trustedFolders.json")


@pytest.mark.io
def test_a_home_the_user_has_chosen_is_the_users(own: Path) -> None:
    found = setup(LARGE, HOME="/nonexistent", GEMINI_CLI_HOME=str(own.parent))
    assert ".gemini/commands" in found.links


@pytest.mark.io
def test_settings_that_cannot_be_read_are_said(own: Path) -> None:
    (own / "settings.json").write_text("{")
    found = setup(LARGE, HOME=str(own.parent))
    assert str(own / "settings.json") in found.notes[0]
    assert told(found)["security"]["auth"]["selectedType"] == "gemini-api-key"


@pytest.mark.io
@pytest.mark.parametrize(("login", "said"), [("oauth-personal", 1), ("gemini-api-key", 0), (None, 0)])
def test_a_login_of_the_project_that_would_win_is_said(login: str | None, said: int, tmp_path: Path) -> None:
    (tmp_path / ".gemini").mkdir()
    auth = {"selectedType": login} if login else {}
    (tmp_path / ".gemini/settings.json").write_text(json.dumps({"security": {"auth": auth}}))
    notes = setup(LARGE, project=str(tmp_path)).notes
    assert len(notes) == said
    assert all("outranks" in note for note in notes)
