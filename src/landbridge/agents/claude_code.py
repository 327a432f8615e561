"""What a model can do -> the environment and arguments Claude Code needs to work well with it.

Figures and effects are those of CLIENTS.md sections 2, 5, 8 and 10, measured with 2.1.197 and 2.1.330. Nothing here
writes to disk; only `find` looks at the system, everything else is a function of its arguments.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from typing import Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from ..errors import Garbled

INSTALL = "npm install -g @anthropic-ai/claude-code"
"""How Claude Code is installed."""

TOKEN = "landbridge"  # noqa: S105 - not a secret: the router takes any token, Claude Code refuses an empty one
PATIENCE_MS = "1200000"
"""20 minutes: a long prompt on a processor takes longer than the client's own 5 minutes."""

FULL_WINDOW = 32_000
"""Tokens below which the usual first request (49-89 kB, 12,000-25,000 tokens) leaves no room to work in."""
FEW_TOOLS = "Bash,Edit,Read,Write"
FEW_TOOLS_BYTES = 17_300
"""First request with `--tools` of those four (2.1.330; 2.1.197 sends 12.9 kB)."""
BYTES_PER_TOKEN = 3.5
"""Schemas and prose in a small model's vocabulary; large ones get 4."""

Form = Literal["full", "few tools", "bare"]

ELSEWHERE = ("CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY")
"""Switches that send Claude Code to a cloud, past any base URL."""
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class ModelFacts(Struct, frozen=True, kw_only=True):
    """What the router says about one model."""

    name: str
    window: int | None = None
    """Tokens of context; None where nobody knows."""
    max_output: int | None = None
    """Most tokens of one answer; None where nobody knows."""
    local: bool = False
    """Whether it runs on this machine."""
    tools: bool = True
    """Whether it can call tools."""
    anthropic: bool = False
    """Whether Anthropic itself answers: then the client's attribution block stays."""


class Installed(Struct, frozen=True):
    """A Claude Code found on this machine."""

    path: str
    version: str
    """`2.1.330`, or empty where it did not say."""


class _OwnFacts(Struct):
    window: int | None = None
    local: bool = False
    tools: bool = True
    dialect: str = ""


class _ModelInfo(Struct):
    max_input_tokens: int | None = None
    max_tokens: int | None = None
    landbridge: _OwnFacts = msgspec.field(default_factory=_OwnFacts)


def read_facts(name: str, body: bytes) -> ModelFacts:
    """The answer of `GET /anthropic/v1/models/{name}` as facts. Raises `Garbled`."""
    try:
        info = msgspec.json.decode(body, type=_ModelInfo)
    except msgspec.DecodeError as error:
        raise Garbled(
            f"The router's answer about the model '{name}' is not understood: {error}.",
            remedy="Is the base URL that of landbridge? 'landbridge doctor' looks.",
        ) from None
    own = info.landbridge
    return ModelFacts(
        name=name,
        window=own.window or info.max_input_tokens,
        max_output=info.max_tokens,
        local=own.local,
        tools=own.tools,
        anthropic=own.dialect == "anthropic" or (not own.dialect and not own.local and "claude" in name),
    )


def routing(facts: ModelFacts, base_url: str, user_env: Mapping[str, str]) -> dict[str, str]:
    """The variables that decide where requests go and to which model; the user's own values give way to these."""
    tiers = ("OPUS", "SONNET", "HAIKU", "FABLE")
    return {
        "ANTHROPIC_BASE_URL": base_url,
        "ANTHROPIC_AUTH_TOKEN": TOKEN,
        "ANTHROPIC_API_KEY": "",  # a real key of the user must not go to the router
        "ANTHROPIC_MODEL": facts.name,
        **{f"ANTHROPIC_DEFAULT_{tier}_MODEL": facts.name for tier in tiers},
        "ANTHROPIC_SMALL_FAST_MODEL": facts.name,
        "CLAUDE_CODE_SUBAGENT_MODEL": facts.name,
        **{name: "" for name in ELSEWHERE if user_env.get(name)},
    }


def environment(facts: ModelFacts, base_url: str, user_env: Mapping[str, str]) -> dict[str, str]:
    """All variables to set for one Claude Code process. Where the user tuned something, that is left out here."""
    tuned = {name: value for name, value in _tuning(facts).items() if name not in user_env}
    return routing(facts, base_url, user_env) | tuned | _past_the_proxy(base_url, user_env)


