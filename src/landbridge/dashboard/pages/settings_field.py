"""One setting: its meaning, what is in force and why, a field to change it, and what is wrong with an answer there."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Any

from nicegui import ui

from ..parts.asking import copy_button
from ..parts.cards import Badge
from ..words import _
from .settings_catalogue import Item, coded, shown_value
from .settings_entries import Entries
from .settings_input import Input
from .settings_kinds import Form, form_of, size_of
from .settings_state import Shared

_LINE = re.compile(r"line (\d+)(.*)")
EFFECTS: dict[str, Callable[[], str]] = {
    "now": lambda: _("takes effect at once"),
    "load": lambda: _("takes effect when the model is loaded next"),
    "restart": lambda: _("takes effect after a restart of the router"),
}


class Field:
    """A setting of the page. `refresh` shows what is in force by now, unless somebody is changing it."""

    def __init__(self, shared: Shared, item: Item, *, draft: bool = False) -> None:
        self.item, self._shared, self._draft = item, shared, draft
        self.form: Form = form_of(item.meaning)
        self._input: Input | None = None
        self._entries: Entries | None = None
        with ui.element("div").classes("ls-row") as self.element:
            self.element.props["data-key"] = item.key
            with ui.element("div").classes("ls-words"):
                self._name()
                meaning(item.meaning.text)
                self._facts = ui.label().classes("lb-muted lb-small")
            with ui.element("div").classes("ls-control"):
                self._control()
            self._fault = ui.label().classes("ls-fault").props('role="alert"')
        self._show_facts()
        self.complain("")
        if not draft:
            shared.showing(self.element, self.refresh)

    @property
    def locked(self) -> bool:
        """Whether a variable or a flag says it, which wins over the file."""
        return self.item.origin in ("environment", "flag")

    def _name(self) -> None:
        with ui.element("div").classes("ls-name"):
            ui.label(self.item.key).classes("ls-key")
            self._badge = Badge("", "calm")
            copy_button(self.item.key, _("Copy the name {key}", key=self.item.key))

    def _control(self) -> None:
        if self.form.editor == "entries":
            self._entries = Entries(self._shared, self.item, self.form, self.complain)
            return
        self._input = Input(self.form, self.item.key, self._save, draft=self._draft)
        self._input.show(self.item.value, locked=self.locked)
        self._reset = ui.button(_("Reset"), icon="undo", on_click=self._unset).props("flat dense no-caps size=sm")
        self._reset.props["aria-label"] = _("Reset {key} to its default", key=self.item.key)
        self._reset.set_visibility(False)

    async def _save(self, value: Any) -> bool:
        """Save an answer; whether it was taken."""
        key = self.item.key
        self.complain("")
        fault = await self._shared.change({} if value is None else {key: value}, [key] if value is None else [])
        self.complain(fault)
        return not fault

    async def _unset(self) -> None:
        if await self._save(None) and self._input is not None:
            self._input.show(self.item.value, locked=self.locked)

    def complain(self, fault: str) -> None:
        """Say what is wrong with it."""
        self._fault.set_text(fault)
        self._fault.set_visibility(bool(fault))

    def refresh(self) -> None:
        """Show what is in force now."""
        self.item = self._shared.catalogue.item(self.item.path, self.item.meaning)
        if self._entries is not None:
            self._entries.refresh()
        if self._input is not None and not self._input.dirty:
            self._input.show(self.item.value, locked=self.locked)
        self._show_facts()

    def _show_facts(self) -> None:
        item, default = self.item, self.item.meaning.default
        kind: Any = "calm"
        if self.locked:
            said, kind = _("by {place}", place=item.place), "warn"
        elif item.origin == "file":
            said, kind = in_file(item.place), "good"
        else:
            said = ""
        if item.key in self._shared.catalogue.restart:
            said, kind = _("waits for a restart"), "warn"
        self._badge.set(said, kind)
        facts = []
        if self.form.editor != "entries":
            facts.append(_("Default: {value}", value=with_size(item.key, default)))
            if (size := size_of(item.key, item.value)) and item.value != default:
                facts.append(_("now {size}", size=size))
        facts.append(EFFECTS[item.meaning.effect]())
        if self.locked:
            facts.append(_("a variable or a flag wins over the file: change it there"))
        self._facts.set_text(" · ".join(facts))
        if self._input is not None:
            self._reset.set_visibility(item.own and not self._draft)


def in_file(place: str) -> str:
    """`line 4` or `line 4, [model_defaults]` in words."""
    found = _LINE.fullmatch(place)
    return _("file, line {line}", line=found[1]) + found[2] if found else place


def with_size(key: str, value: Any) -> str:
    """A value in words, with its size where it is bytes."""
    size = size_of(key, value)
    return f"{shown_value(value)} ({size})" if size else shown_value(value)


def meaning(text: str, classes: str = "ls-meaning") -> None:
    """A text of the manual, in the reader's language, with its code as code."""
    parts = (f"<code>{escape(part)}</code>" if code else escape(part) for part, code in coded(_(text)))
    ui.html("".join(parts)).classes(classes)
