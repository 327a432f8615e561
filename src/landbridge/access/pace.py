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
        self._requests: dict[str, Window] = {}
        self._tokens: dict[str, Window] = {}

    def reserve(self, grant: Grant, tokens: int, at: float) -> None:
        """Count a request, of about so many tokens. Raises `RateLimited`, and then nothing is counted."""
        if grant.rpm is not None:
            wait = self._window(self._requests, grant.id).wait(1, grant.rpm, at)
            if wait:
                raise too_many(grant, f"{grant.rpm} requests a minute", wait)
        if grant.tpm is not None:
            window = self._window(self._tokens, grant.id)
            wait = window.wait(tokens, grant.tpm, at)
            if wait:
                raise too_many(grant, f"{grant.tpm} tokens a minute", wait)
            window.add(tokens, at)
        if grant.rpm is not None:
            self._window(self._requests, grant.id).add(1, at)

    def settle(self, grant: Grant, reserved: int, used: int, at: float) -> None:
        """So many tokens it was."""
        if grant.tpm is not None:
            self._window(self._tokens, grant.id).add(used - reserved, at)

    def keep_only(self, ids: Iterable[str]) -> None:
        """Forget the keys that are no more."""
        for windows in (self._requests, self._tokens):
            for id in windows.keys() - set(ids):
                del windows[id]

    @staticmethod
    def _window(windows: dict[str, Window], id: str) -> Window:
        if (window := windows.get(id)) is None:
            window = windows[id] = Window()
        return window


def too_many(grant: Grant, limit: str, wait: float) -> RateLimited:
    """The error for a key that is too fast."""
    return RateLimited(
        f"The key '{grant.name}' may use {limit}.", remedy=f"Try again in {max(1, round(wait))} s.", retry_after=wait
    )
