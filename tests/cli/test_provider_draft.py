"""What flags make of a provider, where nobody can be asked."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest

from landbridge.cli.provider_draft import Wish, drafted
from landbridge.config import Config, ProviderSettings, Secret
from landbridge.errors import ConfigFault
from landbridge.manage.provider_draft import Draft

VARIABLES = ("OPENAI_API_KEY", "AWS_REGION", "AWS_DEFAULT_REGION", "AZURE_OPENAI_RESOURCE", "GOOGLE_CLOUD_PROJECT")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*VARIABLES, "GOOGLE_CLOUD_LOCATION", "CLOUD_ML_REGION", "ANTHROPIC_VERTEX_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)


def made(**wish: Any) -> Draft:
    return drafted(Wish(**wish), Config(providers={"taken": ProviderSettings(preset="groq")}))


def fault(**wish: Any) -> ConfigFault:
    with pytest.raises(ConfigFault) as caught:
        made(**wish)
    return caught.value


@pytest.mark.parametrize(
    ("wish", "name", "settings"),
    [
        ({"preset": "ollama"}, "ollama", {"preset": "ollama"}),
        ({"name": "ollama"}, "ollama", {"preset": "ollama"}),
        ({"name": "lab", "preset": "ollama"}, "lab", {"preset": "ollama"}),
        (
            {"name": "vllm", "base_url": "http://h/v1"},
            "vllm",
            {"preset": "vllm", "base_url": "http://h/v1"},
        ),
        (
            {"name": "lab", "base_url": "http://h/v1", "dialect": "anthropic", "models": ("a", "b")},
            "lab",
            {"dialect": "anthropic", "base_url": "http://h/v1", "models": ["a", "b"]},
        ),
        ({"preset": "openai", "api_key_env": "MINE"}, "openai", {"preset": "openai", "api_key": "${MINE}"}),
        (
            {"preset": "bedrock", "place": {"region": "eu-west-1"}},
            "bedrock",
            {"preset": "bedrock", "place": {"region": "eu-west-1"}},
        ),
        ({"preset": "vertex", "place": {"project": "p"}}, "vertex", {"preset": "vertex", "place": {"project": "p"}}),
        (
            {"preset": "azure", "base_url": "http://h/v1", "api_key_env": "K"},
            "azure",
            {"preset": "azure", "base_url": "http://h/v1", "api_key": "${K}"},
        ),
    ],
)
def test_flags_are_enough(wish: dict[str, Any], name: str, settings: dict[str, Any]) -> None:
    draft = made(**wish)
    assert (draft.name, draft.written, draft.key) == (name, settings, Secret())


def test_a_variable_that_is_set_is_enough_for_a_preset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    assert made(preset="openai").written == {"preset": "openai"}


def test_a_key_from_the_input_is_kept_and_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("sk-live-4711\n"))
    draft = made(preset="openai", api_key_stdin=True)
    assert draft.key.reveal() == "sk-live-4711"
    assert draft.written == {"preset": "openai", "api_key": "keyring:openai"}
    assert "4711" not in repr(draft)


@pytest.mark.parametrize(
    ("wish", "said", "remedy"),
    [
        ({}, "Which provider?", "--preset NAME"),
        ({"name": "lab"}, "Which provider?", "--preset NAME"),
        ({"name": "lab", "base_url": "http://h"}, "What does that address speak?", "openai_chat"),
        ({"name": "lab", "dialect": "gemini"}, "Where is it?", "--base-url URL"),
        ({"preset": "backendai"}, "Where is it?", "--base-url URL"),
        ({"dialect": "gemini", "base_url": "http://h"}, "needs a name", "providers add NAME"),
        ({"name": "taken", "preset": "groq"}, "a provider 'taken' already", "landbridge providers key taken"),
        ({"preset": "opnai"}, "no preset 'opnai'", "Did you mean 'openai'?"),
        ({"preset": "bedrock"}, "Which region?", "--region (for example us-east-1)"),
        ({"preset": "azure"}, "Which resource?", "--resource"),
        ({"preset": "vertex"}, "Which project?", "--project"),
        ({"preset": "openai"}, "openai needs a key, and OPENAI_API_KEY is not set", "--api-key-stdin"),
    ],
)
def test_what_is_missing_is_named_with_its_flag(wish: dict[str, Any], said: str, remedy: str) -> None:
    error = fault(**wish)
    assert said in error.message
    assert remedy in error.remedy


def test_an_empty_input_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    assert "No key came" in fault(preset="openai", api_key_stdin=True).message
