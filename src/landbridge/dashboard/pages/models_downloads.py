"""Downloads: what the router fetches, how far it is, how fast, how long yet; paused, taken up, given up. Live."""

from __future__ import annotations

from nicegui import ui

from ...manage.download import Download
from ...server.admin_downloads import Downloads
from ..desk import Desk
from ..parts import numbers
from ..parts.asking import sure
from ..parts.cards import Badge, card
from ..parts.faults import busy
from ..router import at
from ..words import _
from .models_bars import Bar
from .models_words import address, come, download_state

UNDER_WAY = ("fetching", "checking", "waiting")


class DownloadList:
    """All of them, the newest first."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._rows: dict[str, DownloadRow] = {}
        with card(_("Downloads")) as self._card:
            self._none = ui.label(_("Nothing is being fetched.")).classes("lb-muted")
            self._place = ui.element("div").classes("lbm-downloads")
        self._card.classes("lbm-quiet")
        desk.live.follow("downloads", Downloads, self._show)

    def _show(self, downloads: Downloads) -> None:
        wanted = {each.name: each for each in downloads.downloads}
        for name in [name for name in self._rows if name not in wanted]:
            self._rows.pop(name).delete()
        for name, download in wanted.items():
            if name not in self._rows:
                with self._place:
                    self._rows[name] = DownloadRow(self._desk, name)
                self._rows[name].first()
            self._rows[name].set(download)
        self._none.set_visibility(not wanted)
        self._card.classes(**{"remove" if wanted else "add": "lbm-quiet"})


class DownloadRow:
    """One download."""

    def __init__(self, desk: Desk, name: str) -> None:
        self._desk, self._name = desk, name
        self._download: Download | None = None
        with ui.element("div").classes("lbm-download") as self._element:
            with ui.element("div").classes("lb-row"):
                self._link = ui.link(name, address(name)).classes("lbm-name")
                self._label = ui.label(name).classes("lbm-name")
                self._state = Badge("", "calm")
                with ui.element("div").classes("lb-row lb-end lbm-tight"):
                    self._buttons(name)
            self._source = ui.label().classes("lb-muted lb-small lb-wrap")
            self._bar = Bar(_("Progress"))
            self._fault = ui.label().classes("lbm-fault lb-wrap").props('role="alert"')

    def _buttons(self, name: str) -> None:
        self._pause = ui.button(icon="pause", on_click=self._do_pause)
        self._resume = ui.button(icon="play_arrow", on_click=self._do_resume)
        self._cancel = ui.button(icon="close", on_click=self._do_cancel)
        for button, said in (
            (self._pause, _("Pause the download of {name}", name=name)),
            (self._resume, _("Go on with the download of {name}", name=name)),
            (self._cancel, _("Give up the download of {name}", name=name)),
        ):
            button.props("flat round dense size=sm")
            button.props["aria-label"] = button.props["title"] = said

    def first(self) -> None:
        """Stand above the others."""
        self._element.move(target_index=0)

    def delete(self) -> None:
        """Take it away."""
        self._element.delete()

    def set(self, download: Download) -> None:
        """Show how it stands."""
        self._download = download
        self._state.set(*download_state(download))
        self._source.set_text(download.source if download.source != download.name else download.note)
        done = download.state == "done"
        self._bar.element.set_visibility(not done)
        self._bar.set(download.done / download.total if download.total else None, come(download))
        self._link.set_visibility(done)
        self._label.set_visibility(not done)
        self._fault.set_text(download.fault)
        self._fault.set_visibility(bool(download.fault))
        self._pause.set_visibility(download.state in UNDER_WAY)
        self._resume.set_visibility(download.state in ("paused", "failed", "stopping"))

    async def _do_pause(self) -> None:
        async with busy(self._pause):
            await self._desk.router.ask("POST", at("downloads", self._name, "pause"), Download, {})

    async def _do_resume(self) -> None:
        async with busy(self._resume):
            await self._desk.router.ask("POST", at("downloads", self._name, "resume"), Download, {})

    async def _do_cancel(self) -> None:
        download = self._download
        if download is None:
            return
        if download.state != "done" and download.done:
            what = _("{size} that have come are thrown away.", size=numbers.size(download.done))
            if not await sure(_("Give up {name}?", name=self._name), what, _("Give up")):
                return
        async with busy(self._cancel):
            await self._desk.router.ask("DELETE", at("downloads", self._name), Download, {})


async def begin(desk: Desk, model: str, button: ui.button, name: str = "") -> None:
    """Begin to fetch a model."""
    async with busy(button):
        await desk.router.ask("POST", at("downloads"), Download, {"model": model, "name": name})
