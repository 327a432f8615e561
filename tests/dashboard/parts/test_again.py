"""Work that is asked for often is done once at a time, and the last wish is fulfilled."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from landbridge.dashboard.parts import again
from landbridge.dashboard.parts.again import Again
from landbridge.dashboard.router import RouterFault

pytestmark = pytest.mark.anyio


class Client:
    """Somebody's page."""

    instances: ClassVar = {"me": 1}
    id = "me"


class Element(nullcontext[None]):
    """A place on it."""

    client = Client()
    is_deleted = False


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Element:
    tasks: set[Any] = set()
    element = Element()

    def create(work: Any, name: str) -> None:
        tasks.add(asyncio.ensure_future(work))

    monkeypatch.setattr(again, "context", SimpleNamespace(slot=SimpleNamespace(parent=element)))
    monkeypatch.setattr(again, "background_tasks", SimpleNamespace(create=create))
    return element


async def test_many_wishes_are_one_and_the_last_is_not_forgotten(place: Element) -> None:
    done: list[str] = []
    going, over = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        done.append("begun")
        going.set()
        await over.wait()

    asking = Again(work, 0.0)
    for _ in range(5):
        asking.ask()
    await going.wait()
    asking.ask()
    asking.ask()
    over.set()
    while asking._running:
        await asyncio.sleep(0)
    assert done == ["begun"] * 2


async def test_a_fault_is_left_to_the_next_time(place: Element) -> None:
    done: list[str] = []

    async def work() -> None:
        done.append("asked")
        raise RouterFault("The router is gone.")

    asking = Again(work, 0.0)
    for _ in range(2):
        asking.ask()
        while asking._running:
            await asyncio.sleep(0)
    assert done == ["asked"] * 2


async def test_nothing_is_done_for_a_page_that_is_gone(place: Element) -> None:
    done: list[str] = []

    async def work() -> None:
        done.append("asked")

    asking = Again(work, 0.0)
    place.is_deleted = True
    asking.ask()
    while asking._running:
        await asyncio.sleep(0)
    assert done == []
