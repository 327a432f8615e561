"""Running: each engine with its memory, slots, what it reads and what its cache has saved. Live, in place."""

from __future__ import annotations

from nicegui import ui

from ...engines.info import EngineInfo
from ...engines.states import State
from ...server.admin import Engines
from ..desk import Desk
from ..parts import numbers
from ..parts.cards import Badge, heading
from ..parts.faults import empty
from ..words import _
from .models_actions import load, pin, unload
from .models_bars import Bar
from .models_words import address, hits, reading, shown, state_of, stays, waits

MOST_READING = 4
"""Prompts whose reading is shown for one engine."""


class Running:
    """The cards."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._cards: dict[str, EngineCard] = {}
        with ui.element("section").classes("lbm-section"):
            heading(_("Running"))
            with ui.element("div").classes("lb-card lbm-none") as self._none:
                empty("bedtime", _("No model is loaded"), _("A model loads by itself when it is first asked for."))
            self._place = ui.element("div").classes("lb-grid").style("--smallest: 420px")
        desk.live.follow("engines", Engines, self._show)

    def _show(self, engines: Engines) -> None:
        wanted = {engine.name: engine for engine in engines.engines if shown(engine)}
        for name in [name for name in self._cards if name not in wanted]:
            self._cards.pop(name).delete()
        for name, engine in wanted.items():
            if name not in self._cards:
                with self._place:
                    self._cards[name] = EngineCard(self._desk, name)
            self._cards[name].set(engine)
        self._none.set_visibility(not wanted)


class EngineCard:
    """One engine."""

    def __init__(self, desk: Desk, name: str) -> None:
        self._desk, self._name = desk, name
        self._engine: EngineInfo | None = None
        with ui.element("article").classes("lb-card lbm-engine") as self._card:
            self._card.props["aria-label"] = name
            self._head()
            self._memory = Bar(_("Memory"))
            self._fault = ui.label().classes("lbm-fault lb-wrap").props('role="alert"')
            self._work()
            self._reading = [Bar(_("Reading a prompt")) for _number in range(MOST_READING)]
            with ui.element("div").classes("lb-row lb-small lb-muted") as self._foot:
                self._hits = ui.label()
                self._stays = ui.label().classes("lb-end")

    def _head(self) -> None:
        with ui.element("div").classes("lb-row"):
            ui.link(self._name, address(self._name)).classes("lbm-name")
            self._state = Badge("", "calm")
            with ui.element("div").classes("lb-row lb-end lbm-tight"):
                self._pin = ui.button(icon="push_pin", on_click=self._turn_pin).props("flat round dense size=sm")
                self._load = ui.button(_("Load again"), on_click=self._load_again).props("outline dense no-caps")
                self._unload = ui.button(_("Unload"), on_click=self._let_go).props("outline dense no-caps")
                self._unload.props["aria-label"] = _("Unload {name}", name=self._name)

    def _work(self) -> None:
        with ui.element("div").classes("lb-row") as self._working:
            self._slots = ui.element("div").classes("lbm-slots").props('aria-hidden="true"')
            self._waits = ui.label()
            self._window = ui.label().classes("lb-muted lb-end")

    def delete(self) -> None:
        """Take it away."""
        self._card.delete()

    def set(self, engine: EngineInfo) -> None:
        """Show how it stands."""
        self._engine = engine
        loaded = engine.pid is not None
        for element in (self._memory.element, self._working, self._foot):
            element.set_visibility(loaded or engine.state is State.STARTING)
        self._state.set(*state_of(engine))
        promised = max(engine.planned, engine.memory)
        self._memory.set(
            engine.memory / promised if promised else 0,
            _("{used} of {planned} planned", used=numbers.size(engine.memory), planned=numbers.size(promised))
            if promised
            else _("none"),
        )
        self._show_slots(engine)
        self._waits.set_text(waits(engine))
        self._window.set_text(_("{tokens} tokens a slot", tokens=f"{engine.window:,}") if engine.window else "")
        for number, bar in enumerate(self._reading):
            there = number < len(engine.progress)
            bar.element.set_visibility(there)
            if there:
                bar.set(engine.progress[number].percent / 100, reading(engine.progress[number]))
        self._hits.set_text(hits(engine) if loaded else "")
        self._stays.set_text(stays(engine))
        failed = engine.failing or engine.state in (State.RESTING, State.FAILED)
        self._fault.set_text(engine.last_fault if failed else "")
        self._fault.set_visibility(failed and bool(engine.last_fault))
        self._load.set_visibility(failed)
        self._unload.set_visibility(engine.state in (State.STARTING, State.READY, State.DRAINING))
        self._show_pin(engine.pinned)
        self._pin.set_visibility(not failed)

    def _show_slots(self, engine: EngineInfo) -> None:
        squares = list(self._slots)
        for square in squares[engine.slots :]:
            square.delete()
        with self._slots:
            for _number in range(engine.slots - len(squares)):
                ui.element("span")
        for number, square in enumerate(self._slots):
            square.classes(replace="lbm-slot lbm-busy" if number < engine.busy else "lbm-slot")

    def _show_pin(self, pinned: bool) -> None:
        said = _("Let {name} go again", name=self._name) if pinned else _("Keep {name} in memory", name=self._name)
        self._pin.props(f"color={'primary' if pinned else 'grey-7'} aria-pressed={'true' if pinned else 'false'}")
        if self._pin.props.get("aria-label") != said:
            self._pin.props["aria-label"] = said
            self._pin.props["title"] = said

    async def _turn_pin(self) -> None:
        if self._engine is not None:
            await pin(self._desk, self._name, not self._engine.pinned, self._pin)

    async def _let_go(self) -> None:
        if self._engine is not None:
            await unload(self._desk, self._engine, self._unload)

    async def _load_again(self) -> None:
        await load(self._desk, self._name, self._load)
