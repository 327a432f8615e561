"""Library: the models of this machine with size, quantisation, context and whether they fit; load, delete, details."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from ...engines.info import EngineInfo
from ...manage.model_list import Row
from ...server.admin import Engines
from ...server.admin_models import LIBRARY, Models, Names
from ..desk import Desk
from ..parts import numbers
from ..parts.cards import Badge, heading
from ..parts.faults import empty, fault_card, loading
from ..router import RouterFault
from ..words import _
from .models_actions import delete, load, unload
from .models_words import Said, address, how, state_of, traits, verdict


class LibraryTable:
    """The table. `get` shows where models are got."""

    def __init__(self, desk: Desk, get: Callable[[], object]) -> None:
        self._desk, self._get = desk, get
        self._rows: dict[str, LibraryRow] = {}
        self._engines: dict[str, EngineInfo] = {}
        self._names: list[str] | None = None
        self._built: list[str] | None = None
        with ui.element("section").classes("lbm-section"):
            heading(_("Library"))
            with ui.element("div").classes("lb-card") as self._card:
                loading(3)

    async def load(self) -> None:
        """Show what is here; keep up with what changes."""
        await self._refresh()
        self._desk.live.follow("library", Names, self._come_and_go)
        self._desk.live.follow("engines", Engines, self._follow_engines)

    async def _come_and_go(self, names: Names) -> None:
        if self._names is not None and names.names != self._names:
            await self._refresh()
        self._names = names.names

    async def _follow_engines(self, engines: Engines) -> None:
        now = {engine.name: engine for engine in engines.engines}
        loaded = {name for name, engine in now.items() if engine.pid is not None}
        before = {name for name, engine in self._engines.items() if engine.pid is not None}
        first, self._engines = not self._engines, now
        for name, row in self._rows.items():
            row.stand(now.get(name))
        if loaded != before and not first:
            await self._refresh()  # what is free is another, and so is what fits

    async def _refresh(self) -> None:
        try:
            found = (await self._desk.router.get(LIBRARY, Models)).models
        except RouterFault as fault:
            self._forget()
            with self._card:
                fault_card(fault.message, retry=self._refresh)
            return
        mine = [row for row in found if row.kind != "available"]
        if self._built is None or [row.name for row in mine] != self._built:
            self._build(mine)
        for row in mine:
            if row.name in self._rows:
                self._rows[row.name].set(row)
                self._rows[row.name].stand(self._engines.get(row.name))

    def _forget(self) -> None:
        self._card.clear()
        self._rows, self._built = {}, None

    def _build(self, mine: list[Row]) -> None:
        self._forget()
        self._built = [row.name for row in mine]
        with self._card:
            if not mine:
                with empty("inventory_2", _("No models yet"), _("A small one is there in a minute, and needs no key.")):
                    ui.button(_("Get a model"), icon="download", on_click=self._get).props("unelevated no-caps")
                return
            with ui.element("div").classes("lb-table"), ui.element("table").classes("lbm-library"):
                with ui.element("thead"), ui.element("tr"):
                    for title in (_("Model"), _("Size"), _("Quantisation"), _("Context"), _("Fits"), _("State")):
                        with ui.element("th").props('scope="col"'):
                            ui.label(title)
                    with ui.element("th").props('scope="col"'):
                        ui.label(_("Actions")).classes("lbm-hidden")
                with ui.element("tbody"):
                    for row in mine:
                        self._rows[row.name] = LibraryRow(self._desk, row, self._refresh)


class LibraryRow:
    """One model."""

    def __init__(self, desk: Desk, row: Row, refresh: Callable[[], Awaitable[None]]) -> None:
        self._desk, self._row, self._refresh = desk, row, refresh
        self._engine: EngineInfo | None = None
        with ui.element("tr"):
            with ui.element("td").classes("lbm-cell-name"):
                ui.link(row.name, address(row.name)).classes("lbm-name")
                self._about = ui.label().classes("lb-muted lb-small lb-wrap")
            self._size, self._quantisation, self._context = (
                self._cell(title) for title in (_("Size"), _("Quantisation"), _("Context"))
            )
            with self._td(_("Fits")), ui.element("div"):
                self._fits = Badge("-", "calm")
                self._how = ui.label().classes("lb-muted lb-small")
            with self._td(_("State")):
                self._state = Badge("-", "calm")
            with ui.element("td").classes("lbm-cell-actions"), ui.element("div").classes("lb-row lbm-tight"):
                self._actions(row.name)

    def _td(self, title: str) -> ui.element:
        cell = ui.element("td")
        cell.props["data-title"] = title
        return cell

    def _cell(self, title: str) -> ui.label:
        with self._td(title):
            return ui.label()

    def _actions(self, name: str) -> None:
        self._load = ui.button(_("Load"), on_click=self._do_load).props("unelevated dense no-caps")
        self._load.props["aria-label"] = _("Load {name}", name=name)
        self._unload = ui.button(_("Unload"), on_click=self._do_unload).props("outline dense no-caps")
        self._unload.props["aria-label"] = _("Unload {name}", name=name)
        self._unload.set_visibility(False)
        self._settings = ui.button(icon="tune", on_click=lambda: ui.navigate.to(address(name)))
        self._settings.props("flat round dense size=sm")
        self._delete = ui.button(icon="delete_outline", on_click=self._do_delete).props("flat round dense size=sm")
        for button, said in (
            (self._settings, _("Details and settings of {name}", name=name)),
            (self._delete, _("Delete {name}", name=name)),
        ):
            button.props["aria-label"] = button.props["title"] = said

    def set(self, row: Row) -> None:
        """Show what is known of it."""
        self._row = row
        here = row.kind == "here"
        said = row.fault if row.kind == "unusable" else " · ".join(filter(None, (row.title, *traits(row))))
        if row.kind == "begun":
            said = _("interrupted: {size} have come", size=numbers.size(row.come))
        self._about.set_text(said)
        self._size.set_text(numbers.size(row.size) if row.size else "-")
        self._quantisation.set_text(row.quantization or "-")
        self._context.set_text(f"{row.context:,}" if row.context else "-")
        self._fits.set(*verdict(row.fit))
        self._how.set_text(how(row.fit) if here else "")
        self._settings.set_visibility(here)
        self._show_state()

    def stand(self, engine: EngineInfo | None) -> None:
        """Show how its engine stands."""
        self._engine = engine
        self._show_state()

    def _show_state(self) -> None:
        engine, row = self._engine, self._row
        loaded = engine is not None and engine.pid is not None
        match row.kind:
            case "unusable":
                said = Said(_("Unusable"), "bad")
            case "begun":
                said = Said(_("Interrupted"), "warn")
            case _kind:
                said = state_of(engine) if engine is not None else Said(_("Not loaded"), "calm")
        self._state.set(*said)
        self._load.set_visibility(row.kind == "here" and not loaded)
        self._unload.set_visibility(loaded)

    async def _do_load(self) -> None:
        await load(self._desk, self._row.name, self._load)

    async def _do_unload(self) -> None:
        if self._engine is not None:
            await unload(self._desk, self._engine, self._unload)

    async def _do_delete(self) -> None:
        if await delete(self._desk, self._row, self._delete):
            await self._refresh()
