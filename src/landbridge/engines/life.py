"""Where one engine stands, since when, and what of its past counts: failures in a row, the pause they cost.

Only its owner takes steps; everybody may read.
"""

from __future__ import annotations

import asyncio
import logging
import time

from ..errors import GatewayError, StartFailed
from .backing import too_often
from .states import Event, State, step
from .strikes import Strikes

log = logging.getLogger("landbridge.engines")


class Life:
    """One engine's."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.state = State.STOPPED
        self.since = time.time()
        """When it came into this state, in seconds since 1970."""
        self.used = self.now()
        """When a lease was last taken or given back."""
        self.served: float | None = None
        """The same, for those in the foreground."""
        self.fault: GatewayError | None = None
        """Why it last failed or crashed."""
        self.failing = False
        """Whether that was the end of its last run."""
        self.rested_at = 0.0
        """When the pause after a failure is over."""
        self._strikes = Strikes()

    def step(self, event: Event) -> None:
        """`event` has happened."""
        before, self.state = self.state, step(self.state, event)
        self.failing = self.failing and event is not Event.ANSWERED
        if before is not self.state:
            self.since = time.time()
            log.info("engine %s: %s, now %s", self._name, event, self.state)

    def use(self, *, background: bool) -> None:
        """A lease was asked for or given back."""
        self.used = self.now()
        if not background:
            self.served = self.used

    def begin(self, cause: object) -> None:
        """It is started, and whether that fails can depend on `cause`."""
        self._strikes.start(cause)

    def lease_back(self) -> None:
        """A lease came back."""
        self._strikes.lease_back(self.now())

    def fail(self, fault: GatewayError | None) -> None:
        """It failed or crashed."""
        self.fault, self.failing = fault, True

    def strike(self, most: int) -> None:
        """It failed once more: a pause, or the end of trying after `most` failures in a row."""
        event, seconds = self._strikes.strike(self.now(), most)
        self.rested_at = self.now() + seconds
        self.step(event)

    def forgive(self) -> None:
        """It may be tried again."""
        self._strikes.forgive()
        self.step(Event.RESTED)

    def changed(self, cause: object) -> bool:
        """Whether what its failure can depend on is no longer what it was."""
        return self._strikes.changed(cause)

    def too_often(self) -> StartFailed:
        """It has failed too often."""
        return too_often(self._name, self._strikes.count, self.fault, self.rested_at - self.now())

    @staticmethod
    def now() -> float:
        """By the loop's clock."""
        return asyncio.get_running_loop().time()
