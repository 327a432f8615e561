"""What a provider can be made from, to choose from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nicegui import ui

from ...manage.provider_presets import Offer
from ..words import _
from .cloud_words import DIALECTS, GROUPS, found, initials


class Gallery:
    """All kinds by group, and a field that finds some; `choose` is told of the one that is meant."""

    def __init__(self, offers: Sequence[Offer], choose: Callable[[Offer], None]) -> None:
        self._offers = offers
        self._groups: dict[str, ui.element] = {}
        self._tiles: dict[int, ui.element] = {}
        self.search = ui.input(label=_("Search"), on_change=lambda event: self._find(event.value or ""))
        self.search.props("outlined dense clearable autofocus type=search debounce=100").classes("cl-search")
        with self.search.add_slot("prepend"):
            ui.icon("search").props('aria-hidden="true"')
        with ui.element("div").classes("cl-jumps"):
            for group, title in GROUPS.items():
                self._jump(group, _(title))
        for group, title in GROUPS.items():
            with ui.element("section").props(f'aria-label="{_(title)}"').classes("cl-group") as place:
                ui.label(_(title)).classes("cl-group-title").props('role="heading" aria-level="3"')
                with ui.element("div").classes("cl-tiles"):
                    for offer in offers:
                        if offer.group == group:
                            self._tiles[id(offer)] = self._tile(offer, choose)
            self._groups[group] = place
        self._none = ui.label().classes("lb-muted")
        self._none.set_visibility(False)

    def _jump(self, group: str, title: str) -> None:
        """A button that leads to a group."""

        def go() -> None:
            self._groups[group].run_method("scrollIntoView", {"block": "start"})

        ui.button(title, on_click=go).props("flat dense no-caps").classes("cl-button")

    def _tile(self, offer: Offer, choose: Callable[[Offer], None]) -> ui.element:
        with ui.element("button").props('type="button"').classes("cl-tile") as tile:
            ui.label(initials(offer.title)).classes("cl-sign").props('aria-hidden="true"')
            with ui.element("span").classes("cl-tile-words"):
                ui.label(offer.title).classes("cl-tile-title")
                ui.label(tile_words(offer)).classes("lb-muted lb-small")
        tile.on("click", lambda: choose(offer))
        return tile

    def _find(self, wanted: str) -> None:
        fitting = found(self._offers, wanted)
        shown = {id(offer) for offer in fitting}
        for key, tile in self._tiles.items():
            tile.set_visibility(key in shown)
        for group, place in self._groups.items():
            place.set_visibility(any(offer.group == group for offer in fitting))
        self._none.set_text(_("Nothing is called '{words}'. Any compatible address will do.", words=wanted))
        self._none.set_visibility(not fitting)


def tile_words(offer: Offer) -> str:
    """What it is, in a line."""
    if offer.group == "compatible":
        return _("for example {address}", address=offer.example)
    if offer.group == "local":
        return offer.base_url.partition("://")[2]
    return DIALECTS.get(offer.dialect, offer.dialect)
