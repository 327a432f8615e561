"""Records in the conventions' words."""

from __future__ import annotations

import pytest

from landbridge.gateway.journal import Record
from landbridge.providers.table import presets
from landbridge.server.genai import operation, place, provider_name


def record(target: str = "", provider: str = "") -> Record:
    return Record("req_1", "anthropic", "asked", target=target, provider=provider)


@pytest.mark.parametrize(
    ("target", "provider", "found"),
    [
        ("lab/m", "lab", ("lab", "m")),
        ("lab/org/m", "lab", ("lab", "org/m")),
        ("lab/org/m", "", ("lab", "org/m")),
        ("smollm2", "local", ("local", "smollm2")),
        ("org/local", "local", ("local", "org/local")),
        ("smollm2", "", ("local", "smollm2")),
        ("", "", ("none", "none")),
        ("", "lab", ("lab", "none")),
    ],
)
def test_where_an_exchange_went(target: str, provider: str, found: tuple[str, str]) -> None:
    assert place(record(target, provider)) == found


def test_operations() -> None:
    assert operation("anthropic") == operation("openai_responses") == "chat"
    assert operation("openai_legacy") == "text_completion"
    assert operation("gemini_embeddings") == "embeddings"


def test_providers_have_the_conventions_names_where_there_are_some() -> None:
    assert provider_name("work", "xai") == "x_ai"
    assert provider_name("work", "openai-responses") == "openai"
    assert provider_name("work", "azure-openai") == "azure.ai.openai"
    assert provider_name("lab", "") == "lab"
    assert provider_name("lab", "together") == "lab"
    assert provider_name("local", "") == "llama.cpp"


def test_the_names_are_those_of_the_conventions() -> None:
    known = pytest.importorskip("opentelemetry.semconv._incubating.attributes.gen_ai_attributes")
    words = {each.value for each in known.GenAiProviderNameValues}
    assert {operation(each) for each in ("anthropic", "openai_legacy", "gemini", "openai_embeddings")} <= {
        each.value for each in known.GenAiOperationNameValues
    }
    named = {preset: provider_name("own", preset) for preset in presets()}
    assert {name for name in named.values() if name != "own"} <= words
    assert named["gemini"] == "gcp.gemini"
