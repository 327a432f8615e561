"""Connect: what each client tool needs to work on a model here, a test that it does, and what is wrong where not."""

from __future__ import annotations

from nicegui import background_tasks, ui

from ...agents.clients import CLIENTS
from ...engines.states import State
from ...server.admin import Engines
from ...server.admin_clients import Clients
from ...server.health import Report
from ..desk import Desk
from ..parts.again import Again
from ..parts.cards import card, grid, heading
from ..parts.faults import warning
from ..router import RouterFault
from ..words import _
from .connect_card import ClientCard
from .connect_checks import Checks
from .connect_choice import Choice, Choices, away

FRESH_SECONDS = 0.5
"""At least so long nothing is read anew."""


async def build(desk: Desk, id: str) -> None:
    """Build the page."""
    ui.add_head_html('<link rel="stylesheet" href="/static/connect.css">')
    told = await desk.router.get("/api/v1/clients", Clients, versions="false")
    _Page(desk, told, ui.context.client.request.headers.get("host", ""))


class _Page:
    def __init__(self, desk: Desk, told: Clients, host: str) -> None:
        self._desk, self._host = desk, host
        self._seen = ""
        self._ready: set[str] = set()
        self._choice = Choice(told)
        self._off = ui.element("div")
        self._choices = Choices(desk, self._choice)
        first, *others = CLIENTS.values()
        self._cards = [ClientCard(desk, self._choice, first, first=True)]
        heading(_("Other clients"))
        with grid(400).classes("lb-clients"):
            self._cards += [ClientCard(desk, self._choice, client) for client in others]
        with card(_("Troubleshooting"), _("What 'landbridge doctor' looks at, from the client to the model.")):
            Checks(desk, self._choice)
        self._show(told)
        self._again = Again(self._read, FRESH_SECONDS)
        desk.live.follow("health", Report, self._hear)
        desk.live.follow("engines", Engines, self._loaded)
        desk.live.follow("settings", list[dict[str, object]], lambda _changes: self._again.ask())
        background_tasks.create(self._versions(), name="versions of clients")

    def _hear(self, report: Report) -> None:
        """Where the router is, and who it lets in, may have changed."""
        parts = {name: part for name, part in report.parts.items() if name in ("listener router", "keys")}
        seen = repr(parts)
        if self._seen and seen != self._seen:
            self._again.ask()
        self._seen = seen

    def _loaded(self, engines: Engines) -> None:
        """What the chosen model holds is known as soon as it is loaded."""
        ready = {engine.name for engine in engines.engines if engine.state == State.READY}
        if ready != self._ready:
            self._ready = ready
            self._choice.changed()

    async def _read(self) -> None:
        self._show(await self._desk.router.get("/api/v1/clients", Clients, versions="false"))

    def _show(self, told: Clients) -> None:
        for each in self._cards:
            each.show(told)
        self._off.clear()
        base_url, why = away(self._host, told.router)
        self._off.set_visibility(not told.open or why)
        with self._off:
            if not told.open:
                with warning(_("The TCP Server is off: no client can connect.")):
                    ui.button(_("To the API page"), on_click=lambda: ui.navigate.to("/api")).props("flat dense no-caps")
            elif why:
                with warning(_("You are at another machine, and the TCP Server is open to this one only.")):
                    ui.button(_("To the API page"), on_click=lambda: ui.navigate.to("/api")).props("flat dense no-caps")
        self._choices.show(told)
        self._choice.moved(told, base_url)

    async def _versions(self) -> None:
        """Some clients have to be started to learn it, so it comes later."""
        try:
            told = await self._desk.router.get("/api/v1/clients", Clients)
        except RouterFault:
            return
        for each in self._cards:
            each.show(told)
