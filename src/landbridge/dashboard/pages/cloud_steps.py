"""The steps of a trial, as they are taken."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from nicegui import ui

from ...gateway.checkup import Step
from ...server.admin_provider_change import STEPS as TOPIC
from ...server.admin_provider_change import TrialStep
from ..desk import Desk
from ..parts.numbers import seconds
from ..words import N_, _
from .cloud_words import STEPS

ICONS = {"begun": "", "ok": "check_circle", "unsure": "help", "failed": "error"}
MEANINGS = {"begun": N_("under way"), "ok": N_("good"), "unsure": N_("not sure"), "failed": N_("failed")}


class StepList:
    """Shows the steps of one trial after the other. `begin` gives the name to give the trial."""

    def __init__(self, desk: Desk) -> None:
        self._trial = ""
        self._rows: dict[str, _Row] = {}
        self._place = ui.element("ol").classes("cl-steps").props(f'aria-label="{_("Steps of the test")}"')
        self._place.set_visibility(False)
        with self._place:
            desk.live.follow(TOPIC, TrialStep, self._hear)

    def begin(self) -> str:
        """Another trial begins."""
        self._trial = uuid.uuid4().hex
        self._rows.clear()
        self._place.clear()
        self._place.set_visibility(True)
        return self._trial

    def end(self, steps: Sequence[Step]) -> None:
        """All steps that were taken."""
        self._trial = ""
        for step in steps:
            self._show(step)
        for name, row in list(self._rows.items()):
            if name not in {step.name for step in steps}:
                row.delete()
                del self._rows[name]

    def stop(self) -> None:
        """It came to nothing."""
        self._trial = ""
        self._rows.clear()
        self._place.clear()
        self._place.set_visibility(False)

    def _hear(self, told: TrialStep) -> None:
        if told.trial == self._trial:
            self._show(told.step)

    def _show(self, step: Step) -> None:
        row = self._rows.get(step.name)
        if row is None:
            with self._place:
                row = self._rows[step.name] = _Row(step.name)
        row.set(step)


class _Row:
    def __init__(self, name: str) -> None:
        with ui.element("li").classes("cl-step") as self._row:
            with ui.element("span").classes("cl-step-sign"):
                self._spinner = ui.spinner(size="20px").props('aria-hidden="true"')
                self._icon = ui.icon("circle").props('aria-hidden="true"')
            with ui.element("div").classes("lb-grow"):
                with ui.element("div").classes("cl-step-head"):
                    ui.label(_(STEPS.get(name, name))).classes("cl-step-title")
                    self._state = ui.label().classes("lb-muted lb-small")
                self._words = ui.label().classes("lb-wrap lb-small")

    def set(self, step: Step) -> None:
        """How it stands."""
        self._spinner.set_visibility(step.state == "begun")
        self._icon.set_visibility(step.state != "begun")
        self._icon.props(f"name={ICONS[step.state] or 'circle'}")
        self._row.classes(replace=f"cl-step cl-{step.state}")
        # That there is an address and a key says nothing yet of whether they are good.
        found = step.state == "ok" and step.name in ("settings", "key")
        took = f" · {seconds(step.seconds)}" if step.seconds else ""
        self._state.set_text("" if found else _(MEANINGS[step.state]) + took)
        self._words.set_text(step.words)

    def delete(self) -> None:
        """It was not taken after all."""
        self._row.delete()
