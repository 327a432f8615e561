"""Addresses: what they leave open, whose paths they have, what is added to each."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.config import ProviderSettings
from landbridge.errors import ConfigFault
from landbridge.providers.table import Provider, models_url, resolve, url
from landbridge.wire.dialects import DIALECTS

ANTHROPIC, CHAT = DIALECTS["anthropic"].path, DIALECTS["openai_chat"].path


def provider(preset: str, env: dict[str, str] | None = None, **settings: Any) -> Provider:
    return resolve("work", ProviderSettings(preset=preset, **settings), env or {})


def fault(preset: str, env: dict[str, str] | None = None, **settings: Any) -> ConfigFault:
    with pytest.raises(ConfigFault) as caught:
        provider(preset, env, **settings)
    return caught.value


@pytest.mark.parametrize(
    ("place", "env", "host"),
    [
        ({"region": "eu-west-1"}, {"AWS_REGION": "us-east-2"}, "bedrock-runtime.eu-west-1.amazonaws.com"),
        ({}, {"AWS_DEFAULT_REGION": "us-east-2"}, "bedrock-runtime.us-east-2.amazonaws.com"),
        ({"region": "${HERE}"}, {"HERE": "ap-1"}, "bedrock-runtime.ap-1.amazonaws.com"),
    ],
)
def test_what_is_left_open_is_filled(place: dict[str, str], env: dict[str, str], host: str) -> None:
    assert provider("bedrock", env, place=place).base_url == f"https://{host}/openai/v1"


@pytest.mark.parametrize(
    ("region", "base_url"),
    [
        ("", "https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/google"),
        ("eu", "https://aiplatform.eu.rep.googleapis.com/v1/projects/p/locations/eu/publishers/google"),
        (
            "europe-west1",
            "https://europe-west1-aiplatform.googleapis.com/v1/projects/p/locations/europe-west1/publishers/google",
        ),
    ],
)
def test_regions_that_have_another_host(region: str, base_url: str) -> None:
    place = {"project": "p"} | ({"region": region} if region else {})
    assert provider("vertex", place=place).base_url == base_url


def test_who_does_not_say_where_is_told_what_is_missing() -> None:
    error = fault("bedrock")
    assert error.message == "Provider 'work': its address needs place.region, and nobody says it."
    assert error.remedy == (
        'Write place = { region = "us-east-1" }, or set AWS_REGION or AWS_DEFAULT_REGION where landbridge runs.'
    )
    assert "place.region, GONE, is not set" in fault("bedrock", place={"region": "${GONE}"}).message
    assert "base_url is missing" in fault("backendai").message


@pytest.mark.parametrize("evil", ["evil.example/x", "a b", "x@evil.example", "x?y", "x#y", "../x"])
def test_a_place_cannot_lead_elsewhere(evil: str) -> None:
    assert "no name that an address could hold" in fault("bedrock", place={"region": evil}).message


def test_a_slip_in_the_name_of_a_place_is_noticed() -> None:
    error = fault("vertex", place={"project": "p", "regoin": "eu"})
    assert error.message == "Provider 'work': its address has no place.regoin."
    assert error.remedy == "Did you mean 'region'?"
    assert "It has: region." in fault("openai", place={"zzz": "1"}).remedy
    assert provider("openai", place={"region": "eu"}).place == {"region": "eu"}


def test_places_fill_an_address_of_ones_own() -> None:
    found = provider("openai", base_url="https://{region}.llm.example/v1", place={"region": "eu"})
    assert found.base_url == "https://eu.llm.example/v1"


def test_deployments_of_azure() -> None:
    azure = provider("azure-deployments", {"AZURE_OPENAI_API_KEY": "k"}, place={"resource": "r"})
    assert url(azure, CHAT, "my gpt/5") == (
        "https://r.openai.azure.com/openai/deployments/my%20gpt%2F5/chat/completions?api-version=2024-10-21"
    )
    newer = provider("azure-deployments", place={"resource": "r"}, query={"api-version": "2026-01-01", "a": "b c"})
    assert url(newer, CHAT, "m").endswith("/m/chat/completions?api-version=2026-01-01&a=b+c")


def test_claude_on_vertex() -> None:
    vertex = provider("vertex-anthropic", place={"project": "p"})
    base = "https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/anthropic"
    model = "claude-sonnet-4-5@20250929"
    assert url(vertex, ANTHROPIC, model) == f"{base}/models/{model}:rawPredict"
    assert url(vertex, ANTHROPIC, model, stream=True) == f"{base}/models/{model}:streamRawPredict"
    assert url(vertex, "/v1/messages/count_tokens", model) == f"{base}/models/count-tokens:rawPredict"


def test_a_query_follows_the_one_there_is() -> None:
    found = provider("gemini", query={"x": "1"})
    assert url(found, "/models/m:streamGenerateContent?alt=sse").endswith(":streamGenerateContent?alt=sse&x=1")
    assert models_url(found).endswith("/models?pageSize=1000&x=1")


def test_lists_that_are_elsewhere() -> None:
    assert models_url(provider("github")) == "https://models.github.ai/catalog/models"
    assert models_url(provider("github", base_url="http://127.0.0.1:1/v1")) == "http://127.0.0.1:1/v1/models"


def test_another_dialect_has_other_paths() -> None:
    found = provider(
        "vertex-anthropic", dialect="openai_chat", base_url="http://127.0.0.1:1/v1", place={"project": "p"}
    )
    assert url(found, CHAT, "m") == "http://127.0.0.1:1/v1/chat/completions"
