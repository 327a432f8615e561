"""When a changed setting takes effect in a running router: at once, when the model is loaded next, after a restart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from .keys import NAME

Effect = Literal["now", "load", "restart"]

WORDS: dict[Effect, str] = {"now": "at once", "load": "when the model is loaded next", "restart": "after a restart"}

RESTART: tuple[tuple[str, ...], ...] = (("store", "url"),)
"""Settings (or whole sections) that are read once, when the router starts. Their texts say so."""

OF_RUNNING_MODELS = frozenset({"idle_unload", "pin", "background", "max_output", "repair", "thinking", "show_progress"})
"""Settings of a model that hold for its next request; all others shape how it is loaded."""
OF_LOADING = frozenset({"command", "start_timeout", "prompt_cache"})
"""Settings of the engine that shape how a model is loaded."""


def effect(path: Sequence[str]) -> Effect:
    """When a change of the setting at `path` takes effect."""
    if any(_matches(path, pattern) for pattern in RESTART):
        return "restart"
    match path:
        case ["models", _, key, *_] | ["model_defaults", key, *_]:
            return "now" if key in OF_RUNNING_MODELS else "load"
        case ["engine", key] if key in OF_LOADING:
            return "load"
    return "now"


def _matches(path: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether `path` is what `pattern` names, or below it."""
    return len(path) >= len(pattern) and all(a in (b, NAME) for a, b in zip(pattern, path, strict=False))
