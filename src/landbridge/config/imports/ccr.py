"""claude-code-router's `config.json`: providers, and which model is for what.

Its documentation: the README of musistudio/claude-code-router (Providers, Router, transformers, fallback). Newer
versions keep the same providers, with more keys, in a database, and have rules of another kind for routes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .carried import Gathering, base_url, mapping, mappings, number, texts

_VARIABLE = re.compile(r"^\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?$")
LEVELS = {"fatal": "error", "error": "error", "warn": "warning", "info": "info", "debug": "debug", "trace": "debug"}
BY_ITSELF = frozenset(
    {
        *("anthropic", "openai", "openrouter", "deepseek", "gemini", "groq", "cerebras", "vercel", "openai-responses"),
        *("tooluse", "enhancetool", "cleancache", "reasoning", "forcereasoning", "streamoptions", "extrathinktag"),
    }
)
"""Transformers whose work is done without being asked for: by dialects, presets, quirks and repair."""
SPOKEN = {
    "openai_chat_completions": "openai_chat",
    "openai_responses": "openai_responses",
    "anthropic_messages": "anthropic",
    "gemini_generate_content": "gemini",
}
"""What newer versions call the dialects."""
PROVIDER = frozenset(
    {
        *("name", "api_base_url", "baseUrl", "baseurl", "api_key", "apiKey", "apikey", "models", "transformer", "type"),
        *("enabled", "extraHeaders", "id", "icon", "provider", "protocolDetectionMode"),
    }
)
ROUTER = frozenset({"default", "background", "think", "longContext", "longContextThreshold", "webSearch", "image"})
TOP = frozenset(
    {
        *("Providers", "providers", "Router", "APIKEY", "HOST", "PORT", "PROXY_URL", "API_TIMEOUT_MS", "LOG"),
        *("LOG_LEVEL", "transformers", "Transformers", "CUSTOM_ROUTER_PATH", "fallback", "NON_INTERACTIVE_MODE"),
        *("CLAUDE_PATH", "StatusLine"),
    }
)


def looks(document: Mapping[str, Any]) -> bool:
    """Whether a document is of this format."""
    return isinstance(document.get("Providers"), list) or (
        isinstance(document.get("providers"), list) and isinstance(document.get("Router"), Mapping)
    )


def convert(document: Mapping[str, Any], into: Gathering) -> None:
    """Its providers, routes and switches."""
    names: dict[str, str] = {}
    timeout = number(document.get("API_TIMEOUT_MS"))
    field = "Providers" if "Providers" in document else "providers"
    for index, provider in enumerate(mappings(document.get(field))):
        if provider.get("enabled") is False:
            into.note(f"{field}[{index}]", "it is not enabled there")
            continue
        names[str(provider.get("name", ""))] = _provider(provider, f"{field}[{index}]", timeout, into)
    _router(mapping(document.get("Router")), mapping(document.get("fallback")), names, into)
    _switches(document, into)


def _provider(provider: Mapping[str, Any], at: str, timeout: float | None, into: Gathering) -> str:
    url, key = (
        _first(provider, "api_base_url", "baseUrl", "baseurl"),
        _key(_first(provider, "api_key", "apiKey", "apikey")),
    )
    spoken = SPOKEN.get(str(provider.get("type", "")), "")
    used = _transformers(mapping(provider.get("transformer")), f"{at}.transformer", into)
    if spoken:
        at_home = base_url(url).removesuffix("/v1") if spoken == "anthropic" else url
        settings = into.at(at_home, spoken, key)
    elif "messages" in url.rsplit("/", 1)[-1] or used & {"anthropic", "Anthropic"}:
        settings = into.at(base_url(url).removesuffix("/v1"), "anthropic", key)
    elif used & {"gemini"} or "generativelanguage" in url:
        settings = into.at(url, "gemini", key)
    elif used & {"openai-responses"}:
        settings = into.at(url, "openai_responses", key)
    else:
        settings = into.at(url, "openai_chat", key)
    if timeout:
        settings["idle_timeout"] = timeout / 1000
    settings["headers"] = {str(header): str(text) for header, text in mapping(provider.get("extraHeaders")).items()}
    into.rest(provider, PROVIDER, at)
    return into.provider(str(provider.get("name", "")), settings, texts(provider.get("models")) or None)


def _first(section: Mapping[str, Any], *keys: str) -> str:
    return next((str(section[key]) for key in keys if section.get(key)), "")


def _key(text: str) -> str:
    found = _VARIABLE.match(text)
    return f"${{{found[1]}}}" if found else text


def _transformers(section: Mapping[str, Any], at: str, into: Gathering) -> set[str]:
    """The names of those used for all of a provider's models."""
    used: set[str] = set()
    for key, value in section.items():
        chosen = value if key == "use" else mapping(value).get("use", [])
        for each in chosen if isinstance(chosen, list) else []:
            name = str(each[0]) if isinstance(each, list) and each else str(each)
            if key == "use":
                used.add(name)
            if name == "maxtoken":
                into.note(
                    f"{at}.{key} {name}", "landbridge lowers a client's max_tokens to what it knows a model takes"
                )
            elif name.lower() not in BY_ITSELF:
                into.note(
                    f"{at}.{key} {name}", "there are no transformers; see `quirks` for what a provider does otherwise"
                )
    return used


