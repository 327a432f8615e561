"""Contexts beyond what a model was trained for: RoPE scaling, linear or by YaRN. Pure.

It costs quality, also of short prompts (SmolLM2, stretched three times, answered some of them in the wrong language);
so nothing is stretched unless the settings say so.
"""

from __future__ import annotations

from msgspec import Struct

from ..config.schema import ModelSettings


class Rope(Struct, frozen=True):
    """How positions are scaled."""

    kind: str = ""
    """`none`, `linear`, `yarn`; empty: as the file says."""
    factor: float = 1.0
    """How many times longer than trained."""
    original: int = 0
    """Tokens it was trained for, which YaRN wants to know; 0: as the file says."""


def stretched(settings: ModelSettings, trained: int) -> Rope:
    """What the settings ask for; without a factor the one that the context they name needs."""
    kind = settings.rope_scaling
    if kind not in ("linear", "yarn"):
        return Rope(kind)
    original = settings.rope_original_context or trained
    factor = settings.rope_factor
    if factor is None:
        asked = settings.context if isinstance(settings.context, int) else original
        factor = max(1.0, asked / original)
    return Rope(kind, factor, original)
