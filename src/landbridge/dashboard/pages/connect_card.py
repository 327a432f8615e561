"""One client tool on the Connect page: where it finds the router, how it is started, and whether that works."""

from __future__ import annotations

from nicegui import ui

from ...agents.clients import Client
from ...manage.connecting import Recipe
from ...server.admin_clients import Clients
from ..desk import Desk
from ..parts.again import Again
from ..parts.cards import Badge, card
from ..parts.faults import busy
from ..router import RouterFault, at
from ..words import _, n_
from .connect_choice import Choice
from .connect_lines import Lines
from .connect_test import ConnectionTest
from .connect_tiers import Tiers


class ClientCard:
    """The card. The first one has more room: the tiers, and its test beside the lines."""

    def __init__(self, desk: Desk, choice: Choice, client: Client, *, first: bool = False) -> None:
        self._desk, self._choice, self._client = desk, choice, client
        self._recipe: Recipe | None = None
        with card().classes("lb-client").props(f'data-client="{client.name}"') as self._place:
            self._head()
            with ui.element("div").classes("lb-client-parts" if first else "lb-client-part"):
                with ui.element("div").classes("lb-client-part"):
                    self._start()
                    if first:
                        self._by_hand()
                with ui.element("div").classes("lb-client-part"):
                    if first:
                        Tiers(desk, choice)
                    ConnectionTest(desk, choice, client, shown=first)
            if not first:
                with ui.expansion(_("By hand")).props("dense expand-separator=false").classes("lb-by-hand"):
                    self._by_hand()
        with self._place:
            self._again = Again(self._read, 0.1)
        choice.follow(self._again.ask)

    def _head(self) -> None:
        with ui.element("div").classes("lb-client-head"):
            ui.label(self._client.title).classes("lb-title").props('role="heading" aria-level="2"')
            self._badge = Badge(_("Not installed"), "calm")
            self._install = ui.label().classes("lb-muted lb-mono lb-wrap")

    def _start(self) -> None:
        with ui.element("div").classes("lb-labelled"):
            ui.label(_("One command")).classes("lb-part-title")
            self._launch = Lines(_("One command for {client}", client=self._client.title))
        with ui.element("div").classes("lb-labelled"):
            ui.label(_("Endpoint")).classes("lb-part-title")
            self._endpoint = Lines(_("Endpoint of {client}", client=self._client.title))
        self._notes = ui.element("ul").classes("lb-notes")

    def _by_hand(self) -> None:
        with ui.element("div").classes("lb-labelled"):
            ui.label(_("By hand")).classes("lb-part-title")
            self._files = ui.label().classes("lb-muted lb-small lb-wrap")
            self._lines = Lines(
                _("Variables for {client}", client=self._client.title), self._write if self._client.by_files else None,
                long=True,
            )  # fmt: skip
            self._then = ui.label().classes("lb-muted lb-small lb-wrap")

    def show(self, told: Clients) -> None:
        """Whether it is installed."""
        found = next(each for each in told.clients if each.client == self._client.name)
        if found.state == "installed":
            said = _("Installed, {version}", version=found.version) if found.version else _("Installed")
            self._badge.set(said, "good")
            self._install.set_text("")
        else:
            self._badge.set(_("Not installed"), "calm")
            self._install.set_text(found.install)

    async def _read(self) -> None:
        """Ask what it takes; a fault is said among the notes."""
        try:
            path = at("clients", self._client.name)
            made = await self._desk.router.ask("GET", path, Recipe, query=self._choice.query())
        except RouterFault as fault:
            self._note([fault.message])
            return
        self._take(made)

    def _take(self, made: Recipe) -> None:
        self._recipe = made
        self._launch.set(made.launch)
        self._endpoint.set(made.endpoint)
        self._lines.set("\n".join(made.lines))
        self._then.set_text(_("Then start {program} in the same shell.", program=made.start))
        if made.files:
            self._files.set_text(
                n_(
                    "The lines point to a file of the session, which copying them writes.",
                    "The lines point to {n} files of the session, which copying them writes.",
                    len(made.files),
                )
            )
        self._files.set_visibility(bool(made.files))
        unknown = made.local and made.window is None  # said once, where the model is chosen
        self._choice.unloaded(made.model if unknown else "")
        self._note([] if unknown else made.notes)

    def _note(self, notes: list[str]) -> None:
        self._notes.clear()
        with self._notes:
            for note in notes:
                with ui.element("li"):
                    ui.label(note).classes("lb-wrap")
        self._notes.set_visibility(bool(notes))

    async def _write(self) -> None:
        """Write the files that the lines point to, for the model that is chosen now."""
        async with busy(self._lines.button):
            body = self._choice.query()
            self._take(await self._desk.router.ask("POST", at("clients", self._client.name, "files"), Recipe, body))
