"""How far a model has come with reading a prompt: a notice beside the events of an answer, never one of them."""

from __future__ import annotations

from msgspec import Struct


class Progress(Struct, frozen=True):
    """Tokens of one prompt, as the engine counts them."""

    total: int
    """All of the prompt."""
    cache: int
    """Those it need not read again."""
    processed: int
    """Those behind it, `cache` included."""
    seconds: float
    """How long it has read by now."""

    @property
    def percent(self) -> int:
        """How much of what it must read is read."""
        new = self.total - self.cache
        return 100 if new <= 0 else min(100, max(0, 100 * (self.processed - self.cache) // new))
