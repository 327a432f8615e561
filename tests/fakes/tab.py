"""A tab of the dashboard without a browser: elements are built in it, clicked and read.

with tab() as there:
    Something()
    there.click("Save")
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import msgspec
from nicegui import Client, background_tasks, core, ui
from nicegui.element import Element
from nicegui.page import page

from landbridge.dashboard.desk import Desk
from landbridge.dashboard.router import RouterFault

E = TypeVar("E", bound=Element)


class Tab:
    """What is in it."""

    def __init__(self, client: Client) -> None:
        self.client = client

    @property
    def texts(self) -> list[str]:
        """Everything that is said in it and not hidden, in the order it was made."""
        said = [(each, getattr(each, "text", None)) for each in self.client.elements.values()]
        return [text for each, text in said if text and _visible(each)]

    def all(self, type: type[E]) -> list[E]:
        """The elements of a type."""
        return [each for each in self.client.elements.values() if isinstance(each, type)]

    def button(self, name: str) -> ui.button:
        """The button of that text or label."""
        return next(each for each in self.all(ui.button) if name in (each.text, each.props.get("aria-label", "")))

    def click(self, name: str) -> None:
        """Click a button. What it starts runs on."""
        button = self.button(name)
        for listener in button._event_listeners.values():
            if listener.type == "click":
                button._handle_event({"listener_id": listener.id, "args": {}})

    async def until(self, text: str) -> None:
        """Wait until something says `text`."""
        await until(lambda: any(text in each for each in self.texts))


def _visible(element: Element | None) -> bool:
    while element is not None:
        if not getattr(element, "visible", True):
            return False
        element = element.parent_slot.parent if element.parent_slot is not None else None
    return True


@contextmanager
def tab() -> Generator[Tab]:
    """One, on the loop that runs. Tasks that were started in it end with it."""
    core.loop = asyncio.get_running_loop()
    client = Client(page("/"))
    try:
        with client.content:
            yield Tab(client)
    finally:
        client.delete()
        client.outbox.stop()
        for task in list(background_tasks.running_tasks):
            task.cancel()


class _Lines:
    def __init__(self, lines: list[bytes], then: asyncio.Event | None) -> None:
        self._lines, self._then = lines, then

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for line in self._lines:
            yield line
        if self._then is not None:
            await self._then.wait()


class _Answer:
    def __init__(self, lines: list[bytes], then: asyncio.Event | None) -> None:
        self.content = _Lines(lines, then)


class FakeRouter:
    """A router that says what it was given, by path; a string is a fault, a list of bytes a stream of lines."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = dict(answers)
        self.asked: list[tuple[str, str, Any]] = []
        self.going_on: asyncio.Event | None = None
        """Where it is there, streams do not end before it is set."""

    async def get(self, path: str, type: Any, seconds: float = 60, **query: Any) -> Any:
        """As `Router.get`."""
        return await self.ask("GET", path, type, {name: value for name, value in query.items() if value})

    async def ask(self, method: str, path: str, type: Any, body: Any = None, **_: Any) -> Any:
        """As `Router.ask`."""
        self.asked.append((method, path, body))
        await asyncio.sleep(0)
        return msgspec.convert(msgspec.to_builtins(self._said(path)), type)

    @asynccontextmanager
    async def open(self, method: str, path: str, body: Any = None, **_: Any) -> AsyncIterator[_Answer]:
        """As `Router.open`."""
        self.asked.append((method, path, body))
        await asyncio.sleep(0)
        yield _Answer(self._said(path), self.going_on)

    def _said(self, path: str) -> Any:
        said = self.answers.get(path, f"There is nothing at {path}.")
        if isinstance(said, str):
            raise RouterFault(said)
        return said


def desk(router: Any) -> Desk:
    """What a page works with, where nothing happens by itself."""
    live: Any = None
    return Desk(router, live)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.005)


async def settled() -> None:
    """Let tasks that are ready have their turns."""
    for _ in range(20):
        await asyncio.sleep(0)
