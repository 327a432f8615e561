"""What a model can do -> the command line Codex needs to work on it.

Everything goes in as `-c key=value`, which outranks `config.toml` (measured with 0.169.0); `CODEX_HOME` with login,
history and settings stays the user's. There is no setting for the length of an answer.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from .facts import PATIENCE, TOKEN, other_model, past_the_proxy, remarks
from .session import Session, Setup

PROVIDER = "landbridge"
FIRST_REQUEST = 39_600
"""Bytes, with 0.169.0."""
ASSUMED_WINDOW = 272_000
"""Tokens of a model Codex does not know."""


def setup(session: Session) -> Setup:
    """What one process of Codex needs."""
    overrides = [word for key, value in _settings(session) for word in ("-c", f"{key}={_toml(value)}")]
    return Setup(
        variables=past_the_proxy(session.router, session.env) | _key(session),
        arguments=(*overrides, *session.args),
        notes=_notes(session),
    )


def _key(session: Session) -> dict[str, str]:
    """The variable with its key. Codex sends none unless it is told where to find one."""
    return {} if session.token == TOKEN else {"LANDBRIDGE_KEY": session.token}


def _settings(session: Session) -> Iterator[tuple[str, object]]:
    facts = session.facts
    yield "model", facts.name
    yield "model_provider", PROVIDER
    table = f"model_providers.{PROVIDER}"
    yield f"{table}.name", PROVIDER
    yield f"{table}.base_url", f"{session.router}/v1"
    yield f"{table}.wire_api", "responses"
    yield f"{table}.stream_idle_timeout_ms", PATIENCE * 1000
    for name in _key(session):
        yield f"{table}.env_key", name
    if facts.window is not None:
        yield "model_context_window", facts.window
    # Reviews and memories have models of their own, which only OpenAI has.
    for key in ("review_model", "memories.extract_model", "memories.consolidation_model"):
        yield key, facts.name
    yield "analytics.enabled", False


def _toml(value: object) -> str:
    # Strings, whole numbers and booleans are written alike in JSON and TOML.
    return msgspec.json.encode(value).decode()


def _notes(session: Session) -> tuple[str, ...]:
    facts = session.facts
    notes = remarks(facts, "Codex", FIRST_REQUEST)
    if _names_model(session.args):
        notes.append(other_model(facts))
    if facts.window is None and not any("model_context_window=" in arg for arg in session.args):
        notes.append(
            f"Nobody says how large the window of {facts.name} is, and Codex assumes {ASSUMED_WINDOW:,} tokens: "
            "add -- -c model_context_window=NUMBER."
        )
    return tuple(notes)


def _names_model(args: tuple[str, ...]) -> bool:
    named = any(arg in ("-m", "--model") or arg.startswith(("--model=", "model=")) for arg in args)
    return named or "--oss" in args
