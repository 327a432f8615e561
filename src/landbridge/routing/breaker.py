"""The breaker of one target: nothing is sent to what has failed again and again, until one request has tried it.

    closed --(failures, or a rest that was asked for)--> open --(its time is over)--> half-open
    half-open --(the probe succeeds)--> closed          half-open --(the probe fails)--> open, for twice as long

Who could not be reached at all is `held`: no request tries it until a check beside them has found it.

The clock comes in as an argument. Who is admitted gets a ticket, and says with it what came of the request; what comes
of requests from before the last change of state says nothing any more.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

State = Literal["closed", "open", "half-open"]


class Rules(Struct, frozen=True):
    """When it opens, and for how long."""

    failures: int = 3
    """Failures within `window` that no success has made up for, at which it opens."""
    window: float = 60.0
    """Seconds after which a failure is forgotten."""
    rest: float = 5.0
    """Seconds it stays open at first; twice as long each time a probe fails."""
    longest: float = 300.0
    """Most seconds it stays open."""
    check: bool = True
    """Whether who cannot be reached is looked for beside the requests, before one of them tries it."""


class Breaker:
    """One target's."""

    __slots__ = ("_failures", "_generation", "_held", "_probed", "_rules", "_state", "_trips", "_until", "why")

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._state: State = "closed"
        self._failures: list[float] = []
        self._until = 0.0
        self._trips = 0
        """How often it has opened in a row."""
        self._probed = False
        """Whether the one request is under way that tries it."""
        self._held = False
        self._generation = 0
        self.why = ""
        """What the last failure was."""

    @property
    def closed(self) -> bool:
        """Whether everything is sent there."""
        return self._state == "closed"

    def state(self, now: float) -> State:
        """How it stands."""
        return "half-open" if self._state == "open" and now >= self._until else self._state

    def left(self, now: float) -> float:
        """Seconds until somebody may try again; 0 where that is now."""
        return min(self._rules.longest, max(0.0, self._until - now)) if self._state == "open" else 0.0  # floats round

    def admits(self, now: float) -> bool:
        """Whether `take` would give a ticket."""
        return self._state == "closed" or (now >= self._until and not self._probed and not self._held)

    def take(self, now: float) -> int | None:
        """A ticket for one request; None while nothing is to be sent."""
        if self._state == "closed":
            return self._generation
        if not self.admits(now):
            return None
        if self._state == "open":
            self._enter("half-open")
        self._probed = True
        return self._generation

    def succeed(self, ticket: int) -> None:
        """The request was answered. One success makes up for one failure."""
        if ticket != self._generation:
            return
        if self._state == "half-open":
            self._trips, self.why = 0, ""
            self._failures.clear()
            self._enter("closed")
        elif self._failures:
            del self._failures[0]

    def fail(self, ticket: int, now: float, why: str = "", rest: float | None = None) -> None:
        """The request failed. `rest`: the target itself asked for so many seconds of peace."""
        if ticket != self._generation:
            return
        self.why = why
        self._failures = [at for at in self._failures if now - at < self._rules.window]
        self._failures.append(now)
        if self._state == "half-open" or rest is not None or len(self._failures) >= self._rules.failures:
            self._open(now, rest)

    def give_up(self, ticket: int) -> None:
        """Nobody will know what came of the request: its client has left. Another may try."""
        if ticket == self._generation:
            self._probed = False

    def hold(self) -> None:
        """While it is open, and until `release`, it is found out beside the requests whether it is there."""
        self._held = self._state == "open"

    def release(self) -> None:
        """It is there again: the next request may try it."""
        self._held = False

    def miss(self, now: float, why: str) -> None:
        """It was looked for, and is not there: it stays open, for twice as long."""
        if self._held:
            self.why = why
            self._open(now, None)
            self._held = True

    def _open(self, now: float, rest: float | None) -> None:
        # The exponent is bounded: floats are not.
        usual = self._rules.rest * 2.0 ** min(self._trips, 32)
        wanted = usual if rest is None else rest if self._state == "closed" else max(usual, rest)
        self._until = now + min(self._rules.longest, wanted)
        self._trips += 1
        self._failures.clear()
        self._enter("open")

    def _enter(self, state: State) -> None:
        self._state, self._probed, self._held = state, False, False
        self._generation += 1
