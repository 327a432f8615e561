"""A provider tried at once, each step shown as it is taken; and a model asked for a word, if that is wished."""

from __future__ import annotations

from nicegui import background_tasks, ui

from ...server.admin_provider_change import TriedNow
from ..desk import Desk
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
        with ui.element("div").classes("cl-dialog-head"):
            heading(_("Test of {name}", name=name))
            close = ui.button(icon="close", on_click=dialog.close).props("flat round dense")
            close.props["aria-label"] = _("Close")
        steps = StepList(desk)
        verdict = ui.element("div").classes("cl-fault").props('aria-live="polite"')
        with ui.element("div").classes("cl-ask"):
            model = ui.input(_("Model to ask for a word, if you like")).props("outlined dense spellcheck=false")
            again = ui.button(_("Test again")).props("unelevated no-caps")

    async def go() -> None:
        verdict.clear()
        async with busy(again):
            body = {"model": (model.value or "").strip(), "trial": steps.begin()}
            try:
                done = await desk.router.ask("POST", at("providers", name, "test"), TriedNow, body, seconds=PATIENCE)
            except RouterFault as fault:
                steps.stop()
                with verdict:
                    fault_card(fault.message)
                return
            if verdict.is_deleted:
                return
            steps.end(done.steps)
            with verdict:
                if not done.checkup.ok:
                    fault_card(advice(done.checkup))
                    return
                with ui.element("div").classes("cl-good"):
                    ui.icon("check_circle").props('aria-hidden="true"')
                    many = n_("{n} model", "{n} models", len(done.checkup.models))
                    ui.label(_("{name} works: {many}.", name=name, many=many))

    again.on_click(go)
    model.on("keydown.enter", go)
    with dialog:
        background_tasks.create(go(), name="test of a provider")
    try:
        await dialog
    finally:
        if not dialog.is_deleted:  # the tab may be closed
            dialog.delete()
