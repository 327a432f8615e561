"""One model: what it is, how it runs here and why, what a change would cost, and its engine settings."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from ...engines.info import EngineInfo
from ...manage.meanings import Meanings
from ...manage.model_facts import Explained
from ...server.admin import Engines
from ...server.admin_change import SETTINGS
from ...server.admin_meanings import MEANINGS
from ...server.settings import InForce
from ..desk import Desk
from ..parts import numbers
from ..parts.cards import Badge, card
from ..parts.faults import fault_card
from ..router import RouterFault, at
from ..words import _
from .models_actions import load, unload
from .models_fields import Engine, settings_of
from .models_plan import PlanCard, choices_card
from .models_settings import EngineSettings
from .models_words import state_of
from .settings_catalogue import Catalogue


async def one_model(desk: Desk, name: str) -> None:
    """Build the page of a model."""
    ui.link(_("All models"), "/models").classes("lbm-back")
    try:
        explained = await desk.router.get(at("library", name), Explained)
    except RouterFault as fault:
        fault_card(fault.message, retry=lambda: ui.navigate.to("/models"))
        return
    meanings = await desk.router.get(MEANINGS, Meanings)
    force = await desk.router.get(SETTINGS, InForce)
    page = _Page(desk, name, explained, Catalogue(meanings, force))
    page.follow()


class _Page:
    def __init__(self, desk: Desk, name: str, explained: Explained, catalogue: Catalogue) -> None:
        self._desk, self._name, self._now, self._catalogue = desk, name, explained, catalogue
        self._engine: EngineInfo | None = None
        self._head()
        with ui.element("div").classes("lbm-columns"):
            with ui.element("div").classes("lbm-column"):
                self._plan = PlanCard()
                self._settings = EngineSettings(desk, name, settings_of(catalogue, name), self._settings_now, self._try)
            with ui.element("div").classes("lbm-column lbm-beside"):
                _facts(explained)
                if explained.alternatives:
                    choices_card(explained, self._settings.use)
        self._try(None)

    def _head(self) -> None:
        with ui.element("div").classes("lb-card lbm-engine"), ui.element("div").classes("lb-row"):
            ui.label(self._name).classes("lbm-title lb-wrap").props('role="heading" aria-level="2"')
            self._state = Badge(_("Not loaded"), "calm")
            with ui.element("div").classes("lb-row lb-end lbm-tight"):
                self._load = ui.button(_("Load"), on_click=self._do_load).props("unelevated no-caps dense")
                self._unload = ui.button(_("Unload"), on_click=self._do_unload).props("outline no-caps dense")
        self._fault = ui.label().classes("lbm-fault lb-wrap").props('role="alert"')
        self._show_engine(None)

    def follow(self) -> None:
        """Keep up with the engine, and with settings changed elsewhere."""
        self._desk.live.follow("engines", Engines, self._take)
        self._desk.live.follow("settings", list[dict[str, Any]], self._changed_elsewhere)

    def _take(self, engines: Engines) -> None:
        self._show_engine(next((each for each in engines.engines if each.name == self._name), None))

    def _show_engine(self, engine: EngineInfo | None) -> None:
        self._engine = engine
        loaded = engine is not None and engine.pid is not None
        if engine is not None:
            self._state.set(*state_of(engine))
        self._load.set_visibility(not loaded)
        self._unload.set_visibility(loaded)
        said = engine.last_fault if engine is not None and engine.failing else ""
        self._fault.set_text(said)
        self._fault.set_visibility(bool(said))

    async def _do_load(self) -> None:
        await load(self._desk, self._name, self._load)

    async def _do_unload(self) -> None:
        if self._engine is not None:
            await unload(self._desk, self._engine, self._unload)

    # -- settings ------------------------------------------------------------------------------------------------------

    async def _settings_now(self) -> dict[str, Engine]:
        self._catalogue.take(await self._desk.router.get(SETTINGS, InForce))
        self._now = await self._desk.router.get(at("library", self._name), Explained)
        return settings_of(self._catalogue, self._name)

    async def _changed_elsewhere(self, changes: list[dict[str, Any]]) -> None:
        if any(str(each.get("key", "")).startswith(("models.", "model_defaults.", "engine.")) for each in changes):
            self._settings.refresh(await self._settings_now())

    def _try(self, trial: Explained | None) -> None:
        self._plan.set(self._now, trial)
        self._settings.plan((trial or self._now).plan)


def _facts(explained: Explained) -> None:
    """What the model is."""
    with card(_("The model")), ui.element("dl").classes("lbm-facts"):
        for name, said in _about(explained):
            if said:
                with ui.element("dt"):
                    ui.label(name)
                with ui.element("dd"):
                    ui.label(said).classes("lb-wrap")


def _about(explained: Explained) -> list[tuple[str, str]]:
    experts = ""
    if explained.experts:
        experts = _("{used} of {all} at once", used=explained.experts_used, all=explained.experts)
    windowed = ""
    if explained.windowed_layers:
        windowed = _(
            "{windowed} look back {tokens} tokens",
            windowed=explained.windowed_layers, tokens=f"{explained.sliding_window:,}",
        )  # fmt: skip
    return [
        (_("Architecture"), explained.architecture),
        (_("Weights"), numbers.count(explained.parameters)),
        (_("Quantisation"), explained.quantization),
        (_("Size"), numbers.size(explained.size)),
        (_("Trained for"), _("{tokens} tokens", tokens=f"{explained.context_length:,}")),
        (_("Layers"), ", ".join(filter(None, (str(explained.layers), windowed)))),
        (_("Experts"), experts),
        (_("Vocabulary"), f"{explained.vocabulary:,}"),
        (_("Licence"), explained.licence or _("unknown")),
        (_("From"), explained.source),
        (_("File"), explained.path),
        ("sha256", explained.sha256),
    ]
