"""One provider: how it stands, what is known of it, and its models."""

from __future__ import annotations

from urllib.parse import unquote

from nicegui import background_tasks, ui

from ...server.admin_providers import OneProvider, ProviderModels, Providers
from ...server.provider_news import Provided
from ..desk import Desk
from ..parts.cards import Badge, card
from ..parts.faults import busy, empty, fault_card, loading
from ..router import RouterFault, at
from ..words import _
from .cloud_card import Actions, PresetsOf, Toggle, TroubleLine, buttons
from .cloud_models import ModelTable
from .cloud_words import DIALECTS, key_words, sign_of, state_of, title_of


class OnePage:
    """The page below `/cloud/NAME`."""

    def __init__(self, desk: Desk, found: OneProvider, presets: PresetsOf) -> None:
        self._desk, self._row = desk, found.standing
        self._name = found.standing.name
        actions = Actions(desk, self._name, presets)
        ui.link(_("All providers"), "/cloud").classes("cl-back")
        with ui.element("section").classes("lb-card"):
            with ui.element("div").classes("cl-one-head"):
                ui.label(sign_of(found.standing)).classes("cl-sign cl-large").props('aria-hidden="true"')
                with ui.element("div").classes("lb-grow"):
                    with ui.element("div").classes("lb-row"):
                        ui.label(self._name).classes("cl-name").props('role="heading" aria-level="2"')
                        self._badge = Badge("")
                    ui.label(title_of(found.standing)).classes("lb-muted")
                self._toggle = Toggle(actions, self._name)
            self._trouble = TroubleLine()
            with ui.element("dl").classes("cl-list"):
                self._address = _fact(_("Address"), mono=True)
                self._speaks = _fact(_("Speaks"))
                self._key = _fact(_("Key"))
                if found.note:
                    _fact(_("Note")).set_text(found.note)
                if found.leads:
                    _fact(_("Leads to it")).set_text(", ".join(found.leads))
                if found.quirks:
                    _fact(_("Exceptions")).set_text(", ".join(dict.fromkeys(found.quirks)))
            with ui.element("div").classes("cl-actions"):
                buttons(actions, self._name, lambda: ui.navigate.to("/cloud"))
        self._models = _Models(desk, self._name)
        self._show(found.standing)
        desk.live.follow("providers", Providers, self._hear)

    def _hear(self, now: Providers) -> None:
        row = next((each for each in now.providers if each.name == self._name), None)
        if row is None:
            ui.navigate.to("/cloud")
            return
        before, self._row = self._row, row
        self._show(row)
        if (before.enabled, before.listed, before.models) != (row.enabled, row.listed, row.models):
            background_tasks.create(self._models.read(), name="models of a provider")

    def _show(self, row: Provided) -> None:
        self._badge.set(*state_of(row))
        self._toggle.set(row.enabled)
        self._trouble.show(row)
        self._address.set_text(row.address)
        self._speaks.set_text(DIALECTS.get(row.dialect, row.dialect))
        self._key.set_text(key_words(row))


class _Models:
    """The card of its models."""

    def __init__(self, desk: Desk, name: str) -> None:
        self._desk, self._name = desk, name
        with card() as self._card:
            with ui.element("div").classes("cl-dialog-head"):
                ui.label(_("Models")).classes("lb-title").props('role="heading" aria-level="2"')
                self._again = ui.button(_("Ask again"), icon="refresh", on_click=self._fresh)
                self._again.props("flat dense no-caps").classes("lb-end cl-button")
            self._fault = ui.element("div")
            self._wait = loading(6)
            self._table = ModelTable()
            self._table.set_visibility(False)
        background_tasks.create(self.read(), name="models of a provider")

    async def read(self, fresh: str = "") -> None:
        """What it has, as far as is known."""
        path = at("providers", self._name, "models")
        try:
            found = await self._desk.router.get(path, ProviderModels, fresh=fresh)
        except RouterFault as fault:
            found = ProviderModels([], False, fault.message)
        if self._card.is_deleted:
            return
        self._wait.set_visibility(False)
        self._fault.clear()
        with self._fault:
            if found.problem and found.models:
                fault_card(f"{found.problem} {found.remedy}".strip())
            elif not found.models:
                title = _("It names no models") if not found.problem else _("Its models are not known")
                hint = _("Any name behind {name}/ is sent to it.", name=self._name)
                empty("list", title, f"{found.problem} {found.remedy}".strip() or hint)
        self._table.set_visibility(bool(found.models))
        self._table.show(found.models)

    async def _fresh(self) -> None:
        async with busy(self._again):
            await self.read("true")


async def build_one(desk: Desk, name: str, presets: PresetsOf) -> None:
    """Build the page of one."""
    OnePage(desk, await desk.router.get(at("providers", unquote(name)), OneProvider), presets)


def _fact(what: str, *, mono: bool = False) -> ui.label:
    with ui.element("div").classes("cl-fact"):
        with ui.element("dt").classes("lb-muted lb-small"):
            ui.label(what)
        with ui.element("dd"):
            return ui.label().classes("lb-wrap lb-mono" if mono else "lb-wrap")
