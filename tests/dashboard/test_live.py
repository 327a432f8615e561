"""One line to the router for all tabs: states are told to who comes later, happenings are not; a broken line heals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from nicegui import ui

from landbridge.dashboard import live as module
from landbridge.dashboard.live import Live
from landbridge.dashboard.router import Router
from landbridge.server.hub import STATES
from tests.fakes.tab import tab, until

pytestmark = [pytest.mark.io, pytest.mark.anyio]


class Station:
    """A router that only tells of things."""

    def __init__(self) -> None:
        self.lines: list[web.StreamResponse] = []
        self.state = b'{"n": 1}'
        self.gone = asyncio.Event()

    async def events(self, request: web.Request) -> web.StreamResponse:
        line = web.StreamResponse(headers={STATES: "count"})
        await line.prepare(request)
        self.gone.clear()
        self.lines.append(line)
        await line.write(b"event: count\ndata: %b\n\n" % self.state)
        await self.gone.wait()
        return line

    async def tell(self, topic: str, data: bytes) -> None:
        await self.lines[-1].write(b"event: %b\ndata: %b\n\n" % (topic.encode(), data))

    def hang_up(self) -> None:
        self.gone.set()


@asynccontextmanager
async def following(folder: Path) -> AsyncIterator[tuple[Live, Station]]:
    """The pages' line, and the station it leads to."""
    station, app = Station(), web.Application()
    app.router.add_get("/api/v1/events", station.events)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.UnixSite(runner, str(folder / "s")).start()
    router = Router(str(folder / "s"))
    live = Live(router)
    try:
        with tab():
            yield live, station
        station.hang_up()  # it is let go when nobody follows anything, with the next thing that is said
        assert live._line is not None
        await asyncio.wait_for(live._line, 5)
    finally:
        station.hang_up()
        await router.close()
        await runner.cleanup()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.01)


async def test_who_comes_later_is_told_what_is_and_not_what_was(tmp_path: Path) -> None:
    first: list[Any] = []
    later: list[Any] = []
    async with following(tmp_path) as (live, station):
        live.follow("count", dict[str, int], first.append)
        live.follow("news", list[str], first.append)
        await until(lambda: first == [{"n": 1}])
        await station.tell("news", b'["old"]')
        await until(lambda: ["old"] in first)
        live.follow("count", dict[str, int], later.append)
        live.follow("news", list[str], later.append)
        await until(lambda: later == [{"n": 1}])
        await station.tell("news", b'["new"]')
        await until(lambda: ["new"] in later)
        assert later == [{"n": 1}, ["new"]]
        assert len(station.lines) == 1


async def test_a_broken_line_is_tried_again(tmp_path: Path) -> None:
    heard: list[Any] = []
    async with following(tmp_path) as (live, station):
        live.follow("count", dict[str, int], heard.append)
        await until(lambda: len(heard) == 1)
        station.state = b'{"n": 2}'
        station.hang_up()
        await until(lambda: heard == [{"n": 1}, {"n": 2}])
        assert live.lines == 2


async def test_who_has_gone_is_told_nothing(tmp_path: Path) -> None:
    heard: list[Any] = []
    others: list[Any] = []
    async with following(tmp_path) as (live, station):
        with ui.element("div") as place:
            live.follow("count", dict[str, int], heard.append)
        await until(lambda: len(heard) == 1)
        live.follow("count", dict[str, int], others.append)
        place.delete()
        await station.tell("count", b'{"n": 3}')
        await until(lambda: {"n": 3} in others)
        assert heard == [{"n": 1}]


async def test_one_that_fails_keeps_nothing_from_others(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[Any] = []

    async def late(value: dict[str, int]) -> None:
        await asyncio.sleep(0)
        heard.append(value)

    def fail(value: object) -> None:
        raise ZeroDivisionError

    async with following(tmp_path) as (live, _):
        live.follow("count", dict[str, int], fail)
        live.follow("count", list[str], heard.append)
        live.follow("count", dict[str, int], late)
        await until(lambda: heard == [{"n": 1}])
    assert "could not be shown" in caplog.text
