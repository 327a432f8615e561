"""What to do first: get a model or add a provider, and connect a client. Gone once both are done."""

from __future__ import annotations

from nicegui import ui

from ...manage.download import Download
from ...server.admin_downloads import Downloads
from ...server.health import Report
from ..desk import Desk
from ..parts.asking import copyable
from ..parts.cards import card, heading
from ..parts.faults import busy
from ..parts.numbers import size
from ..words import _

SMALL = "smollm2"
"""A model that runs everywhere."""
OWN = "landbridge"
"""What the clients are called that are parts of landbridge begins so."""
LAUNCH = "landbridge launch claude"


def is_client(name: str) -> bool:
    """Whether a request of that client shows that somebody has connected one."""
    return not name.startswith(OWN)


def providers_of(report: Report) -> list[str]:
    """The names of providers there are."""
    return [part.removeprefix("provider ") for part in report.parts if part.startswith("provider ")]


class Steps:
    """The card. What has been done is told to it."""

    def __init__(self, desk: Desk, report: Report, *, connected: bool) -> None:
        self._desk = desk
        self._done = {"model": False, "provider": bool(providers_of(report)), "client": connected}
        self._steps: dict[str, _Step] = {}
        with card() as self._card:
            self._card.classes("lbh-welcome")
            heading(_("Welcome to landbridge"), _("Two steps, and every client on this machine can use any model."))
            with ui.element("ol").classes("lbh-steps"):
                self._model_step()
                self._provider_step()
                self._client_step()
        self._show()

    def models(self, names: list[str]) -> None:
        """These models are here."""
        self._mark("model", bool(names))

    def health(self, report: Report) -> None:
        """The parts are so."""
        self._mark("provider", bool(providers_of(report)))

    def connected(self) -> None:
        """A client has asked."""
        self._mark("client", True)

    @property
    def over(self) -> bool:
        """Whether nothing is left to do."""
        return self._done["client"] and (self._done["model"] or self._done["provider"])

    def _mark(self, name: str, done: bool) -> None:
        if self._done[name] != done:
            self._done[name] = done
            self._show()

    def _show(self) -> None:
        for name, step in self._steps.items():
            step.mark(self._done[name])
        self._card.set_visibility(not self.over)

    # -- the steps -----------------------------------------------------------------------------------------------------

    def _model_step(self) -> None:
        text = _("It runs on this machine, without an account. {name} is small (98 MB) and shows that it works.")
        with self._step("model", "1", _("Get a model"), text.format(name=SMALL)):
            self._fetch = ui.button(_("Download {name}", name=SMALL), icon="download", on_click=self._download)
            self._fetch.props("unelevated no-caps")
            ui.button(_("Other models"), on_click=lambda: ui.navigate.to("/models")).props("flat no-caps")
            self._come = ui.label().classes("lb-muted lb-small").props('role="status"')
        self._desk.live.follow("downloads", Downloads, self._downloads)

    def _provider_step(self) -> None:
        text = _("Anthropic, OpenAI, Google and many others, or a server of your own. Keys stay on this machine.")
        with self._step("provider", "1", _("Or add a provider"), text):
            ui.button(_("Add a provider"), on_click=lambda: ui.navigate.to("/cloud")).props("outline no-caps")

    def _client_step(self) -> None:
        text = _("Claude Code, Codex, Gemini CLI and whatever else takes a base URL.")
        with self._step("client", "2", _("Connect a client"), text):
            copyable(LAUNCH, _("Copy the command"))
            ui.button(_("All clients"), on_click=lambda: ui.navigate.to("/connect")).props("flat no-caps")

    def _step(self, name: str, number: str, title: str, text: str) -> ui.element:
        step = self._steps[name] = _Step(number, title, text)
        return step.room

    async def _download(self) -> None:
        async with busy(self._fetch):
            await self._desk.router.ask("POST", "/api/v1/downloads", Download, {"model": SMALL})

    def _downloads(self, downloads: Downloads) -> None:
        under_way = [each for each in downloads.downloads if each.name == SMALL and each.state != "done"]
        self._fetch.set_visibility(not under_way or under_way[0].state in ("paused", "failed"))
        self._come.set_text(come(under_way[0]) if under_way else "")


def come(download: Download) -> str:
    """How far a download is, in words."""
    if download.fault:
        return download.fault
    if download.total:
        return _("{done} of {total} have come", done=size(download.done), total=size(download.total))
    return _("{done} have come", done=size(download.done))


class _Step:
    def __init__(self, number: str, title: str, text: str) -> None:
        with ui.element("li").classes("lbh-step") as self._element:
            with ui.element("div").classes("lbh-step-head"):
                with ui.element("span").classes("lbh-number"):
                    self._said = ui.label(number)
                    with ui.element("span") as self._tick:
                        ui.icon("check")
                        ui.label(_("Done")).classes("lbh-said")
                ui.label(title).classes("lb-title").props('role="heading" aria-level="3"')
            ui.label(text).classes("lb-muted")
            self.room = ui.element("div").classes("lb-row lbh-do")

    def mark(self, done: bool) -> None:
        """Whether it is done."""
        self._said.set_visibility(not done)
        self._tick.set_visibility(done)
        self._element.classes(add="lbh-done" if done else "", remove="" if done else "lbh-done")
