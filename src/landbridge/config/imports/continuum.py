"""Continuum Router's `config.yaml`: backends, aliases of models, fallback chains.

Its documentation: docs.continuum.lablup.ai (configuration: server and backends, models, fallback, advanced).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .carried import OTHERWISE, Gathering, mapping, mappings, number, texts, whole, with_version

TYPES = {
    "openai": "openai_chat",
    "anthropic": "anthropic",
    "gemini": "gemini",
    "ollama": "openai_chat",
    "vllm": "openai_chat",
    "lmstudio": "openai_chat",
    "lm-studio": "openai_chat",
    "llamacpp": "openai_chat",
    "llama.cpp": "openai_chat",
    "generic": "openai_chat",
    "azure": "openai_chat",
    "continuum-router": "openai_chat",
}
"""A backend's type -> the dialect it is asked in."""
HOMES = {"openai": "openai", "anthropic": "anthropic", "gemini": "gemini"}
"""Types that need no URL -> their presets."""
_REFERENCE = re.compile(r"\$\{(\w+)(?::?-[^}]*)?\}")
BACKEND = frozenset({"name", "type", "url", "api_key", "org_id", "models", "weight", "timeout", "model_configs"})
TOP = frozenset(
    {
        *("server", "backends", "selection_strategy", "fallback", "model_metadata", "models", "aliases", "logging"),
        *("retry", "request", "circuit_breaker", "timeouts"),
    }
)
LATER = {
    "api_keys": "clients' keys are made with 'landbridge keys create', and only their hashes are kept",
    "rate_limiting": "limits belong to keys: 'landbridge keys create --rpm N'",
    "rate_limits": "limits belong to keys: 'landbridge keys create --rpm N'",
    "health_checks": "the health of models is seen from their answers: see [breaker]",
    "model_metadata_file": "import that file's aliases by hand; what models can do is known or asked",
    "global_prompts": "landbridge puts nothing into prompts",
    "cache": "lists of models are kept by themselves",
    "metrics": "figures are at /metrics: see [metrics]",
    "admin": "programs of this machine may ask /api/v1",
}


def looks(document: Mapping[str, Any]) -> bool:
    """Whether a document is of this format."""
    return isinstance(document.get("backends"), list) and not isinstance(document.get("model_list"), list)


def convert(document: Mapping[str, Any], into: Gathering) -> None:
    """Its backends, names and switches."""
    served: dict[str, list[tuple[str, float]]] = {}
    aliases: dict[str, str] = {}
    unknown: list[str] = []
    for index, backend in enumerate(mappings(document.get("backends"))):
        name = _backend(backend, f"backends[{index}]", into)
        models = texts(backend.get("models"))
        configs = mappings(backend.get("model_configs"))
        models += [str(each["id"]) for each in configs if each.get("id") and str(each["id"]) not in models]
        if not models:
            unknown.append(name)
        for model in models:
            served.setdefault(model, []).append((f"{name}/{model}", number(backend.get("weight")) or 1))
        aliases |= dict(_aliases(configs))
    for key in ("model_metadata", "models"):
        section = document.get(key)
        aliases |= dict(_aliases(mappings(section if isinstance(section, list) else mapping(section).get("models"))))
    aliases |= {str(name): str(model) for name, model in mapping(document.get("aliases")).items()}
    if len(unknown) > 1:
        into.note("backends", f"which models {', '.join(unknown)} share is not said here; see [routes]")
    chains = _chains(mapping(document.get("fallback")), into)
    _names(served, aliases, chains, str(document.get("selection_strategy", "RoundRobin")), into)
    _switches(document, into)


def _backend(backend: Mapping[str, Any], at: str, into: Gathering) -> str:
    kind, url = str(backend.get("type", "generic")).lower(), str(backend.get("url", ""))
    dialect = TYPES.get(kind, "openai_chat")
    if kind not in TYPES:
        into.note(f"{at}.type", f"'{kind}' is asked as OpenAI's API; check it")
    key = _REFERENCE.sub(r"${\1}", str(backend.get("api_key") or ""))
    if "generativelanguage" in url:
        settings = into.preset("gemini", key)
    elif not url and kind in HOMES:
        settings = into.preset(HOMES[kind], key)
    else:
        settings = into.at(with_version(url) if dialect == "openai_chat" else url, dialect, key)
    if organisation := backend.get("org_id"):
        settings["headers"] = {"openai-organization": _REFERENCE.sub(r"${\1}", str(organisation))}
    if seconds := _seconds(backend.get("timeout")):
        settings["idle_timeout"] = seconds
    into.rest(backend, BACKEND, at, "it is for all models alike: see [retries] and [breaker]")
    models = [*texts(backend.get("models")), *(str(each.get("id")) for each in mappings(backend.get("model_configs")))]
    return into.provider(str(backend.get("name") or kind), settings, models or None)


