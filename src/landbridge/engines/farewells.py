"""Who waits to hear that an engine's process is gone."""

from __future__ import annotations

import asyncio


class Farewells:
    """The replies one engine's owner owes. Each is given once: True when nothing is left of the process."""

    def __init__(self) -> None:
        self._open: set[asyncio.Future[bool]] = set()
        self._due: list[asyncio.Future[bool]] = []

    @property
    def expected(self) -> bool:
        """Whether somebody waits for the process that is there now to be gone."""
        return any(not reply.done() for reply in self._due)

    def ask(self) -> asyncio.Future[bool]:
        """A new reply, on its way to the owner."""
        reply: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._open.add(reply)
        reply.add_done_callback(self._open.discard)
        return reply

    def expect(self, reply: asyncio.Future[bool]) -> None:
        """It is given when the process is gone."""
        self._due.append(reply)

    def say(self) -> None:
        """The process is gone."""
        due, self._due = self._due, []
        _answer(due)

    def say_all(self) -> None:
        """There will be no process any more: also to those whose question the owner has not read."""
        _answer([*self._open])


def _answer(replies: list[asyncio.Future[bool]]) -> None:
    for reply in replies:
        if not reply.done():
            reply.set_result(True)
