"""Whether attention is computed in its flash form. Pure.

Flash attention spares the buffer in which the scores of all tokens stand. On a processor llama.cpp is quick with it for
many tokens at once only: fewer take the longer, the more stand before them (`python -m bench.attention`).
"""

from __future__ import annotations

from ..config.limits import WHOLE_TYPES
from ..config.schema import ModelSettings

MANY = 64
"""Tokens at once from which on a processor is quick with it (measured)."""


def flash_of(settings: ModelSettings, at_once: int, *, accelerated: bool, pooling: bool) -> str:
    """`on`, `off`, or `auto` (the engine decides), for so many tokens at once. A quantised `cache_type_v` needs it; an
    embedding model, which reads its text in one batch, would need much memory without.
    """
    needed = pooling or settings.cache_type_v not in WHOLE_TYPES
    if settings.flash_attention != "auto" or needed or accelerated or at_once >= MANY:
        return settings.flash_attention
    return "off"
