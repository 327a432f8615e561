"""Settings files of other programs, read as settings of this one. Pure: a parsed document in, a tree and notes out.

One module a format, each with `looks` (is a document of this kind?) and `convert`. Every key of the other file is
either carried, or named in a note with the reason. `carried.py` has what they share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import ccr, continuum, litellm, llama_swap
from .carried import Gathering, Imported, Known, Note

FORMATS: Mapping[str, Callable[[Mapping[str, Any], Gathering], None]] = {
    "litellm": litellm.convert,
    "ccr": ccr.convert,
    "continuum": continuum.convert,
    "llama-swap": llama_swap.convert,
}
TITLES = {
    "litellm": "LiteLLM",
    "ccr": "claude-code-router",
    "continuum": "Continuum Router",
    "llama-swap": "llama-swap",
}
_LOOKS = {
    "litellm": litellm.looks,
    "ccr": ccr.looks,
    "continuum": continuum.looks,
    "llama-swap": llama_swap.looks,
}


def detect(document: Any) -> str:
    """The format of a document; empty where it looks like none, or like more than one."""
    if not isinstance(document, Mapping):
        return ""
    found = [name for name, looks in _LOOKS.items() if looks(document)]
    return found[0] if len(found) == 1 else ""


def convert(
    kind: str, document: Mapping[str, Any], known: Mapping[str, Known], env: Mapping[str, str] | None = None
) -> Imported:
    """`document`, which is of the format `kind`, as settings.

    `known` are the presets by name, `env` the variables for what is no key and cannot be said by reference here.
    """
    gathering = Gathering(known, env or {})
    FORMATS[kind](document, gathering)
    return gathering.done()


__all__ = ["FORMATS", "TITLES", "Imported", "Known", "Note", "convert", "detect"]
