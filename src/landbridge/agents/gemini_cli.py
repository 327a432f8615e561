"""What a model can do -> the home folder Gemini CLI needs to work on it.

Its login is chosen in `~/.gemini/settings.json` and nowhere else, and settings of the system must belong to root
(measured with 0.61.0). So the session gets a home of its own by `GEMINI_CLI_HOME`: the user's settings with ours laid
over them, and links to everything else the user has there, history and memory included.
"""

from __future__ import annotations

from pathlib import Path

from . import jsonc
from .facts import ModelFacts, gives, other_model, output_limit, past_the_proxy, remarks
from .session import Session, Setup

HOME = ".gemini"
SETTINGS = "settings.json"
LOGIN = "gemini-api-key"
FIRST_REQUEST = 50_000
"""Bytes, with 0.61.0."""
ASSUMED_WINDOW = 1_048_576
"""Tokens the client takes every model to hold; its threshold for compression is a share of this."""
FULL = 0.7
"""Share of the real window at which the conversation is compressed."""

RECORDS = ("history", "tmp")
"""Folders of sessions and what belongs to them."""
WRITTEN = ("GEMINI.md",)
"""Files that may come to be in a session and are to stay."""

BASE = "chat-base"
INNER = (
    "gemini-2.5-flash-base",
    "gemini-3-flash-base",
    "gemini-3.5-flash-base",
    "classifier",
    "prompt-completion",
    "fast-ack-helper",
    "edit-corrector",
    "summarizer-default",
    "summarizer-shell",
    "loop-detection-double-check",
    "chat-compression-3-pro",
    "chat-compression-3-flash",
    "chat-compression-3.1-flash-lite",
    "chat-compression-2.5-pro",
    "chat-compression-2.5-flash",
    "chat-compression-2.5-flash-lite",
    "chat-compression-default",
    "agent-history-provider-summarizer",
)
"""The client's names for its requests beside the conversation, which go to Google's models by default."""


def setup(session: Session) -> Setup:
    """What one process of Gemini CLI needs."""
    facts, own = session.facts, own_folder(session)
    user, notes = _read(own / SETTINGS)
    notes += _notes(session)
    variables = {
        "GEMINI_API_KEY": session.token,
        "GOOGLE_GEMINI_BASE_URL": f"{session.router}/gemini",
        "GEMINI_MODEL": facts.name,
        "GEMINI_CLI_HOME": session.folder,
        "GEMINI_CLI_TRUSTED_FOLDERS_PATH": session.env.get("GEMINI_CLI_TRUSTED_FOLDERS_PATH")
        or str(own / "trustedFolders.json"),
        # Google's own keys and clouds; empty, so that no .env file sets them either.
        "GOOGLE_API_KEY": "",
        "GOOGLE_GENAI_USE_VERTEXAI": "",
        "GOOGLE_GENAI_USE_GCA": "",
    }
    return Setup(
        variables=variables | past_the_proxy(session.router, session.env),
        arguments=session.args,
        notes=tuple(notes),
        files={f"{HOME}/{SETTINGS}": jsonc.write(_joined(user, facts))},
        links={f"{HOME}/{name}": str(own / name) for name in _names(own)},
        records=tuple(str(own / name) for name in RECORDS),
    )


def own_folder(session: Session) -> Path:
    """The user's own `.gemini`."""
    home = session.env.get("GEMINI_CLI_HOME") or session.env.get("HOME") or "~"
    return Path(home).expanduser().absolute() / HOME


def settings(facts: ModelFacts) -> jsonc.Json:
    """The settings of the session."""
    model: jsonc.Json = {"name": facts.name}
    if facts.window is not None:
        model["compressionThreshold"] = FULL * facts.window / ASSUMED_WINDOW
    return {
        "security": {"auth": {"selectedType": LOGIN}},
        "privacy": {"usageStatisticsEnabled": False},
        "model": model,
    }


def overrides(facts: ModelFacts) -> list[object]:
    """Which model the inner requests go to, and how long an answer may be."""
    found: list[object] = [{"match": {"model": name}, "modelConfig": {"model": facts.name}} for name in INNER]
    if (limit := output_limit(facts)) is not None:
        length = {"generateContentConfig": {"maxOutputTokens": limit}}
        found.append({"match": {"model": BASE}, "modelConfig": length})
    return found


def _joined(user: jsonc.Json, facts: ModelFacts) -> jsonc.Json:
    joined = jsonc.lay_over(user, settings(facts))
    configs = joined.get("modelConfigs")
    known = configs if isinstance(configs, dict) else {}
    before = known.get("customOverrides")
    after = [*(before if isinstance(before, list) else []), *overrides(facts)]
    return {**joined, "modelConfigs": {**known, "customOverrides": after}}


def _names(own: Path) -> list[str]:
    there = {path.name for path in own.iterdir()} if own.is_dir() else set()
    return sorted((there | {*RECORDS, *WRITTEN}) - {SETTINGS})


def _read(path: Path) -> tuple[jsonc.Json, list[str]]:
    try:
        return jsonc.read(path.read_text()), []
    except FileNotFoundError:
        return {}, []
    except (OSError, ValueError) as error:
        return {}, [f"{path} cannot be read ({error}) and is left out."]


def _notes(session: Session) -> list[str]:
    facts = session.facts
    notes = remarks(facts, "Gemini CLI", FIRST_REQUEST)
    if gives(session.args, "-m", "--model"):
        notes.append(other_model(facts))
    if facts.window is None:
        notes.append(
            f"Nobody says how large the window of {facts.name} is, and Gemini CLI assumes {ASSUMED_WINDOW:,} tokens."
        )
    project = Path(session.project) / HOME / SETTINGS
    if _login(_read(project)[0]) not in (None, LOGIN):
        notes.append(f"{project} chooses another login, which outranks this session's: start it in another folder.")
    return notes


def _login(settings: jsonc.Json) -> object:
    found: object = settings
    for key in ("security", "auth", "selectedType"):
        found = found.get(key) if isinstance(found, dict) else None
    return found
