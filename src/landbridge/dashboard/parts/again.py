"""Work that is asked for again and again, and done once at a time: reading anew what is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from nicegui import background_tasks, context

from ..router import RouterFault


class Again:
    """`ask` has `work` done soon, `rest` seconds after it was done last; asked several times meanwhile, once.

    It ends with the element in which it was made. A fault of the router's is left to the next time.
    """

    def __init__(self, work: Callable[[], Awaitable[None]], rest: float) -> None:
        self._work, self._rest = work, rest
        self._element = context.slot.parent
        self._wanted = self._running = False

    def ask(self) -> None:
        """Something has happened."""
        self._wanted = True
        if not self._running:
            self._running = True
            background_tasks.create(self._run(), name="again")

    async def _run(self) -> None:
        try:
            while self._wanted and not self._gone:
                self._wanted = False
                with self._element, suppress(RouterFault):
                    await self._work()
                await asyncio.sleep(self._rest)
        finally:
            self._running = False

    @property
    def _gone(self) -> bool:
        client = self._element.client
        return self._element.is_deleted or client.id not in type(client).instances
