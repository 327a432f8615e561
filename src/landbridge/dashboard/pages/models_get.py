"""Get models: a search here and on the hub, an address to fetch from, what is recommended, what other programs have."""

from __future__ import annotations

from nicegui import ui

from ...engines.sources import understood
from ...manage.model_list import Row
from ...manage.model_search import Repository, Search
from ...server.admin_models import IMPORTABLE, LIBRARY, Found, Importable, Models, Names
from ...server.admin_search import SEARCH
from ..desk import Desk
from ..parts import numbers
from ..parts.cards import Badge, card, heading
from ..parts.faults import busy, complain, empty, loading, say, warning
from ..router import RouterFault
from ..words import _, n_
from .models_downloads import begin
from .models_offer import Quantisations, fetching
from .models_words import address, verdict

SCHEMES = ("hf:", "pypi:", "http://", "https://", "/", "./", "~/")


class GetModels:
    """The search, and what is below it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._asked = 0
        with card(_("Find a model"), _("Words search the hub and this machine; an address or a path is taken as is.")):
            with ui.element("div").classes("lb-row lbm-search"):
                self._words = ui.input(placeholder=_("qwen coder 7b, hf:org/repo, https://….gguf")).classes("lb-grow")
                self._words.props("outlined dense clearable autocomplete=off")
                self._words.props["aria-label"] = _("Name, address or path of a model")
                self._words.on("keydown.enter", self._search)
                self._button = ui.button(_("Search"), icon="search", on_click=self._search)
                self._button.props("unelevated no-caps")
            self._found = ui.element("div").classes("lbm-found").props('aria-live="polite"')
        with card(_("Recommended"), _("Known by name and checked against their sha256; none needs an account.")):
            self._known = ui.element("div").classes("lbm-list")
            with self._known:
                loading(3)
        self._elsewhere = ui.element("section").classes("lb-card")
        with self._elsewhere:
            heading(_("On this machine already"), _("Other programs have them. They are used where they are."))
            self._theirs = ui.element("div").classes("lbm-list")
        self._elsewhere.set_visibility(False)
        self._running: set[str] = set()

    async def load(self) -> None:
        """Show what is recommended, and what other programs have."""
        await self._show_known()
        await self._show_theirs()
        self._desk.live.follow("library", Names, self._come_and_go)
        self._names: list[str] | None = None

    async def _come_and_go(self, names: Names) -> None:
        if self._names is not None and names.names != self._names:
            await self._show_known()
            await self._show_theirs()
        self._names = names.names

    # -- what is known -------------------------------------------------------------------------------------------------

    async def _show_known(self) -> None:
        try:
            found = [row for row in (await self._desk.router.get(LIBRARY, Models)).models if row.title and row.source]
        except RouterFault as fault:
            complain(fault.message)
            return
        self._known.clear()
        with self._known:
            offered = [row for row in found if row.kind in ("available", "begun")]
            for row in offered:
                self._one_known(row)
            if not offered:
                ui.label(_("All of them are here.")).classes("lb-muted")

    def _one_known(self, row: Row) -> None:
        with ui.element("div").classes("lbm-item"):
            with ui.element("div").classes("lb-grow"):
                with ui.element("div").classes("lb-row lbm-tight"):
                    ui.label(row.title).classes("lbm-name")
                    Badge(*verdict(row.fit))
                ui.label(row.source).classes("lb-muted lb-small lb-wrap")
                ui.label(f"{row.name} · {numbers.size(row.size)} · {row.licence}").classes("lb-muted lb-small")
            fetching(self._desk, row.name, row.name)

    async def _show_theirs(self) -> None:
        try:
            found = (await self._desk.router.get(IMPORTABLE, Found)).models
        except RouterFault as fault:
            complain(fault.message)
            return
        new = [each for each in found if each.state == "new"]
        self._elsewhere.set_visibility(bool(new))
        self._theirs.clear()
        with self._theirs:
            for each in new:
                self._one_theirs(each)

    def _one_theirs(self, each: Importable) -> None:
        with ui.element("div").classes("lbm-item"):
            with ui.element("div").classes("lb-grow"):
                ui.label(each.name).classes("lbm-name")
                about = (each.tool, each.label, numbers.size(each.size), each.quantization)
                ui.label(" · ".join(filter(None, about))).classes("lb-muted lb-small lb-wrap")
                if each.note:
                    ui.label(each.note).classes("lb-muted lb-small lb-wrap")
            button = ui.button(_("Use"))
            button.on_click(lambda: self._take_in(each.path, button))
            button.props("outline dense no-caps")
            button.props["aria-label"] = _("Use {name}", name=each.name)

    async def _take_in(self, path: str, button: ui.button) -> None:
        async with busy(button):
            row = await self._desk.router.ask("POST", IMPORTABLE, Row, {"what": path})
            say(_("{name} is in the library, used where it is", name=row.name))

    # -- the search ----------------------------------------------------------------------------------------------------

    async def _search(self) -> None:
        words = understood(str(self._words.value or "").strip())
        self._asked += 1
        self._found.clear()
        if not words:
            return
        if words.startswith(SCHEMES) or words.endswith(".gguf"):
            with self._found:
                self._address(words)
            return
        asked = self._asked
        async with busy(self._button):
            near = await self._desk.router.get(SEARCH, Search, words=words, hub="false")
            with self._found:
                self._near(near)
                rest = loading(4)
            found = await self._desk.router.get(SEARCH, Search, words=words, seconds=180.0)
            if asked == self._asked and not rest.is_deleted:
                rest.delete()
                with self._found:
                    self._hub(found, nothing=not near.here)

    def _address(self, source: str) -> None:
        if source.startswith("hf:"):
            Quantisations(self._desk, source)
            return
        with ui.element("div").classes("lbm-item"):
            with ui.element("div").classes("lb-grow"):
                name = ui.input(_("What to call it (optional)")).props("outlined dense").classes("lbm-short")
                ui.label(source).classes("lb-muted lb-small lb-wrap")
            button = ui.button(_("Download"), icon="download").props("unelevated dense no-caps")
            button.on_click(lambda: begin(self._desk, source, button, name.value or ""))

    def _near(self, found: Search) -> None:
        for each in found.here:
            with ui.element("div").classes("lbm-item"):
                with ui.element("div").classes("lb-grow"):
                    ui.label(each.name).classes("lbm-name")
                    if each.about:
                        ui.label(each.about).classes("lb-muted lb-small lb-wrap")
                if each.state == "installed":
                    ui.link(_("In the library"), address(each.name))
                elif each.state == "available":
                    fetching(self._desk, each.name, each.name)
                else:
                    Badge(_("On this machine already"), "calm")

    def _hub(self, found: Search, *, nothing: bool) -> None:
        if found.trouble:
            warning(found.trouble)
        for each in found.hub:
            RepositoryRow(self._desk, each)
        if nothing and not found.hub and not found.trouble:
            empty("search_off", _("Nothing is called so"), _("Fewer words find more."))


class RepositoryRow:
    """A repository of the hub, which opens to its quantisations."""

    def __init__(self, desk: Desk, found: Repository) -> None:
        self._desk, self._found = desk, found
        self._open: ui.element | None = None
        with ui.element("div").classes("lbm-repository"):
            with ui.element("div").classes("lbm-item"):
                with ui.element("div").classes("lb-grow"):
                    with ui.element("div").classes("lb-row lbm-tight"):
                        ui.label(found.repository).classes("lbm-name lb-wrap")
                        if found.gated:
                            Badge(_("terms to accept"), "warn")
                    ui.label(self._about()).classes("lb-muted lb-small")
                self._button = ui.button(_("Choose"), icon="expand_more", on_click=self._toggle)
                self._button.props('outline dense no-caps aria-expanded="false"')
                self._button.props["aria-label"] = _("Choose a quantisation of {name}", name=found.repository)
            self._place = ui.element("div")

    def _about(self) -> str:
        found = self._found
        parts = [
            _("{count} downloads", count=numbers.count(found.downloads)),
            _("{count} likes", count=numbers.count(found.likes)),
            n_("{n} quantisation", "{n} quantisations", len(found.quantizations)),
            _("{count} weights", count=numbers.count(found.parameters)) if found.parameters else "",
            found.updated[:10],
        ]
        return " · ".join(filter(None, parts))

    def _toggle(self) -> None:
        if self._open is None:
            with self._place:
                self._open = Quantisations(self._desk, self._found.source).element
        else:
            self._open.delete()
            self._open = None
        self._button.props(f'aria-expanded="{"false" if self._open is None else "true"}"')
        self._button.props(f"icon={'expand_more' if self._open is None else 'expand_less'}")
