"""What happens in the router, to the pages that are open: one line to it for all of them.

    live.follow("engines", Engines, show)

calls `show` with the state now and with each other one from then on, as long as the element it was said in is there.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from nicegui import context
from nicegui.element import Element

from ..server.hub import STATES
from .router import Router, RouterFault

log = logging.getLogger("landbridge.dashboard")

T = TypeVar("T")
AGAIN = 1.0
"""Seconds until a line that broke is tried again."""


class _Follower:
    def __init__(self, element: Element, type: Any, handler: Callable[[Any], Awaitable[None] | None]) -> None:
        self.element, self.type, self.handler = element, type, handler

    @property
    def gone(self) -> bool:
        return self.element.is_deleted or self.element.client.id not in type(self.element.client).instances

    async def hear(self, value: bytes) -> None:
        try:
            said = msgspec.json.decode(value, type=self.type)
            with self.element:
                done = self.handler(said)
                if inspect.isawaitable(done):
                    await done
        except Exception:
            if not self.gone:
                log.exception("what happened could not be shown")


class Live:
    """Of the process."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._followers: dict[str, list[_Follower]] = {}
        self._states: dict[str, bytes | None] = {}
        """The newest of each topic that is a state; what only happened is told to nobody who comes later."""
        self._line: asyncio.Task[None] | None = None
        self.lines = 0
        """How often the router was asked for events: who has missed some while a line was broken looks again."""

    def follow(self, topic: str, type: type[T], handler: Callable[[T], Awaitable[None] | None]) -> None:
        """Call `handler` with what is said of `topic`, while the element around this call is there."""
        follower = _Follower(context.slot.parent, type, handler)
        self._followers.setdefault(topic, []).append(follower)
        if self._line is None or self._line.done():
            self._states.clear()
            self._line = asyncio.get_running_loop().create_task(self._listen())
        elif (state := self._states.get(topic)) is not None:
            asyncio.get_running_loop().call_soon(lambda: _start(follower.hear(state)))

    async def _listen(self) -> None:
        """Hear everything while somebody follows anything."""
        while self._watched():
            try:
                async with self._router.open("GET", "/api/v1/events") as answer:
                    self.lines += 1
                    self._states = dict.fromkeys(answer.headers.get(STATES, "").split(","))
                    topic = ""
                    async for line in answer.content:
                        if line.startswith(b"event: "):
                            topic = line[7:].strip().decode()
                        elif line.startswith(b"data: "):
                            await self._say(topic, line[6:].strip())
                        if not self._watched():
                            break
            except RouterFault as fault:
                log.debug("events: %s", fault.message)
            except ValueError:
                log.warning("an event was too long")
            self._states.clear()
            await asyncio.sleep(AGAIN)

    def _watched(self) -> bool:
        for topic, followers in list(self._followers.items()):
            self._followers[topic] = [each for each in followers if not each.gone]
        return any(self._followers.values())

    async def _say(self, topic: str, value: bytes) -> None:
        if topic in self._states:
            self._states[topic] = value
        for follower in list(self._followers.get(topic, ())):
            if not follower.gone:
                await follower.hear(value)


_running: set[asyncio.Task[None]] = set()


def _start(work: Any) -> None:
    task = asyncio.get_running_loop().create_task(work)
    _running.add(task)
    task.add_done_callback(_running.discard)
