"""Which provider a deployment of LiteLLM is."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.cli.import_settings import presets
from landbridge.config.imports.carried import Gathering
from landbridge.config.imports.litellm_deployments import COMPATIBLE, OTHERS, PRESETS, provider_of

OPENAI_AT = {"dialect": "openai_chat", "base_url": "http://box:8000/v1"}


def found(model: str, **params: Any) -> tuple[str, dict[str, Any], str]:
    return provider_of({"model": model, **params}, "at", Gathering(presets(), {}))


@pytest.mark.parametrize(
    ("params", "name", "settings", "model"),
    [
        ({"model": "openai/gpt-5"}, "openai", {"preset": "openai"}, "gpt-5"),
        ({"model": "gpt-4o"}, "openai", {"preset": "openai"}, "gpt-4o"),
        ({"model": "claude-sonnet-4-5"}, "anthropic", {"preset": "anthropic"}, "claude-sonnet-4-5"),
        ({"model": "openrouter/a/b:free"}, "openrouter", {"preset": "openrouter"}, "a/b:free"),
        ({"model": "together_ai/a/b"}, "together", {"preset": "together"}, "a/b"),
        ({"model": "x/y", "custom_llm_provider": "groq"}, "groq", {"preset": "groq"}, "x/y"),
        (
            {"model": "openai/a/b", "api_base": "http://box:8000", "api_key": "${K}"},
            "openai",
            {**OPENAI_AT, "api_key": "${K}"},
            "a/b",
        ),
        (
            {"model": "meta/llama", "api_base": "http://box:8000/v1"},
            "openai-compatible",
            {**OPENAI_AT, "api_key": "", "auth": "none"},
            "meta/llama",
        ),
        ({"model": "perplexity/sonar", "api_key": "${P}"}, "perplexity", None, "sonar"),
        (
            {"model": "azure/d", "api_base": "https://r.openai.azure.com"},
            "azure",
            {"preset": "azure", "place": {"resource": "r"}},
            "d",
        ),
        (
            {"model": "azure/d", "api_base": "https://r.openai.azure.com", "api_version": "2024-10-21"},
            "azure",
            {"preset": "azure-deployments", "place": {"resource": "r"}, "query": {"api-version": "2024-10-21"}},
            "d",
        ),
        ({"model": "vertex_ai/claude-x"}, "vertex-anthropic", {"preset": "vertex-anthropic", "place": {}}, "claude-x"),
        (
            {"model": "vertex_ai/gemini-x", "vertex_location": "global"},
            "vertex",
            {"preset": "vertex", "place": {"region": "global"}},
            "gemini-x",
        ),
        (
            {"model": "bedrock/converse/eu.anthropic.c", "aws_region_name": "eu-west-1"},
            "bedrock-anthropic",
            {"preset": "bedrock-anthropic", "place": {"region": "eu-west-1"}},
            "eu.anthropic.c",
        ),
        ({"model": "bedrock/openai.gpt-oss"}, "bedrock", {"preset": "bedrock"}, "openai.gpt-oss"),
        ({"model": "watsonx/x"}, "", {}, ""),
        ({}, "", {}, ""),
    ],
)
def test_the_provider_of_a_deployment(
    params: dict[str, Any], name: str, settings: dict[str, Any] | None, model: str
) -> None:
    at = provider_of(params, "at", Gathering(presets(), {}))
    assert (at[0], at[2]) == (name, model)
    if settings is not None:
        assert at[1] == settings


def test_what_is_named_is_there() -> None:
    assert set(PRESETS.values()) <= set(presets())
    assert not COMPATIBLE & PRESETS.keys() and not OTHERS.keys() & PRESETS.keys()


def test_what_has_no_counterpart_says_the_way_out() -> None:
    into = Gathering(presets(), {})
    provider_of({"model": "watsonx/x"}, "model_list[3]", into)
    assert into.notes[0].key == "model_list[3].model" and "base_url" in into.notes[0].why
    assert found("vertex_ai/gemini", vertex_credentials="/k.json")[0] == "vertex"
