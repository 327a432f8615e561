"""A model's limits, as its provider tells them: in the words of a refusal, or in its list of models. Pure."""

from __future__ import annotations

import re

import msgspec
from msgspec import Struct

from ..wire.overflow import find_overflow

_OUTPUTS = (
    re.compile(r"supports at most (\d+) (?:completion|output) tokens", re.I),
    re.compile(
        r"max_(?:completion_)?tokens\D{0,80}(?:less than or equal to|<=|at most|maximum(?: value)? (?:of|is)) ?`?(\d+)"
    ),
    re.compile(r"\d+ > (\d+), which is the maximum allowed number of output tokens", re.I),
    re.compile(r"\[1, ?(\d+)\]"),
    re.compile(r"supported range is from 1 \(inclusive\) to (\d+) \(exclusive\)", re.I),
)
_WINDOWS = (re.compile(r"(?:maximum )?context (?:length|window|size) (?:is|of|\() ?(\d+)", re.I),)


class Bounds(Struct, frozen=True):
    """What is known of a model's limits."""

    window: int | None = None
    output: int | None = None


def bounds_in(words: str) -> Bounds:
    """The limits that a refusal names."""
    overflow = find_overflow(words, ())
    window = overflow.limit if overflow is not None else None
    return Bounds(window or _first(_WINDOWS, words), _first(_OUTPUTS, words))


def _first(patterns: tuple[re.Pattern[str], ...], words: str) -> int | None:
    found = next((match for pattern in patterns if (match := pattern.search(words))), None)
    return int(found[1]) if found is not None else None


_WINDOW_KEYS = (
    "context_length", "max_model_len", "context_window", "max_context_length", "max_input_tokens", "inputTokenLimit",
    "n_ctx", "max_context_window_tokens",
)  # fmt: skip
_OUTPUT_KEYS = ("max_completion_tokens", "max_output_tokens", "outputTokenLimit", "max_tokens")
_BELOW = ("top_provider", "meta", "limits", "capabilities")
"""Objects of an entry in which some say it."""


def bounds_of(listing: bytes, model: str) -> Bounds:
    """The limits that a provider's list of models states for one of them."""
    try:
        body = msgspec.json.decode(listing)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Bounds()
    entries = (body.get("data") or body.get("models")) if isinstance(body, dict) else body
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and model in (entry.get("id"), str(entry.get("name", "")).removeprefix("models/")):
            below = [value for key in _BELOW if isinstance(value := entry.get(key), dict)]
            objects = [entry, *below, *(each["limits"] for each in below if isinstance(each.get("limits"), dict))]
            return Bounds(_number(objects, _WINDOW_KEYS), _number(objects, _OUTPUT_KEYS))
    return Bounds()


def _number(objects: list[dict[str, object]], keys: tuple[str, ...]) -> int | None:
    for found in objects:
        for key in keys:
            value = found.get(key)
            if isinstance(value, int) and not isinstance(value, bool) and value > 0:
                return value
    return None
