"""LiteLLM's `config.yaml`: model groups and their deployments, fallbacks, prices.

Its documentation: docs.litellm.ai (proxy: config.yaml, config settings, load balancing, reliability).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .carried import OTHERWISE, Gathering, mapping, mappings, number, texts, whole
from .litellm_deployments import provider_of

_REFERENCE = re.compile(r"^os\.environ/(\w+)$")
PARAMS = frozenset(
    {
        *("model", "api_key", "api_base", "base_url", "api_version", "organization", "extra_headers", "headers"),
        *("timeout", "stream_timeout", "custom_llm_provider", "vertex_project", "vertex_location", "weight"),
        *("vertex_credentials", "aws_region_name", "aws_access_key_id", "aws_secret_access_key", "aws_session_token"),
        *("input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost"),
    }
)
LATER = {
    "rpm": "limits belong to keys: 'landbridge keys create --rpm N'",
    "tpm": "limits belong to keys: 'landbridge keys create --rpm N'",
    "max_parallel_requests": "there is no limit of a provider's requests at once",
    "num_retries": "it is for all models alike: see [retries]",
    "max_retries": "it is for all models alike: see [retries]",
    "fallbacks": "write a list under [aliases]",
    "master_key": "clients' keys are made with 'landbridge keys create', and only their hashes are kept",
    "database_url": "the ledger is a file here, or where [store] says",
    "success_callback": "see [metrics], [telemetry] and 'landbridge logs'",
    "failure_callback": "see [metrics], [telemetry] and 'landbridge logs'",
    "callbacks": "see [metrics], [telemetry] and 'landbridge logs'",
    "cache": "answers are never kept to be given again",
    "cache_params": "answers are never kept to be given again",
    "max_budget": "budgets belong to keys: 'landbridge keys create --budget N'",
    "budget_duration": "budgets belong to keys: 'landbridge keys create --budget N'",
    "redis_host": "routers count together by [access] limits_url",
    "redis_port": "routers count together by [access] limits_url",
    "redis_password": "routers count together by [access] limits_url",
    "content_policy_fallbacks": "a refusal is an answer, and nobody else is asked",
    "timeout": "a provider's own: idle_timeout",
    "request_timeout": "a provider's own: idle_timeout",
    "stream_timeout": "a provider's own: first_byte_timeout",
    "temperature": "clients say how models sample; nothing is put into requests",
    "max_tokens": "clients say how long answers are; nothing is put into requests",
    "environment_variables": "set them where the router runs",
}
POLICIES = {"simple-shuffle": "weight", "latency-based-routing": "least_latency", "least-busy": "least_latency"}
SILENT = frozenset({"drop_params", "telemetry", "set_verbose", "modify_params", "json_logs", "enable_pre_call_checks"})
"""What landbridge does anyway, or what changes nothing for users."""
TOP = frozenset({"model_list", "router_settings", "litellm_settings", "general_settings", "environment_variables"})
ROUTING = frozenset(
    {
        *("routing_strategy", "num_retries", "fallbacks", "context_window_fallbacks", "default_fallbacks"),
        *("model_group_alias", "allowed_fails", "cooldown_time"),
    }
)


def looks(document: Mapping[str, Any]) -> bool:
    """Whether a document is of this format."""
    return isinstance(document.get("model_list"), list)


def convert(document: Mapping[str, Any], into: Gathering) -> None:
    """Its model groups, what follows where one fails, and switches."""
    document = _referred(document)
    groups: dict[str, list[tuple[str, float]]] = {}
    for index, model in enumerate(mappings(document.get("model_list"))):
        at = f"model_list[{index}]"
        name, params = str(model.get("model_name", "")), mapping(model.get("litellm_params"))
        label = _deployment(params, f"{at}.litellm_params", into)
        _price(label, {**mapping(model.get("model_info")), **params}, into)
        if label and label != name:
            if label.endswith("/*"):
                into.note(f"{at}.model_name", f"its models are asked for as {label}, or bare where only one has them")
            else:
                weight = next((found for key in ("weight", "rpm", "tpm") if (found := number(params.get(key)))), 1.0)
                groups.setdefault(name, []).append((label, weight))
        into.rest(model, {"model_name", "litellm_params", "model_info"}, at)
    settings = {**mapping(document.get("litellm_settings")), **mapping(document.get("router_settings"))}
    _routes(groups, settings, into)
    _switches(document, settings, into)


def _referred(value: Any) -> Any:
    """`os.environ/NAME` as `${NAME}`, everywhere."""
    if isinstance(value, str):
        return _REFERENCE.sub(r"${\1}", value)
    if isinstance(value, Mapping):
        return {str(key): _referred(inner) for key, inner in value.items()}
    return [_referred(inner) for inner in value] if isinstance(value, list) else value


def _deployment(params: Mapping[str, Any], at: str, into: Gathering) -> str:
    """`provider/model` of a deployment; empty where landbridge has nothing like it."""
    name, settings, model = provider_of(params, at, into)
    for key in params:
        if key not in PARAMS and key not in SILENT:
            into.note(f"{at}.{key}", LATER.get(key, OTHERWISE))
    for key in ("rpm", "tpm"):
        if key in params and f"{at}.{key}" not in {each.key for each in into.notes}:
            into.note(f"{at}.{key}", LATER[key])
    if name and not model:
        into.note(f"{at}.model", "it names no model")
    if not name or not model:
        return ""
    for key, ours in (("timeout", "idle_timeout"), ("stream_timeout", "first_byte_timeout")):
        if seconds := number(params.get(key)):
            settings[ours] = seconds
    headers = {**mapping(params.get("headers")), **mapping(params.get("extra_headers"))}
    if organisation := params.get("organization"):
        headers["openai-organization"] = organisation
    settings["headers"] = {str(header): str(text) for header, text in headers.items()}
    named = into.provider(name, settings, None if model == "*" else [model])
    return f"{named}/{model}"


def _price(label: str, about: Mapping[str, Any], into: Gathering) -> None:
    prices = {
        ours: price * 1_000_000
        for ours, key in (
            ("input", "input_cost_per_token"),
            ("output", "output_cost_per_token"),
            ("cache_read", "cache_read_input_token_cost"),
        )
        if (price := number(about.get(key))) is not None
    }
    if label and {"input", "output"} <= prices.keys():
        into.put({key: round(price, 6) for key, price in prices.items()}, "prices", label)


def _routes(groups: Mapping[str, list[tuple[str, float]]], settings: Mapping[str, Any], into: Gathering) -> None:
    strategy = str(settings.get("routing_strategy", "simple-shuffle"))
    if strategy not in POLICIES:
        into.note("router_settings.routing_strategy", f"'{strategy}' is no policy of [routes]; taken as 'weight'")
    after, larger = _pairs(settings.get("fallbacks")), _pairs(settings.get("context_window_fallbacks"))

    def labels(name: str) -> list[str]:
        return [label for label, _ in groups.get(name, [])] or [name]

    for name, found in groups.items():
        later = [label for other in (*after.get(name, []), *larger.get(name, [])) for label in labels(other)]
        chain = [*dict.fromkeys([*labels(name), *later])]
        if name in larger:
            into.put({"targets": chain, "too_long": "next"}, "routes", name)
        elif later or len(chain) == 1:
            into.put(chain if later else chain[0], "aliases", name)
        else:
            weighted = len({weight for _, weight in found}) > 1
            targets = [{"model": label, "weight": whole(weight)} if weighted else label for label, weight in found]
            into.put({"targets": targets, "policy": POLICIES.get(strategy, "weight")}, "routes", name)
        if later and len(found) > 1:
            into.note(f"fallbacks of '{name}'", "its deployments are asked in their order, and not by weight")
    for name in [each for each in {**after, **larger} if each not in groups]:
        into.note(f"fallbacks of '{name}'", "the file has no model of that name")
    for name, target in mapping(settings.get("model_group_alias")).items():
        into.put(str(mapping(target).get("model", target)), "aliases", str(name))


def _pairs(value: Any) -> dict[str, list[str]]:
    """`[{"a": ["b", "c"]}]` as one mapping."""
    return {str(name): texts(others) for each in mappings(value) for name, others in each.items()}


def _switches(document: Mapping[str, Any], settings: Mapping[str, Any], into: Gathering) -> None:
    if (tries := number(settings.get("num_retries"))) is not None:
        into.put(min(int(tries), 10), "retries", "max")
    if fails := number(settings.get("allowed_fails")):
        into.put(int(fails), "breaker", "failures")
    if seconds := number(settings.get("cooldown_time")):
        into.put(seconds, "breaker", "rest")
    if texts(settings.get("default_fallbacks")):
        into.note("default_fallbacks", "write the models behind each other, in a list under [aliases]")
    if mapping(document.get("litellm_settings")).get("set_verbose") is True:
        into.put("debug", "server", "log_level")
    for section in ("litellm_settings", "router_settings", "general_settings"):
        for key in mapping(document.get(section)):
            if key not in ROUTING and key not in SILENT:
                into.note(f"{section}.{key}", LATER.get(key, OTHERWISE))
    if variables := mapping(document.get("environment_variables")):
        into.note("environment_variables", f"set them where the router runs: {', '.join(variables)}")
    into.rest(document, TOP)
