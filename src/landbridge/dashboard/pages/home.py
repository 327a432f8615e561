"""Home: what runs, how fast it is, what was used today, and what to do first."""

from __future__ import annotations

import asyncio
from datetime import datetime

from nicegui import ui

from ...server.admin import Engines
from ...server.admin_models import Names
from ...server.health import Report
from ...server.onlookers import ENDED
from ...server.pace import PACE, Pace
from ...store.report import Exchange, Exchanges, Usage
from ...store.series import Statistics
from ..desk import Desk
from ..parts.again import Again
from ..parts.charts import link_styles
from ..parts.faults import loading
from .home_latest import MOST, Latest
from .home_now import Day, Now
from .home_parts import Running
from .home_steps import Steps, is_client

FRESH_SECONDS = 2.0
"""At least so long no figures are read anew."""
LOOK_BACK = 50
"""Requests among which one of a client is looked for before all are."""


async def build(desk: Desk, id: str) -> None:
    """Build the page."""
    link_styles()
    ui.add_head_html('<link rel="stylesheet" href="/static/home.css">')
    with ui.element("div") as wait:
        loading(8)
    report, latest, day, today = await asyncio.gather(
        desk.router.get("/health", Report), _latest(desk), _statistics(desk, "24h", "model"), _today(desk)
    )
    connected = await _connected(desk, latest.exchanges)
    wait.delete()
    page = _Page(desk, report, connected=connected)
    page.show(day, today)
    page.latest.show(latest.exchanges)
    page.follow()


class _Page:
    def __init__(self, desk: Desk, report: Report, *, connected: bool) -> None:
        self._desk = desk
        self._written = -1
        self._steps = Steps(desk, report, connected=connected)
        self._now = Now()
        with ui.element("div").classes("lbh-columns"):
            self._day = Day()
            self._running = Running(report)
        self.latest = Latest(desk)

    def show(self, day: Statistics, today: Statistics) -> None:
        """What was used."""
        self._day.show(day)
        self._now.show(today)

    def follow(self) -> None:
        """Show what comes."""
        again = Again(self._read, FRESH_SECONDS)

        def paced(pace: Pace) -> None:
            self._now.pace(pace)
            if self._written not in (-1, pace.written):
                again.ask()
            self._written = pace.written

        def ended(exchanges: list[Exchange]) -> None:
            self.latest.add(exchanges)
            if any(is_client(each.client) for each in exchanges):
                self._steps.connected()

        live = self._desk.live
        live.follow(PACE, Pace, paced)
        live.follow(ENDED, list[Exchange], ended)
        live.follow("health", Report, self._health)
        live.follow("engines", Engines, self._running.engines)
        live.follow("library", Names, lambda names: self._steps.models(names.names))

    def _health(self, report: Report) -> None:
        self._running.health(report)
        self._steps.health(report)

    async def _read(self) -> None:
        day, today = await asyncio.gather(_statistics(self._desk, "24h", "model"), _today(self._desk))
        self.show(day, today)


async def _statistics(desk: Desk, since: str, by: str) -> Statistics:
    return await desk.router.get("/api/v1/statistics", Statistics, since=since, by=by)


async def _today(desk: Desk) -> Statistics:
    return await _statistics(desk, datetime.now().date().isoformat(), "")


async def _latest(desk: Desk) -> Exchanges:
    return await desk.router.get("/api/v1/requests", Exchanges, limit=str(max(MOST, LOOK_BACK)))


async def _connected(desk: Desk, latest: list[Exchange]) -> bool:
    """Whether a client has ever asked."""
    if len(latest) < LOOK_BACK or any(is_client(each.client) for each in latest):
        return any(is_client(each.client) for each in latest)
    used = await desk.router.get("/api/v1/usage", Usage, by="client")
    return any(is_client(row.group["client"]) for row in used.rows)
