"""Which of the other client tools are installed, and does what they read by themselves point here.

Only what has one plain place is looked at: the variable of the base URL, and Codex's provider in `config.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from ..agents.clients import CLIENTS
from ..agents.installed import find
from .check_claude import same_place
from .findings import Finding, ok, warn

VARIABLES = {"gemini": "GOOGLE_GEMINI_BASE_URL", "qwen": "OPENAI_BASE_URL", "aider": "OPENAI_API_BASE"}
"""Where each takes its base URL from; OpenCode has it in its settings alone."""


class _Provider(Struct):
    base_url: str = ""


class _CodexConfig(Struct):
    model_provider: str = ""
    model_providers: dict[str, _Provider] = {}


def check_clients(env: Mapping[str, str], url: str) -> Iterator[Finding]:
    """One finding for each client that is installed; Claude Code has findings of its own."""
    for client in CLIENTS.values():
        if client.name == "claude" or (found := find(client.program, env)) is None:
            continue
        version = f"version {found.version}" if found.version else "version unknown"
        start = f"'landbridge launch {client.name}' starts it on a model of yours"
        try:
            base = _codex(env) if client.name == "codex" else env.get(VARIABLES.get(client.name, ""), "")
        except (OSError, ValueError) as error:
            yield warn(client.name, f"{version} at {found.path}; its settings cannot be read: {error}", f"{start}.")
            continue
        if not base:
            words = f"{start}."
        else:
            words = f"by itself it points {'here' if same_place(base, url) else 'elsewhere'} ({base}). {start}."
        yield ok(client.name, f"{version} at {found.path}; {words}")


def _codex(env: Mapping[str, str]) -> str:
    home = Path(env.get("CODEX_HOME") or Path(env.get("HOME") or "~").expanduser() / ".codex")
    try:
        text = (home / "config.toml").read_text()
    except FileNotFoundError:
        return ""
    try:
        config = msgspec.convert(tomllib.loads(text), _CodexConfig)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None
    return config.model_providers.get(config.model_provider, _Provider()).base_url
