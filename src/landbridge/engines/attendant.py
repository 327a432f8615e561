"""The waiting work beside an engine's owner: starts the process, watches it, asks whether it is well, stops it.

It decides nothing: what comes out is reported, and the owner acts on it if it still matters. A question is put after a
lease came back and before the next is given: a lease often ends because the engine is dying, or hangs.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from msgspec import Struct

from ..errors import GatewayError
from .backing import NobodyWaits, defect
from .lease import Live

log = logging.getLogger("landbridge.engines")

DOUBT = 2.0
"""Seconds after a lease came back in which the engine is asked before the next: by then a crash would be known."""
HANGING = 15.0
"""Seconds without an answer to that question after which the engine is killed."""
AGAIN = 0.02
"""Seconds between two questions."""


class Started(Struct, frozen=True):
    """It is ready."""

    live: Live


class NotStarted(Struct, frozen=True):
    """It did not become ready, and nothing of it is left."""

    fault: GatewayError


class Dropped(Struct, frozen=True):
    """It was not started, as nobody waited any more or it was broken off; nothing of it is left."""


class Dead(Struct, frozen=True):
    """The process has ended, by itself or because it was told to."""

    live: Live


class Gone(Struct, frozen=True):
    """The process that was to be stopped is gone."""


class Asked(Struct, frozen=True):
    """The engine has said that it is well, or was killed because it said nothing."""


Report = Started | NotStarted | Dropped | Dead | Gone | Asked


class Attendant:
    """Attends to one engine at a time."""

    def __init__(self, name: str, launch: Callable[[str], Awaitable[Live]], tell: Callable[[Report], None]) -> None:
        self._name, self._launch, self._tell = name, launch, tell
        self._work: asyncio.Task[Live | None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._probe: asyncio.Task[None] | None = None
        self._doubted = self._cleared = 0.0
        """When a lease last came back, and when the question was put to which the engine last said that it is well."""

    def start(self) -> None:
        """Start a process: `Started` (then `Dead`, when it ends), `NotStarted` or `Dropped` follows."""
        self._work = asyncio.get_running_loop().create_task(self._start(), name=f"start {self._name}")

    def break_off(self) -> None:
        """Start it no further: `Dropped` follows, where what `start` promised has not been told already."""
        if self._cancel() and self._work is not None:
            self._work.add_done_callback(self._broken_off)

    def stop(self, live: Live) -> None:
        """Stop the process: `Gone` follows."""
        self._work = asyncio.get_running_loop().create_task(self._stop(live), name=f"stop {self._name}")

    def lease_back(self) -> None:
        """A lease came back."""
        self._doubted = _now()

    def sound(self, live: Live) -> bool:
        """Whether `live` can be lent now. If it has to be asked first, the answer is no, and `Asked` follows."""
        if live.process.ended is not None:
            return False
        if self._doubted <= self._cleared or _now() - self._doubted >= DOUBT:
            return True
        if self._probe is None:
            self._probe = asyncio.get_running_loop().create_task(self._ask(live), name=f"probe {self._name}")
        return False

    async def close(self, live: Live | None) -> None:
        """End the work and every process: `live`, and one that became ready just now."""
        lives = {live} if live is not None else set()
        self._cancel()
        if self._work is not None:
            (outcome,) = await asyncio.gather(self._work, return_exceptions=True)
            if isinstance(outcome, Live):
                lives.add(outcome)
        for each in lives:
            await each.close()
        others = [task for task in (self._watch, self._probe) if task is not None]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _start(self) -> Live | None:
        try:
            live = await self._launch(self._name)
        except GatewayError as fault:
            self._tell(NotStarted(fault))
        except NobodyWaits:
            self._tell(Dropped())
        except Exception as error:
            log.exception("engine %s could not be started", self._name)
            self._tell(NotStarted(defect(self._name, error)))
        else:
            self._doubted = 0.0
            self._tell(Started(live))
            self._watch = asyncio.get_running_loop().create_task(self._await_end(live), name=f"watch {self._name}")
            return live
        return None

    def _cancel(self) -> bool:
        """Whether it was cancelled now. Never twice: a process that is being ended would be left alone."""
        return self._work is not None and not self._work.cancelling() and self._work.cancel()

    def _broken_off(self, work: asyncio.Task[Live | None]) -> None:
        if work.cancelled():
            self._tell(Dropped())

    async def _stop(self, live: Live) -> None:
        try:
            await live.close()
        except Exception:
            log.exception("engine %s could not be stopped as it should", self._name)
            live.process.kill()
            await live.process.wait()
        self._tell(Gone())

    async def _await_end(self, live: Live) -> None:
        await live.process.wait()
        self._tell(Dead(live))

    async def _ask(self, live: Live) -> None:
        asked = _now()
        while live.process.ended is None and _now() < asked + HANGING:
            if await live.control.healthy():
                self._cleared = asked
                break
            await asyncio.sleep(AGAIN)
        else:
            live.process.kill()
        self._probe = None
        self._tell(Asked())


def _now() -> float:
    return asyncio.get_running_loop().time()
