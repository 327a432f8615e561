"""Settings that are values under names of the user's: aliases, headers, adapters. One line an entry, and one more."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui

from ...config.keys import dotted
from ...config.origin import Setting
from ..words import _
from .settings_catalogue import Item
from .settings_input import Input
from .settings_kinds import Form, Wrong
from .settings_state import Shared


class Entries:
    """Of one mapping."""

    def __init__(self, shared: Shared, item: Item, form: Form, complain: Callable[[str], None]) -> None:
        assert form.member is not None, "it is a mapping"
        self._shared, self._path, self._member, self._complain = shared, item.path, form.member, complain
        self._lines: dict[str, tuple[ui.element, Input, Setting]] = {}
        with ui.element("div").classes("ls-entries"):
            self._room = ui.element("div").classes("ls-entries-room")
            with ui.element("div").classes("ls-entry ls-new"):
                self._name = ui.input(placeholder=_("name")).props("outlined dense")
                self._name.props["aria-label"] = _("Name of a new entry of {key}", key=item.key)
                self._new = Input(
                    form.member, _("Value of a new entry of {key}", key=item.key), self._never, draft=True
                )
                self._add = ui.button(_("Add"), icon="add", on_click=self._insert).props("flat dense no-caps")
        self.refresh()

    def refresh(self) -> None:
        """Show the entries in force: what somebody is typing in stays."""
        found = self._shared.catalogue.entries(self._path)
        for name in [name for name in self._lines if name not in found]:
            self._lines.pop(name)[0].delete()
        for name, setting in found.items():
            if name not in self._lines:
                self._lines[name] = self._line(name, setting)
            _, field, _before = self._lines[name]
            if not field.dirty:
                field.show(setting.value, locked=_locked(setting))

    def _line(self, name: str, setting: Setting) -> tuple[ui.element, Input, Setting]:
        key = dotted((*self._path, name))
        with self._room, ui.element("div").classes("ls-entry") as line:
            line.props["data-key"] = key
            ui.label(name).classes("ls-entry-name")
            with ui.element("div").classes("ls-entry-value"):
                field = Input(self._member, key, partial(self._save, key))
            gone = ui.button(icon="close", on_click=partial(self._save, key, None)).props("flat round dense size=sm")
            gone.props["aria-label"] = _("Remove {key}", key=key)
            gone.set_enabled(not _locked(setting))
        return line, field, setting

    async def _save(self, key: str, value: Any) -> bool:
        fault = await self._shared.change({} if value is None else {key: value}, [key] if value is None else [])
        self._complain(fault)
        return not fault

    async def _insert(self) -> None:
        name = (self._name.value or "").strip()
        try:
            value = self._new.value
        except Wrong as wrong:
            self._complain(str(wrong))
            return
        if not name or value is None:
            self._complain(_("It needs a name and a value."))
            return
        if await self._save(dotted((*self._path, name)), value):
            self._name.set_value("")
            self._new.show(None)

    async def _never(self, _value: Any) -> bool:
        return False


def _locked(setting: Setting) -> bool:
    return setting.origin in ("environment", "flag")
