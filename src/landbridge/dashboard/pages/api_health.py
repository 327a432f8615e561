"""How every part of the router is, as it changes."""

from __future__ import annotations

from nicegui import ui

from ...server.health import PartHealth, Report
from ..desk import Desk
from ..parts.cards import Badge, Kind, heading
from ..words import N_, _, n_

STATES: dict[str, tuple[str, Kind]] = {
    "ok": (N_("Well"), "good"),
    "idle": (N_("Idle"), "calm"),
    "loading": (N_("Loading"), "calm"),
    "resting": (N_("Resting"), "warn"),
    "off": (N_("Off"), "calm"),
    "failed": (N_("Failed"), "bad"),
}
TITLES = {
    "listener router": N_("TCP Server"),
    "listener openai": N_("OpenAI endpoint"),
    "dashboard": N_("Dashboard"),
    "settings": N_("Settings"),
    "ledger": N_("Ledger"),
    "keys": N_("Access keys"),
    "responses": N_("Kept responses"),
}
KINDS = {"model": N_("Model {name}"), "provider": N_("Provider {name}"), "target": N_("Target {name}")}


def title_of(part: str) -> str:
    """What a part is called on the page."""
    kind, _space, name = part.partition(" ")
    if part in TITLES:
        return _(TITLES[part])
    return _(KINDS[kind], name=name) if kind in KINDS and name else part


def state_of(part: PartHealth) -> tuple[str, Kind]:
    """Its state in a word, and the colour of that."""
    word, kind = STATES.get(part.status, (part.status, "calm"))
    return _(word), kind


class _Part:
    """One line."""

    def __init__(self, name: str) -> None:
        with ui.element("li").classes("lb-part") as self.line:
            self._badge = Badge("", "calm")
            ui.label(title_of(name)).classes("lb-part-name lb-wrap")
            with ui.element("div").classes("lb-part-words"):
                self._detail = ui.label().classes("lb-muted lb-wrap")
                self._remedy = ui.label().classes("lb-wrap")

    def show(self, part: PartHealth) -> None:
        """How it is now."""
        self._badge.set(*state_of(part))
        for label, text in ((self._detail, part.detail), (self._remedy, part.remedy)):
            label.set_text(text)
            label.set_visibility(bool(text))


class HealthCard:
    """All parts, each on a line of its own that stays where it is."""

    def __init__(self, desk: Desk) -> None:
        self._parts: dict[str, _Part] = {}
        with ui.element("section").classes("lb-card").props('id="health"'):
            with ui.element("div").classes("lb-api-top"):
                heading(_("Health"), _("Every part, as it is now. Programs ask GET /health."))
                self._all = Badge(_("Looking"), "calm")
            self._list = ui.element("ul").classes("lb-parts")
            desk.live.follow("health", Report, self._show)

    def _show(self, report: Report) -> None:
        for name in self._parts.keys() - report.parts.keys():
            self._parts.pop(name).line.delete()
        for name, part in report.parts.items():
            if name not in self._parts:
                with self._list:
                    self._parts[name] = _Part(name)
            self._parts[name].show(part)
        failed = sum(part.status == "failed" for part in report.parts.values())
        if failed:
            self._all.set(n_("{n} part has failed", "{n} parts have failed", failed), "bad")
        else:
            self._all.set(_("All is well"), "good")
