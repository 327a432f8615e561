"""The quantisations of a repository, with sizes and whether each fits; and a button that becomes a download."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import background_tasks, ui

from ...manage.download import Download
from ...manage.quantisations import Offer, Quantisation
from ...server.admin_downloads import Downloads
from ...server.admin_search import REPOSITORY
from ..desk import Desk
from ..parts import numbers
from ..parts.cards import Badge
from ..parts.faults import fault_card, loading, warning
from ..router import RouterFault
from ..words import _, n_
from .models_downloads import UNDER_WAY, begin
from .models_words import how, verdict


class Quantisations:
    """A table of them, once the hub has answered."""

    def __init__(self, desk: Desk, source: str) -> None:
        self._desk, self._source = desk, source
        with ui.element("div").classes("lbm-offer") as self.element:
            loading(3)
        background_tasks.create(self._load(), context=self.element)

    async def _load(self) -> None:
        try:
            offer = await self._desk.router.get(REPOSITORY, Offer, source=self._source, seconds=180.0)
        except RouterFault as fault:
            if not self.element.is_deleted:
                self.element.clear()
                with self.element:
                    fault_card(fault.message, retry=self._load)
            return
        if not self.element.is_deleted:
            self.element.clear()
            with self.element:
                self._show(offer)

    def _show(self, offer: Offer) -> None:
        if offer.projector:
            size = numbers.size(offer.projector_size)
            said = _("It sees pictures: {file} ({size}) comes with each.", file=offer.projector, size=size)
            ui.label(said).classes("lb-muted lb-small lb-wrap")
        if not offer.quantisations:
            warning(offer.unclear)
            return
        wanted = self._source.removeprefix("hf:").partition("@")[0].partition(":")[2].lower()
        with ui.element("div").classes("lb-table"), ui.element("table"):
            with ui.element("thead"), ui.element("tr"):
                for title in (_("Quantisation"), _("Size"), _("Fits")):
                    with ui.element("th").props('scope="col"'):
                        ui.label(title)
                with ui.element("th").props('scope="col"'):
                    ui.label(_("Download")).classes("lbm-hidden")
            with ui.element("tbody"):
                for each in offer.quantisations:
                    if wanted in each.label.lower():
                        self._row(each)

    def _row(self, each: Quantisation) -> None:
        with ui.element("tr"):
            with ui.element("td"), ui.element("div").classes("lb-row lbm-tight"):
                ui.label(each.label).classes("lbm-name")
                if each.begun:
                    Badge(_("begun"), "warn")
                elif each.usual:
                    Badge(_("usual"), "good")
            with ui.element("td"):
                files = n_("{n} file", "{n} files", each.files) if each.files > 1 else ""
                ui.label(" · ".join(filter(None, (numbers.size(each.size), files))))
            with ui.element("td"), ui.element("div"):
                Badge(*verdict(each.fit))
                ui.label(how(each.fit)).classes("lb-muted lb-small lbm-why")
            with ui.element("td"):
                fetching(self._desk, each.source, each.label)


def fetching(desk: Desk, source: str, label: str) -> None:
    """A button that fetches `source`, and says how far that is."""
    with ui.element("div").classes("lbm-fetch"):
        button = ui.button(_("Download"), icon="download")
        button.on_click(lambda: begin(desk, source, button))
        button.props("unelevated dense no-caps")
        button.props["aria-label"] = _("Download {name}", name=label)
        said = ui.label().classes("lb-small lb-muted")

    def show(downloads: Downloads) -> None:
        found = next((each for each in downloads.downloads if each.source == source), None)
        button.set_visibility(found is None or found.state in ("paused", "failed"))
        button.set_text(_("Download") if found is None else _("Go on"))
        said.set_text("" if found is None else progress(found))

    desk.live.follow("downloads", Downloads, show)


def progress(download: Download) -> str:
    """How far it is, in a word or two."""
    words: dict[str, Callable[[], str]] = {
        "done": lambda: _("In the library"), "paused": lambda: _("Paused"), "failed": lambda: _("Failed"),
        "stopping": lambda: _("Stopping"), "checking": lambda: _("Checking"), "waiting": lambda: _("Broke off"),
    }  # fmt: skip
    if download.state not in UNDER_WAY or download.state in words:
        return words[download.state]()
    return f"{download.done / download.total:.0%}".replace("%", " %") if download.total else _("Fetching")
