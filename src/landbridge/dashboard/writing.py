"""An answer while it is written: asked for, read as it comes, stopped, timed, and what it cost found out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import aiohttp
from msgspec import Struct, field

from .. import __version__
from ..store.conversation import Answer, Conversation, Turn
from .dialogue import request
from .messages import Said
from .router import Router, RouterFault, at

PATH = "/anthropic/v1/messages"
CLIENT = f"landbridge-chat/{__version__}"
PACE = 1 / 15
"""Seconds between two looks at an answer that grows."""
SHARE = 4
"""A look may take one of so many parts of the time: what is slow to show is shown less often."""
COST_AFTER = (0.4, 0.8, 1.6, 3.2)
"""Seconds: the ledger writes a moment after the end."""
IDS = ("x-landbridge-id", "request-id")
"""Headers that name the exchange; a provider's own `request-id` may pass through."""


class _Exchange(Struct):
    cost: int | None = None


class _Told(Struct):
    exchange: _Exchange = field(default_factory=_Exchange)


class Writing:
    """One answer."""

    def __init__(self, router: Router, said: Conversation, turn: Turn, answer: Answer, most: int) -> None:
        self.turn, self.answer = turn, answer
        self._router = router
        self._body = request(said, turn, answer.side, answer.model, most)
        self._session = said.id
        self._task: asyncio.Task[None] | None = None
        self._stopped = False
        self._look: asyncio.TimerHandle | None = None
        self._next = 0.0

    def stop(self) -> None:
        """Stop it; what has come stays."""
        self._stopped = True
        if self._task is not None:
            self._task.cancel()

    async def run(self, changed: Callable[[], None]) -> None:
        """See it through, and say when there is more of it. Never raises."""
        said, began = Said(), time.monotonic()
        answer = self.answer
        self._task = asyncio.ensure_future(self._read(said, began, changed))
        if self._stopped:
            self._task.cancel()
        try:
            await self._task
        except asyncio.CancelledError:
            self._stopped = True
        except RouterFault as fault:
            said.fault = said.fault or fault.message
        except Exception as error:
            said.fault = f"{type(error).__name__}: {error}"
        finally:
            if self._look is not None:
                self._look.cancel()
            self._take(said)
            answer.seconds = time.monotonic() - began
            answer.stop = "stopped" if self._stopped else str(said.stop or "")
            answer.fault = "" if self._stopped or said.stop is not None else said.fault or "The answer broke off."

    async def _read(self, said: Said, began: float, changed: Callable[[], None]) -> None:
        headers = {"user-agent": CLIENT, "anthropic-version": "2023-06-01", "x-claude-code-session-id": self._session}
        async with self._router.open("POST", PATH, self._body, headers=headers) as response:
            self.answer.request = next((response.headers[name] for name in IDS if name in response.headers), "")
            try:
                async for data in response.content.iter_any():
                    if not said.feed(data):
                        continue
                    if self.answer.first is None and said.begun:
                        self.answer.first = time.monotonic() - began
                    self._show(said, changed)
                    if said.fault:
                        return
            except aiohttp.ClientError as error:
                said.fault = f"The answer broke off: {error}."
                return
            said.close()

    def _show(self, said: Said, changed: Callable[[], None]) -> None:
        """Have what has come shown: soon, and not too often."""
        if self._look is None:
            loop = asyncio.get_running_loop()
            self._look = loop.call_at(max(self._next, loop.time()), self._shown, said, changed)

    def _shown(self, said: Said, changed: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        self._look, began = None, loop.time()
        self._take(said)
        changed()
        self._next = began + max(PACE, SHARE * (loop.time() - began))

    def _take(self, said: Said) -> None:
        answer, usage = self.answer, said.usage
        answer.text, answer.thinking = said.text, said.thinking
        if usage.input is not None or usage.cache_read is not None:
            answer.input, answer.cached = usage.prompt, usage.cache_read
        answer.output = usage.output

    async def find_cost(self) -> bool:
        """Ask the ledger what it cost, once it knows; whether that is known."""
        if not self.answer.request:
            return False
        for seconds in COST_AFTER:
            await asyncio.sleep(seconds)
            try:
                told = await self._router.get(at("requests", self.answer.request), _Told)
            except RouterFault as fault:
                if fault.status == 404:
                    continue  # it is not written yet
                return False
            self.answer.cost = told.exchange.cost
            return told.exchange.cost is not None
        return False
