"""Which provider a deployment of LiteLLM is: its `model` begins with LiteLLM's name of the provider."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .carried import Gathering, with_version

PRESETS = {
    "openai": "openai",
    "text-completion-openai": "openai",
    "anthropic": "anthropic",
    "gemini": "gemini",
    "openrouter": "openrouter",
    "groq": "groq",
    "deepseek": "deepseek",
    "mistral": "mistral",
    "codestral": "mistral",
    "xai": "xai",
    "together_ai": "together",
    "fireworks_ai": "fireworks",
    "cerebras": "cerebras",
    "moonshot": "moonshot",
    "zai": "zai",
    "dashscope": "dashscope",
    "nvidia_nim": "nvidia",
    "huggingface": "huggingface",
    "github": "github",
    "ollama": "ollama",
    "ollama_chat": "ollama",
    "lm_studio": "lmstudio",
    "hosted_vllm": "vllm",
    "vllm": "vllm",
    "llamafile": "llamacpp",
}
"""LiteLLM's providers -> presets. Another address (`api_base`) may be given to each."""
COMPATIBLE = frozenset({"custom_openai", "openai_like", "litellm_proxy", "custom"})
"""Whatever speaks OpenAI's API, at `api_base`."""
OTHERS = {"perplexity": "https://api.perplexity.ai", "sambanova": "https://api.sambanova.ai/v1"}
"""Providers with OpenAI's API that have no preset."""
BARE = ((re.compile(r"gpt-|o[134](-|$)|chatgpt|text-embedding"), "openai"), (re.compile(r"claude-"), "anthropic"))
"""Names that LiteLLM knows without a provider before them."""
_AZURE = re.compile(r"https://([a-z0-9-]+)\.openai\.azure\.com", re.IGNORECASE)

Found = tuple[str, dict[str, Any], str]
"""The provider's name here, its settings, the model's name there."""


def provider_of(params: Mapping[str, Any], at: str, into: Gathering) -> Found:
    """The provider of a deployment; an empty name where landbridge has nothing like it."""
    kind, model = _split(params)
    key, url = str(params.get("api_key") or ""), str(params.get("api_base") or params.get("base_url") or "")
    if kind in ("azure", "azure_ai"):
        return _azure(kind, model, key, url, params, into)
    if kind in ("vertex_ai", "vertex_ai_beta"):
        return _vertex(model, params, at, into)
    if kind == "bedrock":
        return _bedrock(model, params, at, into)
    if url and (kind in COMPATIBLE or kind in PRESETS or not kind):
        preset = into.known.get(PRESETS.get(kind, ""))
        dialect = preset.dialect if preset is not None else "openai_chat"
        settings = into.at(with_version(url) if dialect == "openai_chat" else url, dialect, key)
        return PRESETS.get(kind, kind) or "openai-compatible", settings, model
    if kind in OTHERS:
        return kind, into.at(OTHERS[kind], "openai_chat", key), model
    if kind in PRESETS:
        return PRESETS[kind], into.preset(PRESETS[kind], key), model
    why = f"LiteLLM's provider '{kind}' has no counterpart" if kind else "its provider is not said"
    into.note(f"{at}.model", f"{why}; if it speaks OpenAI's API, give a provider its base_url")
    return "", {}, ""


def _split(params: Mapping[str, Any]) -> tuple[str, str]:
    whole, said = str(params.get("model", "")), str(params.get("custom_llm_provider") or "")
    kind, slash, model = whole.partition("/")
    known = kind in PRESETS or kind in COMPATIBLE or kind in OTHERS
    if said:
        return said, model if slash and kind == said else whole
    if slash and (known or not params.get("api_base") or kind.startswith(("azure", "vertex", "bedrock"))):
        return kind, model
    return next((preset for name, preset in BARE if name.match(whole)), ""), whole


def _azure(kind: str, model: str, key: str, url: str, params: Mapping[str, Any], into: Gathering) -> Found:
    found, version = _AZURE.match(url), str(params.get("api_version") or "")
    preset = "azure-deployments" if version else "azure"
    settings = into.preset(preset, key)
    if found:
        settings["place"] = {"resource": found[1]}
    elif url.startswith("${"):
        settings["base_url"] = f"{url}/openai/v1"
        settings["preset"] = "azure"
        version = ""
    elif url:
        settings["base_url"] = url
    if version:
        settings["query"] = {"api-version": version}
    return kind.replace("_", "-"), settings, model


def _vertex(model: str, params: Mapping[str, Any], at: str, into: Gathering) -> Found:
    preset = "vertex-anthropic" if model.startswith("claude") else "vertex"
    place = {"project": params.get("vertex_project"), "region": params.get("vertex_location")}
    if params.get("vertex_credentials"):
        into.note(f"{at}.vertex_credentials", "set GOOGLE_APPLICATION_CREDENTIALS where the router runs")
    settings = {"preset": preset, "place": {name: str(value) for name, value in place.items() if value}}
    return preset, settings, model


def _bedrock(model: str, params: Mapping[str, Any], at: str, into: Gathering) -> Found:
    for before in ("converse/", "invoke/", "converse_like/"):
        model = model.removeprefix(before)
    preset = "bedrock-anthropic" if "anthropic." in model else "bedrock"
    if params.get("aws_access_key_id"):
        into.note(f"{at}.aws_access_key_id", "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY where the router runs")
    settings: dict[str, Any] = {"preset": preset}
    if region := params.get("aws_region_name"):
        settings["place"] = {"region": str(region)}
    return preset, settings, model
