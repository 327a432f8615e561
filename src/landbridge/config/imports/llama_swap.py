"""llama-swap's `config.yaml`: models with the command that serves each, aliases, peers.

Its documentation: docs/configuration.md and config.example.yaml of mostlygeek/llama-swap. A `llama-server` becomes a
model of landbridge's own engine; anything else stays a server of its own, with its command.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from .carried import OTHERWISE, Gathering, mapping, number, texts, with_version
from .llama_server import engine_settings, is_llama_server

_MACRO = re.compile(r"\$\{([A-Za-z0-9_.-]+)\}")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
DEPTH = 8
"""Macros within macros that are put in; more is a circle."""
GUESS = 8 * 1024**3
"""Bytes a server of its own is thought to take; landbridge has to be told."""
HEALTHY = "/health"
LEVELS = {"debug": "debug", "info": "info", "warn": "warning", "error": "error"}
MODEL = frozenset({"cmd", "macros", "aliases", "ttl", "checkEndpoint", "proxy", "useModelName", "env"})
TOP = frozenset(
    {
        "models",
        "macros",
        "healthCheckTimeout",
        "logLevel",
        "startPort",
        "globalTTL",
        "groups",
        "peers",
        "hooks",
        "apiKeys",
    }
)
LATER = {
    "cmdStop": "a server is ended with its process and all that it started",
    "unlisted": "every model is listed",
    "name": "models are listed by their names",
    "description": "models are listed by their names",
    "metadata": "models are listed with what is known of them",
    "filters": "nothing is put into requests or taken out",
    "concurrencyLimit": "see `slots` of the model, and [engine] max_queue",
    "sendLoadingState": "see `show_progress`",
    "timeouts": "local servers have no time limit but [engine] start_timeout",
    "matrix": "which models are in memory together follows from what fits; see `pin`",
    "metricsMaxInMemory": "see [store] and [metrics]",
    "captureBuffer": "see [store]",
}


def looks(document: Mapping[str, Any]) -> bool:
    """Whether a document is of this format."""
    models = document.get("models")
    if not isinstance(models, Mapping):
        return isinstance(document.get("peers"), Mapping) and "backends" not in document
    return any("cmd" in mapping(model) for model in models.values())


def convert(document: Mapping[str, Any], into: Gathering) -> None:
    """Its models, peers and switches."""
    macros = _macros(mapping(document.get("macros")), {})
    usual = number(document.get("globalTTL"))
    for name, model in mapping(document.get("models")).items():
        _model(str(name), mapping(model), macros, usual, into)
    for name, peer in mapping(document.get("peers")).items():
        _peer(str(name), mapping(peer), macros, into)
    for name, group in mapping(document.get("groups")).items():
        _group(str(name), mapping(group), into)
    if seconds := number(document.get("healthCheckTimeout")):
        into.put(seconds, "engine", "start_timeout")
    if level := LEVELS.get(str(document.get("logLevel", ""))):
        into.put(level, "server", "log_level")
    if preload := texts(mapping(mapping(document.get("hooks")).get("on_startup")).get("preload")):
        into.note("hooks.on_startup.preload", f"load them when the router runs: landbridge load {preload[0]}")
    if document.get("apiKeys"):
        into.note("apiKeys", "clients' keys are made with 'landbridge keys create', and only their hashes are kept")
    for key in document:
        if key not in TOP:
            into.note(str(key), LATER.get(str(key), OTHERWISE))


def _expanded(text: str, at: str, into: Gathering) -> str:
    """`text` with variables replaced, as llama-swap does when it starts: paths and commands know no references here."""

    def instead(found: re.Match[str]) -> str:
        if not into.env.get(found[1]):
            into.note(f"{at}.cmd", f"the variable {found[1]} is not set here; put in what it stands for")
        return into.env.get(found[1]) or found[0]

    return _VARIABLE.sub(instead, text)


def _macros(section: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, str]:
    """Macros by name; each may hold those before it."""
    found = dict(known)
    for name, value in section.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        found[str(name)] = _filled(text, found)
    return found


def _filled(text: str, macros: Mapping[str, str]) -> str:
    """`text` with macros put in, and those that stand in them."""

    def instead(found: re.Match[str]) -> str:
        name = found[1]
        return f"${{{name.removeprefix('env.')}}}" if name.startswith("env.") else macros.get(name, found[0])

    for _ in range(DEPTH):
        before, text = text, _MACRO.sub(instead, text)
        if text == before:
            break
    return text


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def _model(
    name: str, model: Mapping[str, Any], macros: Mapping[str, str], usual: float | None, into: Gathering
) -> None:
    at = f"models.{name}"
    own = _macros(mapping(model.get("macros")), {**macros, "MODEL_ID": name, "PORT": "{port}"})
    command = _filled(_without_comments(str(model.get("cmd", ""))), own)
    lines = _expanded(_without_comments(command), at, into).splitlines()
    try:
        words = shlex.split(" ".join(line.rstrip().removesuffix("\\") for line in lines))
    except ValueError:
        into.note(f"{at}.cmd", "its quotes do not match")
        return
    if not words:
        into.note(f"{at}.cmd", "there is no command")
        return
    settings = engine_settings(words, at, into) if is_llama_server(words) else _server(words, model, own, at, into)
    if not settings:
        return
    for variable in texts(model.get("env")):
        if "command" not in settings:
            into.note(f"{at}.env", f"set {variable.partition('=')[0]} where the router runs")
    ttl = number(model.get("ttl"))
    ttl = usual if ttl is None or ttl < 0 else ttl
    if ttl is not None:
        settings["idle_unload"] = f"{ttl:g}s" if ttl else "never"
    into.put(settings, "models", name)
    for alias in model.get("aliases") or []:
        into.put(name, "aliases", str(mapping(alias).get("id", alias)))
    for key in model:
        if key not in MODEL:
            into.note(f"{at}.{key}", LATER.get(str(key), OTHERWISE))


def _server(
    words: list[str], model: Mapping[str, Any], macros: Mapping[str, str], at: str, into: Gathering
) -> dict[str, Any]:
    """A server of its own; nothing where its port is not said."""
    settings: dict[str, Any] = {"command": [*(["env", *env] if (env := texts(model.get("env"))) else []), *words]}
    port = re.search(r":(\d+)", _filled(str(model.get("proxy", "")), macros))
    if not any("{port}" in word for word in words):
        behind = [after for option, after in pairwise(words) if option.endswith("port")]
        found = port[1] if port is not None else next((word for word in behind if word.isdecimal()), "")
        if not found:
            into.note(at, "left out: its command does not say its port; add it by hand with {port} in it")
            return {}
        settings["port"] = int(found)
    health = str(model.get("checkEndpoint", HEALTHY))
    if health == "none":
        into.note(f"{at}.checkEndpoint", "a server is ready when it answers; /v1/models is asked")
        health = "/v1/models"
    if health != HEALTHY:
        settings["health"] = health
    if serves := model.get("useModelName"):
        settings["serves"] = str(serves)
    settings["memory"] = GUESS
    into.note(f"{at}.cmd", "landbridge has to know its memory: 8 GiB is a guess, say it in `memory`")
    return settings


def _peer(name: str, peer: Mapping[str, Any], macros: Mapping[str, str], into: Gathering) -> None:
    key = _filled(str(peer.get("apiKey") or ""), macros)
    settings = into.at(with_version(str(peer.get("proxy", ""))), "openai_chat", key)
    if settings.get("base_url", "").endswith("/api"):
        settings["base_url"] += "/v1"
        settings = into.at(settings["base_url"], "openai_chat", key)
    into.provider(name, settings, texts(peer.get("models")) or None)
    for each in peer:
        if each not in ("proxy", "models", "apiKey"):
            into.note(f"peers.{name}.{each}", LATER.get(str(each), OTHERWISE))


def _group(name: str, group: Mapping[str, Any], into: Gathering) -> None:
    if group.get("persistent") is True:
        for member in texts(group.get("members")):
            if into.get("models", member) is not None:
                into.put(True, "models", member, "pin")
    elif group.get("swap") is not False:
        into.note(f"groups.{name}", LATER["matrix"])