def _tuning(facts: ModelFacts) -> dict[str, str]:
    tuning = {
        "API_TIMEOUT_MS": PATIENCE_MS,
        "CLAUDE_STREAM_FIRST_BYTE_TIMEOUT_MS": PATIENCE_MS,
        "CLAUDE_STREAM_IDLE_TIMEOUT_MS": PATIENCE_MS,
        "CLAUDE_BYTE_STREAM_IDLE_TIMEOUT_MS": PATIENCE_MS,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY": "1",
        # Loads tools on demand where all are offered; with few tools it would only add a placeholder for the rest.
        "ENABLE_TOOL_SEARCH": "true" if form(facts) == "full" else "false",
    }
    if facts.window is not None:
        tuning["CLAUDE_CODE_MAX_CONTEXT_TOKENS"] = str(facts.window)
    if (limit := output_limit(facts)) is not None:
        tuning["CLAUDE_CODE_MAX_OUTPUT_TOKENS"] = str(limit)
    if not facts.anthropic:
        tuning["CLAUDE_CODE_ATTRIBUTION_HEADER"] = "0"
    if facts.local:
        # A title request evicts the main prompt from a one-slot engine; a changing token count spoils its cache.
        tuning["CLAUDE_CODE_DISABLE_TERMINAL_TITLE"] = "1"
        tuning["CLAUDE_CODE_TOTAL_TOKENS_REMINDER"] = "off"
    return tuning


def output_limit(facts: ModelFacts) -> int | None:
    """Most tokens of one answer to ask for: for local models at most 8,192 and a quarter of the window."""
    if facts.local:
        limits = [8192, facts.window and facts.window // 4, facts.max_output]
    elif not facts.anthropic:
        limits = [facts.max_output]
    else:
        limits = []  # the client knows Anthropic's own limits
    return min((limit for limit in limits if limit), default=None)


def _past_the_proxy(base_url: str, user_env: Mapping[str, str]) -> dict[str, str]:
    host = urlsplit(base_url).hostname or ""
    if not any(user_env.get(name) for name in PROXIES):
        return {}
    already = user_env.get("NO_PROXY") or user_env.get("no_proxy") or ""
    if host in already.split(","):
        return {}
    return {"NO_PROXY": f"{already},{host}".lstrip(",")}


def form(facts: ModelFacts) -> Form:
    """The largest form of Claude Code whose first request leaves half of the window to work in."""
    if facts.window is None or facts.window >= FULL_WINDOW:
        return "full"
    return "few tools" if facts.window / 2 >= FEW_TOOLS_BYTES / BYTES_PER_TOKEN else "bare"


def arguments(
    facts: ModelFacts, user_args: Sequence[str], route: Mapping[str, str]
) -> tuple[list[str], tuple[str, ...]]:
    """Arguments for `claude`, and notes for the user about what was added and why.

    `route` (see `routing`) is given again as `--settings`, because the `env` of a settings file in the home or the
    project folder outranks the process's environment (measured 2026-11-24 with both versions).
    """
    added: list[str] = []
    notes: list[str] = []
    if not _gives(user_args, "--model"):
        added += ["--model", facts.name]
    else:
        notes.append(f"The model after '--' is used; window and limits are still those of {facts.name}.")
    if not _gives(user_args, "--settings"):
        added += ["--settings", msgspec.json.encode({"env": dict(route)}).decode()]
    elif not _gives(user_args, "--model"):
        notes.append("Your own --settings are used; an 'env' in them or in a settings file may point elsewhere.")
    if not _gives(user_args, "--tools", "--bare"):
        fitting, note = _fit(facts)
        added += fitting
        notes += note
    if not facts.tools:
        notes.append(f"{facts.name} cannot call tools: it answers in text and changes no files.")
    return [*added, *user_args], tuple(notes)


def unknown_window(facts: ModelFacts, env: Mapping[str, str]) -> tuple[str, ...]:
    """What to tell the user where nothing in `env` (with what is set for the session) says how large the window is.

    Claude Code compacts by what it assumes, so that a smaller window is overrun first (P68).
    """
    if facts.window is not None or facts.anthropic or env.get("CLAUDE_CODE_MAX_CONTEXT_TOKENS"):
        return ()
    return (
        f"Nobody says how large the window of {facts.name} is, and Claude Code assumes 200,000 tokens or more: "
        "set CLAUDE_CODE_MAX_CONTEXT_TOKENS to the real number.",
    )


def _fit(facts: ModelFacts) -> tuple[list[str], list[str]]:
    match form(facts):
        case "full":
            return [], []
        case "few tools":
            why = f"Window of {facts.window} tokens: only the tools {FEW_TOOLS} are offered (give --tools to choose)."
            return [f"--tools={FEW_TOOLS}"], [why]
        case "bare":
            return ["--bare"], [
                f"Window of {facts.window} tokens: Claude Code runs with --bare (give --tools to choose)."
            ]


def _gives(args: Sequence[str], *options: str) -> bool:
    return any(arg == option or arg.startswith(f"{option}=") for arg in args for option in options)


def find(env: Mapping[str, str]) -> Installed | None:
    """The Claude Code on the PATH of `env`, if there is one."""
    path = shutil.which("claude", path=env.get("PATH", ""))
    if path is None:
        return None
    try:
        said = subprocess.run(  # noqa: S603 - the user's own program, found where the shell would find it
            [path, "--version"], env=dict(env), stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return Installed(path, "")
    found = re.search(rb"\d+\.\d+\.\d+", said.stdout)
    return Installed(path, found[0].decode() if found else "")
