"""Whether attention is computed in its flash form, and how many tokens at once. Pure.

Flash attention spares the buffer in which the scores of all tokens stand. On a graphics card it is faster as well; on a
processor it reads a prompt the more slowly the longer that is.
"""

from __future__ import annotations

from ..config.limits import WHOLE_TYPES
from ..config.schema import ModelSettings

UBATCH = 512
"""Tokens computed at once."""
SCORED_UBATCH = 64
"""The same where their scores stand in a buffer: more are no faster (measured), and take more memory."""


def flash_of(settings: ModelSettings, accelerated: bool, pooling: bool) -> str:
    """`on`, `off`, or `auto` (the engine decides). A quantised `cache_type_v` needs it; an embedding model, which reads
    its text in one batch, would need much memory without.
    """
    needed = pooling or settings.cache_type_v not in WHOLE_TYPES
    if settings.flash_attention != "auto" or needed or accelerated:
        return settings.flash_attention
    return "off"


def ubatch_of(settings: ModelSettings, flash: str) -> int:
    """Prompt tokens computed at once: as the settings say, else what is usual."""
    if isinstance(settings.ubatch, int):
        return settings.ubatch
    return SCORED_UBATCH if flash == "off" else UBATCH
