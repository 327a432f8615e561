"""How many prompt tokens are computed before the engine looks up again. Pure."""

from __future__ import annotations

CANCEL_SECONDS = 0.4
"""How long a batch of the prompt may take: the engine notices a client that left after the current one and stops after
the next (measured; two of 512 tokens take 9 s on one core)."""
PACE = 12e9
"""Tokens per second of one CPU core, times bytes of the model; the least measured (12 to 23)."""
FINEST_BATCH = 32
"""Below this, prompts become noticeably slower; 48 or 64 tokens cost less than 5 % against 512."""


def cancellable_batch(batch: int, size: int, threads: int) -> int:
    """At most `batch` prompt tokens, and so few that a CPU reads two batches of them within a second (P84)."""
    quick = int(CANCEL_SECONDS * PACE * threads / max(1, size)) // 16 * 16
    return min(batch, max(FINEST_BATCH, quick))
