"""Requests and tokens a minute, counted in memory.

By a clock that nobody sets; the counters of `limits` go by the system's, and cost a task for every request.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import RateLimited
from .grant import Grant
from .window import Window


class Pace:
    """What each key has used in the minute that has passed. `at` is in seconds of a clock that never jumps."""

    def __init__(self) -> None:
        self._windows: dict[str, tuple[Window, Window]] = {}
        """Of a key: requests and tokens."""

    def reserve(self, grant: Grant, tokens: int, at: float) -> None:
        """Count a request, of about so many tokens. Raises `RateLimited`, and then nothing is counted."""
        requests, used = self._windows.get(grant.id) or self._begin(grant.id)
        if grant.rpm is not None and (wait := requests.wait(1, grant.rpm, at)):
            raise too_many(grant, f"{grant.rpm} requests a minute", wait)
        if grant.tpm is not None:
            if wait := used.wait(tokens, grant.tpm, at):
                raise too_many(grant, f"{grant.tpm} tokens a minute", wait)
            used.add(tokens, at)
        if grant.rpm is not None:
            requests.add(1, at)

    def settle(self, grant: Grant, reserved: int, used: int, at: float) -> None:
        """So many tokens it was."""
        if grant.tpm is not None:
            (self._windows.get(grant.id) or self._begin(grant.id))[1].add(used - reserved, at)

    def keep_only(self, ids: Iterable[str]) -> None:
        """Forget the keys that are no more."""
        for id in self._windows.keys() - set(ids):
            del self._windows[id]

    def _begin(self, id: str) -> tuple[Window, Window]:
        windows = self._windows[id] = (Window(), Window())
        return windows


def too_many(grant: Grant, limit: str, wait: float) -> RateLimited:
    """The error for a key that is too fast."""
    return RateLimited(
        f"The key '{grant.name}' may use {limit}.", remedy=f"Try again in {max(1, round(wait))} s.", retry_after=wait
    )
