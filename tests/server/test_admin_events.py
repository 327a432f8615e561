"""`GET /api/v1/events`: a stream that begins with what is, goes on with what happens, and ends with its reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from landbridge.server.admin_events import EVENTS
from landbridge.server.hub import STATES
from tests.fakes.running import Running

pytestmark = [pytest.mark.io, pytest.mark.anyio]


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with Running(tmp_path) as running:
        yield running


async def event(answer: aiohttp.ClientResponse) -> tuple[str, str]:
    """The next event's topic and data."""
    async with asyncio.timeout(10):
        while not (line := await answer.content.readline()).startswith(b"event: "):
            assert line, "the stream goes on"
        data = await answer.content.readline()
    assert data.startswith(b"data: ")
    assert await answer.content.readline() == b"\n"
    return line[7:].strip().decode(), data[6:].strip().decode()


async def test_it_begins_with_the_state_and_goes_on(running: Running) -> None:
    async with running.session.get(f"{running.url}{EVENTS}?topics=engines,settings") as answer:
        assert (answer.status, answer.headers["content-type"]) == (200, "text/event-stream")
        assert {"engines", "health"} <= set(answer.headers[STATES].split(","))
        assert "settings" not in answer.headers[STATES]
        assert await event(answer) == ("engines", '{"engines":[]}')
        running.hub.tell("settings", [1])
        assert await event(answer) == ("settings", "[1]")
    async with asyncio.timeout(10):
        while running.hub.heard("engines"):
            await asyncio.sleep(0.01)


async def test_without_a_choice_it_is_everything(running: Running) -> None:
    async with running.session.get(running.url + EVENTS) as answer:
        wanted = {"engines", "health"}
        while wanted:
            wanted.discard((await event(answer))[0])
        assert all(running.hub.heard(topic) for topic in running.hub.topics)


async def test_the_end_of_the_router_ends_it(running: Running) -> None:
    async with running.session.get(f"{running.url}{EVENTS}?topics=settings") as answer:
        running.hub.close()
        async with asyncio.timeout(10):
            assert (await answer.content.read()).strip(b":\n") == b""


@pytest.mark.parametrize(("query", "words"), [("topics=weather", "no 'weather'"), ("topic=health", "'topic'")])
async def test_what_there_is_not(running: Running, query: str, words: str) -> None:
    reply = await running.get(f"{EVENTS}?{query}")
    assert reply.status == 400
    assert words in reply.json["error"]["message"]