def _router(router: Mapping[str, Any], fallback: Mapping[str, Any], names: Mapping[str, str], into: Gathering) -> None:
    def target(value: Any, at: str) -> str:
        provider, _, model = str(value).partition(",")
        if provider not in names or not model:
            into.note(at, f"'{value}' names no provider and model of this file")
            return ""
        return f"{names[provider]}/{model.strip()}"

    chosen = {
        key: target(value, f"Router.{key}") for key, value in router.items() if key in ROUTER and "," in str(value)
    }
    chains = {
        key: [found for value in texts(values) if (found := target(value, f"fallback.{key}"))]
        for key, values in fallback.items()
    }
    default, long = chosen.get("default", ""), chosen.get("longContext", "")
    if default and (long or chains.get("default")):
        later = [each for each in [*chains.get("default", []), long] if each and each != default]
        into.put({"targets": [default, *dict.fromkeys(later)]}, "routes", "default")
        if long:
            into.put("next", "routes", "default", "too_long")
            into.note(
                "Router.longContextThreshold", "the larger model is asked when the window of the first is too small"
            )
        into.put("default", "default_model")
    elif default:
        into.put(default, "default_model")
    if background := chosen.get("background"):
        later = chains.get("background", [])
        into.put([background, *later] if later else background, "tiers", "haiku")
    if image := chosen.get("image"):
        into.put(image, "media", "captions")
    if "think" in chosen:
        into.note("Router.think", f"models are chosen by name only; '{chosen['think']}' is there to be asked for")
    if "webSearch" in chosen:
        into.note("Router.webSearch", "landbridge searches itself for models that cannot: see [search]")
    into.rest(router, ROUTER, "Router")
    into.rest(fallback, {"default", "background"}, "fallback", "only the default and the background have one")


def _switches(document: Mapping[str, Any], into: Gathering) -> None:
    if (host := document.get("HOST")) and host not in ("127.0.0.1", "localhost"):
        into.put(str(host), "listeners", "router", "host")
        into.open_to_others("HOST")
    if (port := number(document.get("PORT"))) is not None:
        into.put(int(port), "listeners", "router", "port")
    if document.get("APIKEY"):
        into.note("APIKEY", "clients' keys are made with 'landbridge keys create', and only their hashes are kept")
    if document.get("PROXY_URL"):
        into.note("PROXY_URL", "set HTTPS_PROXY where the router runs")
    if level := LEVELS.get(str(document.get("LOG_LEVEL", "")).lower()):
        into.put(level, "server", "log_level")
    for key in ("transformers", "Transformers"):
        if document.get(key):
            into.note(key, "there are no transformers; see `quirks` for what a provider does otherwise")
    if document.get("CUSTOM_ROUTER_PATH"):
        into.note("CUSTOM_ROUTER_PATH", "programs cannot choose the model; see [aliases] and [routes]")
    if document.get("NON_INTERACTIVE_MODE"):
        into.note("NON_INTERACTIVE_MODE", "nothing has to be set for that")
    into.rest(document, TOP)
