"""What a model can do -> the settings OpenCode needs to work on it, given in an environment variable.

`OPENCODE_CONFIG_CONTENT` outranks the settings of home and project (measured with 1.18.33), so no file is written. The
client speaks Anthropic's dialect where the model's provider does, so that nothing is converted, and OpenAI's elsewhere.
"""

from __future__ import annotations

import msgspec

from . import jsonc
from .facts import PATIENCE, TOKEN, ModelFacts, gives, left_to_user, other_model, output_limit, past_the_proxy, remarks
from .session import Session, Setup

PROVIDER = "landbridge"
CONTENT = "OPENCODE_CONFIG_CONTENT"
FIRST_REQUEST = 30_700
"""Bytes, with 1.18.33."""
AGENTS = ("build", "plan", "general", "explore")
"""Agents the client brings; a model in the user's settings of one would outrank the model of the session."""
MOST_OUTPUT = 32_000
"""Tokens of one answer the client asks for at most."""


def setup(session: Session) -> Setup:
    """What one process of OpenCode needs."""
    facts = session.facts
    notes = remarks(facts, "OpenCode", FIRST_REQUEST)
    try:
        given = jsonc.read(session.env.get(CONTENT, ""))
    except ValueError as error:
        given = {}
        notes.append(f"Your {CONTENT} cannot be read ({error}) and is left out.")
    settings = jsonc.lay_over(given, config(facts, session.router, session.token))
    if gives(session.args, "-m", "--model"):
        notes.append(other_model(facts))
    if facts.window is None:
        notes.append(f"Nobody says how large the window of {facts.name} is: OpenCode will not compact by itself.")
    tuning = left_to_user({"OPENCODE_DISABLE_MODELS_FETCH": "1"}, session.env)
    return Setup(
        variables={CONTENT: msgspec.json.encode(settings).decode()}
        | tuning
        | past_the_proxy(session.router, session.env),
        arguments=_arguments(facts, session.args),
        notes=tuple(notes),
    )


def config(facts: ModelFacts, router: str, token: str = TOKEN) -> jsonc.Json:
    """The settings of the session."""
    model = f"{PROVIDER}/{facts.name}"
    face = {"npm": "@ai-sdk/openai-compatible", "baseURL": f"{router}/v1"}
    if facts.anthropic:
        face = {"npm": "@ai-sdk/anthropic", "baseURL": f"{router}/anthropic/v1"}
    agents: jsonc.Json = {agent: {"model": model} for agent in AGENTS}
    if facts.local:
        # A title request before the first turn makes that wait.
        agents["title"] = {"disable": True}
    return {
        "model": model,
        "small_model": model,
        "agent": agents,
        "provider": {
            PROVIDER: {
                "npm": face["npm"],
                "name": PROVIDER,
                "options": {"baseURL": face["baseURL"], "apiKey": token, "timeout": PATIENCE * 1000},
                "models": {facts.name: _model(facts)},
            }
        },
    }


def _model(facts: ModelFacts) -> jsonc.Json:
    model: jsonc.Json = {
        "name": facts.name,
        "tool_call": facts.tools,
        # The router gives models what they cannot see in words.
        "attachment": True,
        "modalities": {"input": ["text", "image"], "output": ["text"]},
    }
    if facts.window is not None:
        output = output_limit(facts) or facts.window // 4
        model["limit"] = {"context": facts.window, "output": min(output, MOST_OUTPUT)}
    return model


def _arguments(facts: ModelFacts, user_args: tuple[str, ...]) -> tuple[str, ...]:
    """`-m` where it is taken, that is in a session and in `run`: it outranks the models of the user's own agents."""
    session = not user_args or user_args[0].startswith("-") or user_args[0] == "run"
    if gives(user_args, "-m", "--model") or not session:
        return user_args
    return ("-m", f"{PROVIDER}/{facts.name}", *user_args)
