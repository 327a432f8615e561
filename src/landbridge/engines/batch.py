"""How many prompt tokens are computed before the engine looks up again. Pure.

By a pace that is assumed, not by the one an engine has shown: it must be known at its start, and the first start is the
usual one.
"""

from __future__ import annotations

from ..config.schema import ModelSettings
from .facts import Facts

BATCH, GPU_BATCH = 512, 2048

CANCEL_SECONDS = 0.4
"""How long a batch of the prompt may take: the engine notices a client that left after the current one and stops after
the next (measured; two of 512 tokens take 9 s on one core)."""
PACE = 7.7e9
"""Tokens per second of one CPU core, times bytes of the model; the least measured (SmolLM2; it was up to 23e9)."""
FINEST_BATCH = 16
"""What a batch is at least, also where a CPU takes longer for it (`python -m bench.attention` says what it costs)."""
FINEST_WITH_EXPERTS = 32
"""The same of a model with experts, of which fewer tokens would share one that was fetched from memory."""


def cancellable_batch(batch: int, size: int, threads: int, finest: int = FINEST_BATCH) -> int:
    """At most `batch` prompt tokens, and so few that a CPU reads two batches of them within a second if `finest`
    allows (P84).
    """
    quick = int(CANCEL_SECONDS * PACE * threads / max(1, size)) // 16 * 16
    return min(batch, max(finest, quick))


def batch_of(facts: Facts, settings: ModelSettings, threads: int, accelerated: bool) -> int:
    """Prompt tokens of a batch: as the settings say, else what is usual; on a CPU so few that they can be cancelled."""
    asked = settings.batch if isinstance(settings.batch, int) else GPU_BATCH if accelerated else BATCH
    if accelerated:
        return asked
    return cancellable_batch(asked, facts.active_bytes, threads, FINEST_WITH_EXPERTS if facts.experts else FINEST_BATCH)
