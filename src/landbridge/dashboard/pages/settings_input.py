"""The field of one value: a switch, a choice, a line, several lines, or a key that is never shown.

Switches and choices save at once. What is typed is saved by Enter or the button beside it; Escape takes it back.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments, ValueChangeEventArguments

from ..words import _
from .settings_kinds import LEFT_OUT, Form, Wrong, meant, shown

Save = Callable[[Any], Awaitable[bool]]
"""Saves a value, None to leave it out; whether it was taken."""


class Input:
    """The field. As a `draft` it saves nothing: `value` has the answer."""

    def __init__(self, form: Form, key: str, save: Save, *, draft: bool = False) -> None:
        self._form, self._save, self._draft = form, save, draft
        self._shown = ""
        self._field: Any = None
        self._tools: ui.element | None = None
        self._wrong: ui.label | None = None
        if form.editor == "toggle":
            self._field = ui.switch(on_change=self._flip).classes("ls-switch")
        elif form.editor == "choice":
            self._field = ui.select(_options(form), on_change=self._choose).props("outlined dense options-dense")
        else:
            self._typed(form)
        self._field.props["aria-label"] = key

    def _typed(self, form: Form) -> None:
        if form.editor == "lines":
            self._field = ui.textarea(on_change=self._compare).props("outlined dense autogrow")
            self._field.props["hint"] = _("one on each line")
        else:
            self._field = ui.input(on_change=self._compare, password=form.editor == "secret")
            self._field.props("outlined dense").on("keydown.enter", self._keep)
            if form.number:
                self._field.props('inputmode="decimal"')
            if form.editor == "secret":
                self._field.props('autocomplete="new-password"')
        self._field.on("keydown.escape", self._take_back)
        with ui.element("div").classes("ls-tools") as self._tools:
            ui.button(_("Save"), on_click=self._keep).props("unelevated no-caps dense color=primary size=sm")
            ui.button(_("Cancel"), on_click=self._take_back).props("flat no-caps dense size=sm")
        self._tools.set_visibility(False)
        self._wrong = ui.label().classes("ls-fault").props('role="alert"')
        self._wrong.set_visibility(False)

    # -- what is shown, and what was typed -----------------------------------------------------------------------------

    def show(self, value: Any, *, locked: bool = False) -> None:
        """Show what is in force; `locked`: it cannot be changed here."""
        if self._form.editor == "toggle":
            self._shown = "true" if value else "false"
            self._field.set_value(bool(value))
        elif self._form.editor == "secret":
            self._shown = ""
            self._field.set_value("")
            self._field.props["placeholder"] = _kept(value)
        else:
            self._shown = shown(value, self._form)
            self._field.set_value(self._shown)
        self._field.set_enabled(not locked)
        self._settle()

    @property
    def dirty(self) -> bool:
        """Whether somebody has typed what is not saved."""
        return self._form.editor not in ("toggle", "choice") and (self._field.value or "") != self._shown

    @property
    def value(self) -> Any:
        """The answer, None where there is none. Raises `Wrong`."""
        if self._form.editor == "toggle":
            return bool(self._field.value)
        return meant(self._field.value or "", self._form)

    @property
    def changed(self) -> bool:
        """Whether it is another than was shown."""
        if self._form.editor == "toggle":
            return ("true" if self._field.value else "false") != self._shown
        return (self._field.value or "") != self._shown

    def _settle(self) -> None:
        if self._tools is not None and self._wrong is not None:
            self._tools.set_visibility(False)
            self._wrong.set_visibility(False)

    def _compare(self) -> None:
        if self._tools is not None and not self._draft:
            self._tools.set_visibility(self.dirty)

    def complain(self, fault: str) -> None:
        """Say why an answer cannot be meant."""
        if self._wrong is not None:
            self._wrong.set_text(fault)
            self._wrong.set_visibility(bool(fault))

    # -- saving --------------------------------------------------------------------------------------------------------

    async def _flip(self, event: ValueChangeEventArguments[bool | None]) -> None:
        said = "true" if event.value else "false"
        if said != self._shown and not self._draft:
            before, self._shown = self._shown, said
            if not await self._save(bool(event.value)):
                self._shown = before
                self._field.set_value(before == "true")

    async def _choose(self, event: ValueChangeEventArguments[str]) -> None:
        if event.value != self._shown and event.value is not None and not self._draft:
            before, self._shown = self._shown, event.value
            if not await self._save(meant(event.value, self._form)):
                self._shown = before
                self._field.set_value(before)

    async def _keep(self, _event: GenericEventArguments | None = None) -> None:
        if self._draft or not self.dirty:
            return
        try:
            value = self.value
        except Wrong as wrong:
            self.complain(str(wrong))
            return
        self.complain("")
        typed = self._field.value or ""
        if await self._save(value):
            self._shown = "" if self._form.editor == "secret" else typed
            self._field.set_value(self._shown)
            if self._form.editor == "secret":
                self._field.props["placeholder"] = _kept(value)
            self._settle()

    def _take_back(self, _event: Any = None) -> None:
        self._field.set_value(self._shown)
        self._settle()


def _options(form: Form) -> dict[str, str]:
    said = {LEFT_OUT: _("(not said)"), "true": _("on"), "false": _("off")}
    return {name: said.get(name, name) if form.choices[name] is not name or not name else name for name in form.choices}


def _kept(value: Any) -> str:
    """What stands in the place of a key: where it is, never what it is."""
    text = str(value or "")
    if not text:
        return _("none")
    return _("kept; type another to replace it") if "***" in text else text
