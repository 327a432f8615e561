"""What a model can do -> the settings Qwen Code needs to work on it.

The variables `OPENAI_*` alone lose against the user's `~/.qwen/settings.json` (its login, its `modelProviders`), and
nothing but settings tells the window. So the session gets a system settings file of its own, which outranks the user's
(measured with 0.15.10) and takes in what the machine's own says.
"""

from __future__ import annotations

from pathlib import Path

from . import jsonc
from .facts import PATIENCE, PROXIES, ModelFacts, gives, left_to_user, other_model, output_limit, remarks
from .session import Session, Setup

SETTINGS = "settings.json"
SYSTEM_PATH = "QWEN_CODE_SYSTEM_SETTINGS_PATH"
SYSTEM_FILE = "/etc/qwen-code/settings.json"
SETTINGS_VERSION = 4
"""The form of settings written here; newer clients bring it up to theirs."""
FIRST_REQUEST = 78_700
"""Bytes, with 0.15.10."""
ASSUMED_WINDOW = 131_072
"""Tokens of a model Qwen Code does not know."""


def setup(session: Session) -> Setup:
    """What one process of Qwen Code needs."""
    facts = session.facts
    settings, notes = _with_the_machines(session)
    notes += remarks(facts, "Qwen Code", FIRST_REQUEST)
    if gives(session.args, "-m", "--model"):
        notes.append(other_model(facts))
    if facts.window is None:
        notes.append(
            f"Nobody says how large the window of {facts.name} is, and Qwen Code assumes {ASSUMED_WINDOW:,} tokens."
        )
    # It takes a proxy for every address, whatever NO_PROXY says.
    proxies = {name: "" for name in PROXIES if session.env.get(name)}
    if proxies:
        notes.append("Qwen Code would ask your proxy for this machine too, so that it runs without one.")
    routing = {
        SYSTEM_PATH: f"{session.folder}/{SETTINGS}",
        "OPENAI_API_KEY": session.token,
        "OPENAI_BASE_URL": f"{session.router}/v1",
        "OPENAI_MODEL": facts.name,
    }
    return Setup(
        variables=routing | left_to_user(_tuning(facts), session.env) | proxies,
        arguments=session.args,
        notes=tuple(notes),
        files={SETTINGS: jsonc.write(settings)},
    )


def settings(facts: ModelFacts, router: str) -> jsonc.Json:
    """The settings of the session."""
    generation: jsonc.Json = {"timeout": PATIENCE * 1000}
    if facts.window is not None:
        generation["contextWindowSize"] = facts.window
    model: jsonc.Json = {"id": facts.name, "name": facts.name, "baseUrl": f"{router}/v1", "envKey": "OPENAI_API_KEY"}
    found: jsonc.Json = {
        "$version": SETTINGS_VERSION,
        "security": {"auth": {"selectedType": "openai"}},
        "model": {"name": facts.name},
        "fastModel": facts.name,
        "modelProviders": {"openai": [{**model, "generationConfig": generation}]},
        "proxy": "",
        "privacy": {"usageStatisticsEnabled": False},
    }
    if facts.local:
        # After each session it would read the whole conversation once more, for what to remember.
        found["memory"] = {"enableManagedAutoMemory": False}
    return found


def _tuning(facts: ModelFacts) -> dict[str, str]:
    tuning = {"QWEN_CODE_API_TIMEOUT_MS": str(PATIENCE * 1000)}
    if (limit := output_limit(facts)) is not None:
        tuning["QWEN_CODE_MAX_OUTPUT_TOKENS"] = str(limit)
    if facts.local:
        tuning["QWEN_DISABLE_AUTO_TITLE"] = "1"
    return tuning


def _with_the_machines(session: Session) -> tuple[jsonc.Json, list[str]]:
    own = settings(session.facts, session.router)
    path = Path(session.env.get(SYSTEM_PATH) or SYSTEM_FILE)
    try:
        return jsonc.lay_over(jsonc.read(path.read_text()), own), []
    except FileNotFoundError:
        return own, []
    except (OSError, ValueError) as error:
        return own, [f"{path} cannot be read ({error}) and is left out."]
