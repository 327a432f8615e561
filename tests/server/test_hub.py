"""Who listens hears each happening and the newest of each state; nobody works for topics without listeners."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from landbridge.server.hub import BEHIND, LOST, Hub, Said

pytestmark = pytest.mark.anyio


class Counter:
    """A state that counts how often it is looked at."""

    def __init__(self) -> None:
        self.value, self.looks = 0, 0

    def __call__(self) -> int:
        self.looks += 1
        return self.value


async def heard(listening: AsyncIterator[list[Said]]) -> list[tuple[str, Any]]:
    async with asyncio.timeout(5):
        return [(topic, json.loads(value)) for topic, value in await anext(listening)]


async def test_a_state_is_said_at_once_and_then_when_it_is_another() -> None:
    hub, count = Hub(), Counter()
    hub.state("count", count, every=0.005)
    async with aclosing(hub.listen(["count"])) as listening:
        assert await heard(listening) == [("count", 0)]
        looked = count.looks
        while count.looks < looked + 3:  # the same again is not said
            await asyncio.sleep(0.005)
        count.value = 7
        assert await heard(listening) == [("count", 7)]


async def test_nobody_works_while_nobody_listens() -> None:
    hub, count = Hub(), Counter()
    hub.state("count", count, every=0.001)
    hub.happening("news")
    hub.tell("news", object())  # which would not become JSON
    hub.changed("count")
    await asyncio.sleep(0.02)
    assert (count.looks, hub.heard("count")) == (0, False)
    async with aclosing(hub.listen(["count"])) as listening:
        await heard(listening)
        assert hub.heard("count")
    looked = count.looks
    await asyncio.sleep(0.02)
    assert (count.looks, hub.heard("count")) == (looked, False)


async def test_a_change_is_looked_at_before_its_time() -> None:
    hub, count = Hub(), Counter()
    hub.state("count", count, every=60)
    async with aclosing(hub.listen(["count"])) as listening:
        await heard(listening)
        count.value = 1
        hub.changed("count")
        assert await heard(listening) == [("count", 1)]


async def test_who_falls_behind_gets_the_newest_state_and_is_told_what_was_lost() -> None:
    hub, count = Hub(), Counter()
    hub.state("count", count, every=60)
    hub.happening("news")
    async with aclosing(hub.listen(["count", "news"])) as listening:
        await heard(listening)
        for number in range(BEHIND + 3):
            count.value = number
            hub.changed("count")
            hub.tell("news", number)
        said = await heard(listening)
    assert said[0] == (LOST, {"happenings": 3})
    assert [value for topic, value in said if topic == "news"] == list(range(3, BEHIND + 3))
    assert [value for topic, value in said if topic == "count"] == [BEHIND + 2]


async def test_each_hears_what_it_asked_for() -> None:
    hub = Hub()
    hub.happening("news")
    hub.happening("more")
    assert hub.topics == ["more", "news"]
    async with aclosing(hub.listen(["news"])) as one, aclosing(hub.listen(["news", "more"])) as both:
        assert [await heard(each) for each in (one, both)] == [[], []]
        hub.tell("more", 1)
        hub.tell("news", 2)
        assert await heard(one) == [("news", 2)]
        assert await heard(both) == [("more", 1), ("news", 2)]


async def test_silence_is_said_to_last() -> None:
    hub = Hub()
    hub.happening("news")
    async with aclosing(hub.listen(["news"], idle=0.01)) as listening:
        assert [await heard(listening) for _ in range(3)] == [[], [], []]


async def test_closing_lets_all_go() -> None:
    hub = Hub()
    hub.happening("news")
    hearing = asyncio.ensure_future(_all(hub))
    await asyncio.sleep(0)
    hub.close()
    async with asyncio.timeout(5):
        await hearing


async def _all(hub: Hub) -> None:
    async for _ in hub.listen(["news"]):
        pass


async def test_a_state_that_cannot_be_told_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    hub = Hub()
    hub.state("bad", lambda: 1 / 0, every=60)
    hub.state("good", lambda: 1, every=60)
    async with aclosing(hub.listen(["bad", "good"])) as listening:
        assert await heard(listening) == [("good", 1)]
    assert "'bad'" in caplog.text
