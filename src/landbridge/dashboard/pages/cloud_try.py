"""A provider tried at once, each step shown as it is taken; and a model asked for a word, if that is wished."""

from __future__ import annotations

from nicegui import background_tasks, ui

from ...gateway.checkup import Checkup
from ...server.admin_provider_change import TriedNow
from ..desk import Desk
from ..parts.asking import answer_of
from ..parts.cards import heading
from ..parts.faults import busy, fault_card
from ..router import RouterFault, at
from ..words import _, n_
from .cloud_key import PATIENCE
from .cloud_steps import StepList
from .cloud_words import advice


async def test_provider(desk: Desk, name: str) -> None:
    """Try it, and show what comes of that."""
    with ui.dialog() as dialog, ui.card().classes("lb-dialog cl-dialog"):
        dialog.props["aria-label"] = _("Test of {name}", name=name)
        with ui.element("div").classes("cl-dialog-head"):
            heading(_("Test of {name}", name=name))
            close = ui.button(icon="close", on_click=dialog.close).props("flat round dense")
            close.props["aria-label"] = _("Close")
        trial = _Trial(desk, name)
        background_tasks.create(trial.go(), name="test of a provider")
    await answer_of(dialog)


class _Trial:
    """What is in the dialog."""

    def __init__(self, desk: Desk, name: str) -> None:
        self._desk, self._name = desk, name
        self._steps = StepList(desk)
        self._verdict = ui.element("div").classes("cl-fault").props('aria-live="polite"')
        with ui.element("div").classes("cl-ask"):
            self._model = ui.input(_("Model to ask for a word, if you like")).props("outlined dense spellcheck=false")
            self._again = ui.button(_("Test again"), on_click=self.go).props("unelevated no-caps")
        self._model.on("keydown.enter", self.go)

    async def go(self) -> None:
        """Try it now."""
        self._verdict.clear()
        async with busy(self._again):
            body = {"model": (self._model.value or "").strip(), "trial": self._steps.begin()}
            path = at("providers", self._name, "test")
            try:
                done = await self._desk.router.ask("POST", path, TriedNow, body, seconds=PATIENCE)
            except RouterFault as fault:
                self._steps.stop()
                with self._verdict:
                    fault_card(fault.message)
                return
            if not self._verdict.is_deleted:
                self._steps.end(done.steps)
                with self._verdict:
                    self._show(done.checkup)

    def _show(self, found: Checkup) -> None:
        if not found.ok:
            fault_card(advice(found))
            return
        with ui.element("div").classes("cl-good"):
            ui.icon("check_circle").props('aria-hidden="true"')
            many = n_("{n} model", "{n} models", len(found.models))
            ui.label(_("{name} works: {many}.", name=self._name, many=many))
