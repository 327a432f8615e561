"""Signs of life while the upstream is silent: early headers, pings, and empty events for clients that ignore pings.

Costs one timer per exchange. It never writes while the client is slow to read, and never between two halves of a
record, because every write is of whole records.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from ..config import ServerSettings
from .call import Sink


class Beating(Protocol):
    """What can say that it is alive (a `StreamWriter`)."""

    def ping(self) -> bytes:
        """Bytes that change nothing."""

    def nudge(self) -> bytes:
        """Bytes with an empty event."""


class Heart:
    """Beats for one exchange, from `arm` until `stop`."""

    def __init__(
        self,
        sink: Sink,
        writer: Beating,
        begin: Callable[[], Awaitable[None]],
        settings: ServerSettings,
        counts_pings: Callable[[], bool],
    ) -> None:
        self._sink, self._writer, self._begin, self._settings = sink, writer, begin, settings
        self._counts_pings = counts_pings
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._beat: asyncio.Task[None] | None = None
        self._nudged = self._loop.time()

    def arm(self, seconds: float) -> None:
        """Beat after so many seconds, instead of whenever it would have been."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._fire)

    def stop(self) -> None:
        """No more signs of life."""
        if self._timer is not None:
            self._timer.cancel()
        if self._beat is not None:
            self._beat.cancel()

    def _fire(self) -> None:
        self._timer = None
        self._beat = self._loop.create_task(self._once())

    async def _once(self) -> None:
        settings, sink = self._settings, self._sink
        if not sink.started:
            await self._begin()
        now = self._loop.time()
        silent = now - sink.touched
        if sink.blocked or silent < settings.ping_every * 0.95:
            self.arm(max(0.05, settings.ping_every - (0.0 if sink.blocked else silent)))
            return
        data = self._writer.ping()
        if now - self._nudged >= settings.nudge_every and not self._counts_pings():
            data += self._writer.nudge()
            self._nudged = now
        if data:
            await sink.write(data)
        self.arm(settings.ping_every)
