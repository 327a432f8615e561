"""What a model can do -> the environment and arguments Claude Code needs to work well with it.

Figures and effects are those of CLIENTS.md sections 2, 5, 8 and 10, measured with 2.1.197 and 2.1.330. Nothing here
writes to disk or looks at the system.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from . import facts as limits
from .facts import BYTES_PER_TOKEN, PATIENCE, TOKEN, ModelFacts, gives, left_to_user, other_model, past_the_proxy
from .session import Session, Setup

PATIENCE_MS = str(PATIENCE * 1000)

FULL_WINDOW = 32_000
"""Tokens below which the usual first request (49-89 kB, 12,000-25,000 tokens) leaves no room to work in."""
FEW_TOOLS = "Bash,Edit,Read,Write"
FEW_TOOLS_BYTES = 17_300
"""First request with `--tools` of those four (2.1.330; 2.1.197 sends 12.9 kB)."""

Form = Literal["full", "few tools", "bare"]

CHOOSES_TOOLS = ("--tools", "--bare")

TIERS = ("opus", "sonnet", "haiku")
"""Names of Claude's models; the router's settings say which model each of them is."""

ELSEWHERE = ("CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY")
"""Switches that send Claude Code to a cloud, past any base URL."""


def setup(session: Session) -> Setup:
    """What one process of Claude Code needs."""
    facts, base_url = session.facts, f"{session.router}/anthropic"
    variables = environment(facts, base_url, session.env, session.token)
    shown = routing(facts, base_url, session.env)
    if session.token != TOKEN:
        del shown["ANTHROPIC_AUTH_TOKEN"]  # others on this machine can read a command line
    args, notes = arguments(facts, session.args, shown)
    unknown = unknown_window(facts, {**session.env, **variables})
    fitting = () if gives(session.args, *CHOOSES_TOOLS) else tuple(_fit(facts)[0])
    return Setup(variables=variables, arguments=tuple(args), fitting=fitting, notes=(*notes, *unknown))


def routing(facts: ModelFacts, base_url: str, user_env: Mapping[str, str], token: str = TOKEN) -> dict[str, str]:
    """The variables that decide where requests go and to which model; the user's own values give way to these.

    A model of the name of a tier leaves the other tiers to the router, too.
    """
    tiers = {tier: tier if facts.name in TIERS else facts.name for tier in TIERS}
    return {
        "ANTHROPIC_BASE_URL": base_url,
        "ANTHROPIC_AUTH_TOKEN": token,
        "ANTHROPIC_API_KEY": "",  # a real key of the user must not go to the router
        "ANTHROPIC_MODEL": facts.name,
        **{f"ANTHROPIC_DEFAULT_{tier.upper()}_MODEL": model for tier, model in tiers.items()},
        "ANTHROPIC_DEFAULT_FABLE_MODEL": facts.name,
        "ANTHROPIC_SMALL_FAST_MODEL": tiers["haiku"],
        "CLAUDE_CODE_SUBAGENT_MODEL": facts.name,
        **{name: "" for name in ELSEWHERE if user_env.get(name)},
    }


def environment(facts: ModelFacts, base_url: str, user_env: Mapping[str, str], token: str = TOKEN) -> dict[str, str]:
    """All variables to set for one Claude Code process. Where the user tuned something, that is left out here."""
    tuned = left_to_user(_tuning(facts), user_env)
    return routing(facts, base_url, user_env, token) | tuned | past_the_proxy(base_url, user_env)


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
        # A title request keeps a small machine from the work; a changing token count spoils the prompt cache.
        tuning["CLAUDE_CODE_DISABLE_TERMINAL_TITLE"] = "1"
        tuning["CLAUDE_CODE_TOTAL_TOKENS_REMINDER"] = "off"
    return tuning


def output_limit(facts: ModelFacts) -> int | None:
    """Most tokens of one answer to ask for; the client knows Anthropic's own limits."""
    return None if facts.anthropic else limits.output_limit(facts)


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
    if not gives(user_args, "--model"):
        added += ["--model", facts.name]
    else:
        notes.append(other_model(facts))
    if not gives(user_args, "--settings"):
        added += ["--settings", msgspec.json.encode({"env": dict(route)}).decode()]
    elif not gives(user_args, "--model"):
        notes.append("Your own --settings are used; an 'env' in them or in a settings file may point elsewhere.")
    if not gives(user_args, *CHOOSES_TOOLS):
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