def _aliases(models: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for each in models:
        for alias in texts(each.get("aliases")):
            yield alias, str(each.get("id"))


def _chains(fallback: Mapping[str, Any], into: Gathering) -> dict[str, list[str]]:
    chains = {str(model): texts(others) for model, others in mapping(fallback.get("fallback_chains")).items()}
    if chains and fallback.get("enabled") is False:
        into.note("fallback.fallback_chains", "fallback is not enabled there")
        chains = {}
    if "fallback_policy" in fallback:
        into.note("fallback.fallback_policy", "when the next model is asked says [retries] and [breaker]")
    into.rest(fallback, {"enabled", "fallback_chains", "fallback_policy"}, "fallback")
    return chains


def _names(
    served: Mapping[str, list[tuple[str, float]]],
    aliases: Mapping[str, str],
    chains: Mapping[str, list[str]],
    strategy: str,
    into: Gathering,
) -> None:
    def targets(model: str) -> list[str]:
        return [label for label, _ in served.get(model, [])] or [model]

    for model, others in chains.items():
        later = [label for other in others for label in targets(aliases.get(other, other))]
        into.put([*dict.fromkeys([*targets(aliases.get(model, model)), *later])], "aliases", model)
    policy = "least_latency" if strategy == "LeastLatency" else "weight"
    for model, found in served.items():
        if len(found) < 2 or model in chains:
            continue
        weighted = strategy == "WeightedRoundRobin" and len({weight for _, weight in found}) > 1
        route: dict[str, Any] = {
            "targets": [{"model": label, "weight": whole(weight)} if weighted else label for label, weight in found],
            "policy": policy,
        }
        into.put({**route, "sticky": True} if strategy == "ConsistentHash" else route, "routes", model)
    for alias, model in aliases.items():
        if alias not in chains:
            into.put(
                model if model in chains or len(served.get(model, [])) > 1 else targets(model)[0], "aliases", alias
            )


def _switches(document: Mapping[str, Any], into: Gathering) -> None:
    _listener(mapping(document.get("server")), into)
    level = str(mapping(document.get("logging")).get("level", ""))
    if level := {"warn": "warning", "trace": "debug"}.get(level, level):
        into.put(level, "server", "log_level")
    into.rest(document.get("logging"), {"level"}, "logging")
    retry = mapping(document.get("retry")) or mapping(document.get("request"))
    tries = number(retry.get("max_attempts", retry.get("max_retries")))
    if tries is not None:
        into.put(min(int(tries), 10), "retries", "max")
    for name in ("retry", "request", "timeouts"):
        into.rest(
            document.get(name), {"max_attempts", "max_retries"}, name, "see [retries], and a provider's idle_timeout"
        )
    breaker = mapping(document.get("circuit_breaker"))
    if failures := number(breaker.get("failure_threshold")):
        into.put(int(failures), "breaker", "failures")
    if rest := _seconds(breaker.get("timeout", breaker.get("timeout_seconds"))):
        into.put(rest, "breaker", "rest")
    into.rest(breaker, {"failure_threshold", "timeout", "timeout_seconds", "enabled"}, "circuit_breaker")
    for key in document:
        if key not in TOP:
            into.note(key, LATER.get(key, OTHERWISE))


def _listener(server: Mapping[str, Any], into: Gathering) -> None:
    addresses = texts(server.get("bind_address"))
    for address in addresses[:1]:
        host, _, port = address.rpartition(":")
        if address.startswith("unix:") or not port.isdecimal():
            into.note("server.bind_address", "there are no unix sockets")
        else:
            into.put(host.strip("[]"), "listeners", "router", "host")
            if host.strip("[]") not in ("127.0.0.1", "::1", "localhost"):
                into.open_to_others("server.bind_address")
            into.put(int(port), "listeners", "router", "port")
    if len(addresses) > 1:
        into.note("server.bind_address", "only the first address; there is one listener for every API")
    into.rest(server, {"bind_address"}, "server", "nothing has to be set for that")


def _seconds(value: Any) -> float | None:
    """`30s`, `5m` or a number of seconds."""
    found = re.fullmatch(r"([0-9.]+)\s*(ms|s|m|h)?", str(value).strip())
    if found is None:
        return None
    return (number(found[1]) or 0) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[found[2] or "s"] or None
