"""Sections under names of the user's (`providers.lab`, `models.m`): each opens to its settings, and new ones are made.

A new one is made at once, with all that was answered: some need several settings to be anything.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui

from ...config.keys import dotted
from ..parts.asking import sure
from ..parts.cards import Badge, card
from ..parts.faults import busy, empty
from ..words import _, n_
from .settings_catalogue import Item
from .settings_field import Field, meaning
from .settings_input import Input
from .settings_kinds import Wrong, form_of
from .settings_state import Shared


class Named:
    """All of one section."""

    def __init__(self, shared: Shared, section: str) -> None:
        self._shared, self._section = shared, section
        self._shown: dict[str, tuple[ui.element, Badge]] = {}
        self._none = empty("layers", _("Nothing here yet"), _("What is added stands in the settings file at once."))
        self._room = ui.element("div").classes("ls-names")
        self._new()
        self._refresh()
        shared.showing(self._room, self._refresh)

    def _refresh(self) -> None:
        names = self._shared.catalogue.names(self._section)
        for name in [name for name in self._shown if name not in names]:
            self._shown.pop(name)[0].delete()
        for name in names:
            if name not in self._shown:
                self._shown[name] = self._one(name)
            items = self._shared.catalogue.named(self._section, name)
            count = sum(item.origin != "default" for item in items)
            self._shown[name][1].set(n_("{n} setting", "{n} settings", count), "calm")
        self._none.set_visibility(not names)

    def _one(self, name: str) -> tuple[ui.element, Badge]:
        with self._room, ui.element("div").classes("ls-named") as place:
            place.props["data-name"] = name
            head = ui.element("button").classes("ls-named-head").props('type="button" aria-expanded="false"')
            with head:
                ui.label(name).classes("ls-key")
                badge = Badge("", "calm")
                ui.space()
                ui.icon("expand_more").props('aria-hidden="true"').classes("ls-arrow")
            inside = ui.element("div").classes("ls-named-room")
            inside.set_visibility(False)

        def turn() -> None:
            inside.set_visibility(not inside.visible)
            head.props["aria-expanded"] = "true" if inside.visible else "false"
            self._fill(name, inside)

        head.on("click", turn)
        return place, badge

    def _fill(self, name: str, room: ui.element) -> None:
        """What is inside is made when it is opened first."""
        if room.default_slot.children:
            return
        with room:
            for item in self._shared.catalogue.named(self._section, name):
                Field(self._shared, item)
            gone = ui.button(_("Remove {name}", name=name), icon="delete_outline", on_click=partial(self._remove, name))
            gone.props("flat no-caps color=negative").classes("ls-remove")

    async def _remove(self, name: str) -> None:
        key = dotted((self._section, name))
        what = _("All of {key} leaves the settings file. The history keeps it, so that you can go back.", key=key)
        if await sure(_("Remove {name}?", name=name), what, _("Remove")):
            self._say(await self._shared.change({}, [key]))

    def _say(self, fault: str) -> None:
        self._fault.set_text(fault)
        self._fault.set_visibility(bool(fault))

    # -- a new one -----------------------------------------------------------------------------------------------------

    def _new(self) -> None:
        with ui.element("div").classes("ls-add"):
            self._name = ui.input(placeholder=_("Name of a new one")).props("outlined dense")
            self._name.props["aria-label"] = _("Name of a new section under {section}", section=self._section)
            self._name.on("keydown.enter", self._draft)
            ui.button(_("Add"), icon="add", on_click=self._draft).props("unelevated no-caps")
        self._fault = ui.label().classes("ls-fault").props('role="alert"')
        self._fault.set_visibility(False)
        self._drafts = ui.element("div")

    def _draft(self) -> None:
        """Ask for all that a new one may have."""
        name = (self._name.value or "").strip()
        if not name or name in self._shared.catalogue.names(self._section):
            self._say(_("It needs a name that is not taken."))
            return
        self._say("")
        self._name.set_value("")
        self._drafts.clear()
        with self._drafts:
            Draft(self._shared, self._section, name, self._drafts)


class Draft:
    """A section that is not saved yet."""

    def __init__(self, shared: Shared, section: str, name: str, room: ui.element) -> None:
        self._shared, self._section, self._name, self._room = shared, section, name, room
        self._inputs: list[tuple[Item, Input]] = []
        self._left: list[ui.label] = []
        with card(_("New: {key}", key=dotted((section, name)))):
            for item in shared.catalogue.named(section, name):
                self._ask(item)
            self._fault = ui.label().classes("ls-fault").props('role="alert"')
            self._fault.set_visibility(False)
            with ui.element("div").classes("lb-row"):
                self._button = ui.button(_("Create"), on_click=self._create).props("unelevated no-caps")
                ui.button(_("Cancel"), on_click=room.clear).props("flat no-caps")

    def _ask(self, item: Item) -> None:
        form = form_of(item.meaning)
        if form.editor == "entries":
            return  # they are added when it is there
        with ui.element("div").classes("ls-row"):
            with ui.element("div").classes("ls-words"):
                ui.label(item.path[-1]).classes("ls-key")
                meaning(item.meaning.text)
            with ui.element("div").classes("ls-control"):
                field = Input(form, item.key, _never, draft=True)
                field.show(item.meaning.default)
        self._inputs.append((item, field))

    async def _create(self) -> None:
        values: dict[str, Any] = {}
        try:
            for item, field in self._inputs:
                if field.changed and (value := field.value) is not None:
                    values[item.key] = value
        except Wrong as wrong:
            self._complain(f"{item.key}: {wrong}")
            return
        if not values:
            values[dotted((self._section, self._name))] = {}
        async with busy(self._button):
            fault = await self._shared.change(values)
        if fault:
            self._complain(fault)
        else:
            self._room.clear()

    def _complain(self, fault: str) -> None:
        self._fault.set_text(fault)
        self._fault.set_visibility(True)


async def _never(_value: Any) -> bool:
    return False
