"""The connection test of a client: one real exchange, each step as it happens."""

from __future__ import annotations

import asyncio

import msgspec
from nicegui import background_tasks, ui

from ...agents.clients import Client
from ...manage.tryout import NAMES, Name, Step
from ..desk import Desk
from ..parts import numbers
from ..parts.faults import complain
from ..router import RouterFault, at
from ..words import N_, _
from .connect_choice import Choice

TITLES: dict[Name, str] = {
    "reach": N_("Listener reachable"),
    "key": N_("Key accepted"),
    "model": N_("Model known"),
    "first": N_("First token"),
    "whole": N_("Whole answer"),
}
ICONS = {"": "radio_button_unchecked", "running": "autorenew", "ok": "check_circle", "failed": "cancel"}


class ConnectionTest:
    """The button and the steps. `shown`: they are there from the beginning."""

    def __init__(self, desk: Desk, choice: Choice, client: Client, *, shown: bool) -> None:
        self._desk, self._choice, self._client = desk, choice, client
        self._task: asyncio.Task[None] | None = None
        with ui.element("div").classes("lb-labelled"):
            with ui.element("div").classes("lb-test-head"):
                if shown:
                    ui.label(_("Connection test")).classes("lb-part-title lb-grow")
                self._button = ui.button(_("Test the connection"), icon="bolt", on_click=self._press).props(
                    f'outline dense no-caps padding="4px 12px" aria-label="{_("Test the connection")}: {client.title}"'
                )
            self._list = ui.element("ol").classes("lb-steps").props('aria-live="polite"')
            with self._list:
                self._rows = {name: _Row(name) for name in NAMES}
        self._list.set_visibility(shown)

    def _press(self) -> None:
        if self._task is not None and not self._task.done():
            self._task.cancel()
            return
        self._list.set_visibility(True)
        for row in self._rows.values():
            row.show(None)
        self._button.set_text(_("Stop"))
        with self._list:
            self._task = background_tasks.create(self._run(), name="connection test")

    async def _run(self) -> None:
        body = {"model": self._choice.model, "key": self._choice.key}
        try:
            async with self._desk.router.open("POST", at("clients", self._client.name, "test"), body) as answer:
                async for line in answer.content:
                    if line.startswith(b"data: "):
                        step = msgspec.json.decode(line[6:], type=Step)
                        self._rows[step.name].show(step)
        except asyncio.CancelledError:
            for row in self._rows.values():
                row.stop()
        except RouterFault as fault:
            with self._list:
                complain(fault.message)
        finally:
            self._button.set_text(_("Test the connection"))


class _Row:
    def __init__(self, name: Name) -> None:
        self._state = ""
        with ui.element("li").classes("lb-step").props(f'data-step="{name}"') as self._place:
            self._icon = ui.icon(ICONS[""]).props('aria-hidden="true"')
            with ui.element("div").classes("lb-step-words"):
                with ui.element("div").classes("lb-step-line"):
                    ui.label(_(TITLES[name]))
                    self._time = ui.label().classes("lb-muted lb-small")
                self._detail = ui.label().classes("lb-small lb-wrap lb-step-detail")
                self._remedy = ui.label().classes("lb-small lb-wrap lb-step-remedy")

    def show(self, step: Step | None) -> None:
        """How it stands; None: nothing of it has begun."""
        self._state = step.state if step is not None else ""
        self._place.classes(replace=f"lb-step lb-step-{self._state or 'waiting'}")
        self._icon.set_name(ICONS[self._state])
        said = {"ok": numbers.seconds(step.seconds) if step else "", "running": _("running"), "failed": _("failed")}
        self._time.set_text(said.get(self._state, ""))
        self._detail.set_text(step.detail if step is not None else "")
        self._remedy.set_text(step.remedy if step is not None else "")

    def stop(self) -> None:
        """The reader has stopped the test."""
        if self._state == "running":
            self.show(None)
            self._time.set_text(_("stopped"))
