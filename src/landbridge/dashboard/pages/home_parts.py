"""What runs: the router, its listeners, the models in memory, the providers. Each leads to its page."""

from __future__ import annotations

import time

from msgspec import Struct
from nicegui import ui

from ...engines.info import EngineInfo
from ...server.admin import Engines
from ...server.health import Report
from ..parts.cards import Badge, Kind, card
from ..parts.numbers import clock, size
from ..words import N_, _, n_
from .models_words import shown, state_of

MOST = 6
"""Models, and providers, that are shown; more are counted."""
WORDS: dict[str, tuple[str, Kind]] = {
    "ok": (N_("Running"), "good"),
    "idle": (N_("Running"), "good"),
    "loading": (N_("Loading"), "warn"),
    "resting": (N_("Rests"), "warn"),
    "off": (N_("Off"), "calm"),
    "failed": (N_("Failed"), "bad"),
}
LISTENERS = {"listener router": N_("TCP Server"), "listener openai": N_("OpenAI endpoint")}
OWN = ("ledger", "keys", "settings", "responses", "dashboard")
"""Parts that are worth a line only where something is wrong with them."""


class Line(Struct, frozen=True):
    """One thing that runs, or should."""

    key: str
    title: str
    detail: str
    word: str
    kind: Kind
    target: str
    """The page it leads to."""
    icon: str


def of_listeners(report: Report) -> list[Line]:
    """The listeners, and whatever part of the router itself has failed."""
    lines = []
    for part, title in LISTENERS.items():
        if (health := report.parts.get(part)) is not None:
            word, kind = WORDS.get(health.status, (health.status, "calm"))
            lines.append(Line(part, _(title), health.detail, _(word), kind, "/api", "dns"))
    for part in OWN:
        if (health := report.parts.get(part)) is not None and health.status == "failed":
            lines.append(Line(part, part.capitalize(), health.detail, _("Failed"), "bad", "/api", "error_outline"))
    return lines


def of_engines(engines: list[EngineInfo]) -> list[Line]:
    """The models in memory."""
    running = [engine for engine in engines if shown(engine)]
    lines = []
    for engine in running[:MOST]:
        said = state_of(engine)
        words = [_("{size} of memory", size=size(engine.memory)) if engine.memory else ""]
        words.append(n_("{n} token of context", "{n} tokens of context", engine.window) if engine.window else "")
        detail = " · ".join(word for word in words if word) or engine.last_fault
        lines.append(Line(f"model {engine.name}", engine.name, detail, said.text, said.kind, "/models", "memory"))
    if not running:
        return [Line("models", _("Local models"), _("They load with their first request."), _("None in memory"), "calm",
                     "/models", "memory")]  # fmt: skip
    return [*lines, *_more("models", len(running) - MOST, "/models")]


def of_providers(report: Report) -> list[Line]:
    """The providers, what has failed first."""
    found = [(name.removeprefix("provider "), each) for name, each in report.parts.items() if name[:9] == "provider "]
    found.sort(key=lambda pair: pair[1].status == "ok")
    lines = []
    for name, health in found[:MOST]:
        word, kind = WORDS.get(health.status, (health.status, "calm"))
        word = N_("Ready") if health.status == "ok" else word
        detail = health.detail if health.status != "ok" else ""
        lines.append(Line(f"provider {name}", name, detail, _(word), kind, "/cloud", "cloud_queue"))
    if not found:
        return [
            Line("providers", _("Providers"), _("None has been added."), _("None"), "calm", "/cloud", "cloud_queue")
        ]
    return [*lines, *_more("providers", len(found) - MOST, "/cloud")]


def _more(kind: str, many: int, target: str) -> list[Line]:
    if many <= 0:
        return []
    return [Line(f"more {kind}", n_("and {n} more", "and {n} more", many), "", "", "calm", target, "more_horiz")]


class Running:
    """The card."""

    def __init__(self, report: Report) -> None:
        self._report, self._engines = report, Engines([])
        self._rows: dict[str, _Row] = {}
        began = clock(time.time() - report.uptime)
        with card(_("What runs"), _("landbridge {version}, since {time}", version=report.version, time=began)):
            self._place = ui.element("div").classes("lbh-parts")
        self._show()

    def health(self, report: Report) -> None:
        """The parts are so."""
        self._report = report
        self._show()

    def engines(self, engines: Engines) -> None:
        """The engines are so."""
        self._engines = engines
        self._show()

    def _show(self) -> None:
        lines = [
            *of_listeners(self._report), *of_engines(self._engines.engines), *of_providers(self._report),
        ]  # fmt: skip
        wanted = {line.key for line in lines}
        for key in [key for key in self._rows if key not in wanted]:
            self._rows.pop(key).element.delete()
        for place, line in enumerate(lines):
            if line.key not in self._rows:
                with self._place:
                    self._rows[line.key] = _Row(line)
            row = self._rows[line.key]
            row.show(line)
            if self._place.default_slot.children.index(row.element) != place:
                row.element.move(target_index=place)


class _Row:
    def __init__(self, line: Line) -> None:
        with ui.link(target=line.target).classes("lbh-part") as self.element:
            ui.icon(line.icon).props('aria-hidden="true"')
            with ui.element("div").classes("lbh-part-words"):
                self._title = ui.label().classes("lbc-ellipsis")
                self._detail = ui.label().classes("lb-muted lb-small lbc-ellipsis")
            self._badge = Badge("")

    def show(self, line: Line) -> None:
        """How it is now."""
        self._title.set_text(line.title)
        self._detail.set_text(line.detail)
        self._detail.set_visibility(bool(line.detail))
        self._badge.set(line.word, line.kind)
