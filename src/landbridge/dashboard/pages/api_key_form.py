"""Dialogs about an access key: what it may do, and its secret, which is shown once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from ...manage.keys import KeyInfo
from ...server.admin_keys import KEYS, KeyMade
from ..desk import Desk
from ..parts.asking import answer_of, copyable
from ..parts.cards import heading
from ..parts.faults import warning
from ..parts.numbers import clock
from ..router import RouterFault, at
from ..words import _
from .api_key_words import AS_IS, ENDS, PERIODS, body, form

UNTIL = "date"
"""Chosen of an end: a day of its own."""


class KeyForm:
    """A form for one key; `await open()` gives what came of it, or None."""

    def __init__(self, desk: Desk, models: Sequence[str], key: KeyInfo | None = None) -> None:
        self._desk, self._key, self._before = desk, key, form(key)
        with ui.dialog() as self._dialog, ui.card().classes("lb-dialog lb-key-form"):
            title = _("New access key") if key is None else _("Change the key '{name}'", name=key.name)
            self._dialog.props["aria-label"] = title
            heading(title, _("What is left empty is not limited."))
            self._fields(models)
            with ui.element("div").classes("lb-fault").props('role="alert"') as self._alert:
                ui.icon("error_outline").props('aria-hidden="true"')
                self._fault = ui.label().classes("lb-grow lb-wrap")
            self._alert.set_visibility(False)
            with ui.element("div").classes("lb-dialog-buttons"):
                ui.button(_("Cancel"), on_click=lambda: self._dialog.submit(None)).props("flat no-caps")
                self._do = ui.button(_("Make the key") if key is None else _("Save"), on_click=self._send)
                self._do.props("unelevated no-caps")

    async def open(self) -> Any:
        """Wait until it is closed; the answer of the router, or None."""
        return await answer_of(self._dialog)

    def _fields(self, models: Sequence[str]) -> None:
        before = self._before
        self._name = ui.input(_("Name: whose it is"), value=before["name"]).props(
            "outlined dense autofocus maxlength=64"
        )
        self._name.on("keydown.enter", self._send)
        options = list(dict.fromkeys([*before["models"], *models]))
        self._models = ui.select(
            options, value=before["models"], label=_("Models it may use"), multiple=True, new_value_mode="add-unique"
        )
        self._models.props("outlined dense use-chips options-dense").props(
            f'hint="{_("Every model where it is empty. A pattern works, too: lab/*")}"'
        )
        with ui.element("div").classes("lb-fields"):
            self._rpm = ui.number(_("Requests a minute"), value=before["rpm"], min=1, precision=0)
            self._tpm = ui.number(_("Tokens a minute"), value=before["tpm"], min=1, precision=0)
            self._budget = ui.number(_("Budget"), value=before["budget"], min=0, prefix="$")
            periods = {name: _(words) for name, words in PERIODS.items()}
            self._per = ui.select(periods, value=before["per"], label=_("Budget is for"))
            ends = {name: _(words) for name, words in ENDS.items()} | {UNTIL: _("On a day")}
            if self._key is not None and self._key.expires is not None:
                ends = {AS_IS: _("As it is: {time}", time=clock(self._key.expires)), **ends}
            self._expires = ui.select(ends, value=before["expires"], label=_("Ends"))
            self._day = ui.input(_("Last day")).props("type=date stack-label")
            self._day.bind_visibility_from(self._expires, "value", value=UNTIL)
        for field in (self._rpm, self._tpm, self._budget, self._per, self._expires, self._day):
            field.props("outlined dense options-dense" if isinstance(field, ui.select) else "outlined dense")

    async def _send(self) -> None:
        said = {
            "name": self._name.value,
            "models": self._models.value,
            "rpm": self._rpm.value,
            "tpm": self._tpm.value,
            "budget": self._budget.value,
            "per": self._per.value,
            "expires": (self._day.value or "-") if self._expires.value == UNTIL else self._expires.value,
        }
        wanted = body(said, self._key)
        if self._key is not None and not wanted:
            self._dialog.submit(None)
            return
        self._do.props(add="loading disable")
        self._alert.set_visibility(False)
        try:
            if not said["name"]:
                raise RouterFault(_("The key needs a name."))
            if self._key is None:
                done: object = await self._desk.router.ask("POST", KEYS, KeyMade, wanted)
            else:
                done = await self._desk.router.ask("PATCH", at("keys", self._key.id), KeyInfo, wanted)
        except RouterFault as fault:
            self._fault.set_text(fault.message)
            self._alert.set_visibility(True)
        else:
            self._dialog.submit(done)
        finally:
            self._do.props(remove="loading disable")


async def show_once(made: KeyMade, anthropic: str) -> None:
    """Show a key's secret, until the reader has it. `anthropic` is the base URL for Claude Code; empty: none now."""
    with ui.dialog().props("persistent") as dialog, ui.card().classes("lb-dialog lb-key-form"):
        dialog.props["aria-label"] = title = _("The key of '{name}'", name=made.info.name)
        heading(title)
        warning(_("Copy it now. It is shown this once: landbridge keeps nothing that it could be read from."))
        with copyable(made.key, _("Copy the key")).props("data-key"):
            pass
        if anthropic:
            ui.label(_("For Claude Code:")).classes("lb-muted")
            lines = f"export ANTHROPIC_BASE_URL={anthropic}\nexport ANTHROPIC_AUTH_TOKEN={made.key}"
            copyable(lines, _("Copy the variables for Claude Code"))
        if made.first:
            said = _("It is the first one: every request needs a key from now on, on this machine, too.")
            ui.label(said).classes("lb-muted lb-wrap")
        with ui.element("div").classes("lb-dialog-buttons"):
            ui.button(_("I have copied it"), on_click=lambda: dialog.submit(True)).props("unelevated no-caps")
    await answer_of(dialog)
