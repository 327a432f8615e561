"""Records in the words of OpenTelemetry's GenAI conventions, for metrics and traces alike. Pure."""

from __future__ import annotations

from ..gateway.journal import Record

LOCAL = "local"
"""The provider of this machine's models, in settings and figures."""
NONE = "none"
"""Where a request never got as far as a provider or a model."""

_OPERATIONS = {
    "openai_legacy": "text_completion",
    "gemini": "generate_content",
    "openai_embeddings": "embeddings",
    "gemini_embeddings": "embeddings",
}
_PROVIDERS = {
    "openai": "openai",
    "anthropic": "anthropic",
    "azure": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "vertex": "gcp.vertex_ai",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "groq": "groq",
    "deepseek": "deepseek",
    "xai": "x_ai",
}
"""Presets to the names that the conventions have; `azure-openai` is an `azure`."""


def operation(dialect: str) -> str:
    """`gen_ai.operation.name` of an exchange in this dialect."""
    return _OPERATIONS.get(dialect, "chat")


def provider_name(provider: str, preset: str) -> str:
    """`gen_ai.provider.name`: the conventions' word for a preset where there is one, else the provider's own name."""
    if provider == LOCAL:
        return "llama.cpp"
    return _PROVIDERS.get(preset.partition("-")[0], provider)


def place(record: Record) -> tuple[str, str]:
    """Provider and model that an exchange went to, as the settings and the provider call them."""
    if not record.target:
        return record.provider or NONE, NONE
    if record.provider == LOCAL:
        return LOCAL, record.target
    provider, slash, model = record.target.partition("/")
    if record.provider:
        return record.provider, record.target.removeprefix(f"{record.provider}/")
    return (provider, model) if slash else (LOCAL, record.target)
