"""How often an engine failed in a row, and when it may be started again. Pure: the time comes in.

A failure is forgiven by an engine that outlives its first lease, by a change of what it can depend on, and by minutes.
"""

from __future__ import annotations

from .states import Event

FIRST_REST = 0.25
"""Seconds of rest after the first failure in a row; each further one doubles it."""
LONGEST_REST = 30.0
FORGIVEN_AFTER = 300.0
"""Seconds after which an engine that failed too often is tried again."""
PROOF = 2.0
"""Seconds an engine must outlive its first lease for earlier failures to be forgotten: a lease that a crash ends can
come back before the crash is known."""


class Strikes:
    """The failures of one engine since it last proved itself."""

    def __init__(self) -> None:
        self.count = 0
        self._cause: object = None
        self._proved: float | None = None
        """When the first lease since the start came back."""

    def start(self, cause: object) -> None:
        """It is started, and whether that fails can depend on `cause`."""
        if self.changed(cause):
            self.count = 0
        self._cause, self._proved = cause, None

    def changed(self, cause: object) -> bool:
        """Whether trying again makes sense: what failure can depend on is no longer what it was."""
        return cause != self._cause

    def lease_back(self, now: float) -> None:
        """A lease came back."""
        if self._proved is None:
            self._proved = now

    def strike(self, now: float, most: int) -> tuple[Event, float]:
        """It failed: what that means where `most` failures in a row are too many, and the seconds until it is over."""
        if self._proved is not None and now - self._proved > PROOF:
            self.count = 0
        self.count += 1
        if self.count >= most:
            return Event.GAVE_UP, FORGIVEN_AFTER
        return Event.DIED, rest(self.count)

    def forgive(self) -> None:
        """Begin anew."""
        self.count = 0


def rest(strikes: int) -> float:
    """Seconds before the start that follows `strikes` failures in a row."""
    return min(LONGEST_REST, FIRST_REST * 2.0 ** (strikes - 1)) if strikes > 0 else 0.0
