"""Settings: each with its meaning, value and origin; the file itself, its history; what the program is made of."""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui

from ..desk import Desk
from ..parts.cards import card
from ..parts.faults import empty, fault_card, warning
from ..words import _, n_
from .settings_about import about_view
from .settings_field import Field, meaning
from .settings_file import file_view
from .settings_history import history_view
from .settings_named import Named
from .settings_state import Shared, shared

FOUND = 40
"""Settings that a search shows."""
ELSEWHERE = {"providers": "/cloud", "models": "/models", "listeners": "/api", "access": "/api", "aliases": "/connect"}
"""Pages that do more with a section than its settings can."""
VIEWS = {"file": file_view, "history": history_view, "about": about_view}


async def build(desk: Desk, id: str) -> None:
    """Build the page: a section, or one of the views beside them."""
    ui.add_head_html('<link rel="stylesheet" href="/static/settings.css">')
    state = await shared(desk)
    here = id if id in VIEWS or state.catalogue.has(id) else "general"
    with ui.element("div").classes("ls-page"):
        with ui.element("div").classes("ls-nav"):
            _navigation(state, here)
        with ui.element("div").classes("ls-main"):
            if here in VIEWS:
                await VIEWS[here](state)
            else:
                _sections(state, here)
    desk.live.follow("settings", list[dict[str, Any]], lambda changes: state.look())


def _navigation(state: Shared, here: str) -> None:
    """Where there is something: links beside the page, a choice above it where it is narrow."""
    views = {"file": _("Settings file"), "history": _("History"), "about": _("About")}
    icons = {"general": "tune", "file": "description", "history": "history", "about": "info_outline"}
    groups = state.catalogue.groups()
    sections = [(name, state.catalogue.title(name)) for _title, names in groups for name in names]
    options = dict([sections[0], *views.items(), *sections[1:]])
    choice = ui.select(options, value=here, on_change=lambda event: ui.navigate.to(f"/settings/{event.value}"))
    choice.props("outlined dense").classes("ls-nav-narrow").props["aria-label"] = _("Part of the settings")
    with ui.element("nav").classes("ls-nav-wide") as links:
        links.props["aria-label"] = _("Parts of the settings")
        for place, (title, names) in enumerate(groups):
            ui.label(title).classes("ls-nav-group")
            for name in names:
                _link(name, state.catalogue.title(name), here, state.catalogue.said(name), icons.get(name, ""))
            for name, view in views.items() if place == 0 else ():
                _link(name, view, here, 0, icons[name])


def _link(name: str, title: str, here: str, said: int, icon: str = "") -> None:
    with ui.link(target=f"/settings/{name}").classes("ls-link") as link:
        if icon:
            ui.icon(icon).props('aria-hidden="true"')
        ui.label(title).classes("lb-grow")
        if said:
            count = ui.label(str(said)).classes("ls-count")
            count.props["title"] = count.props["aria-label"] = n_("{n} setting is set", "{n} settings are set", said)
            count.props("role=note")
    if name == here:
        link.classes("lb-here").props('aria-current="page"')


def _sections(state: Shared, here: str) -> None:
    """A search over all, and one section."""
    search = ui.input(placeholder=_("Search all settings")).props("outlined dense clearable debounce=200")
    search.classes("ls-search").props["aria-label"] = _("Search all settings")
    with search.add_slot("prepend"):
        ui.icon("search").props('aria-hidden="true"')
    notices = ui.element("div").classes("ls-notices")
    found = ui.element("div").classes("ls-found").props('aria-live="polite"')
    with ui.element("div").classes("ls-section") as room:
        _section(state, here)
    search.on_value_change(lambda event: _search(state, event.value or "", found, room))
    show = partial(_notices, state, notices)
    show()
    state.showing(notices, show)


def _notices(state: Shared, room: ui.element) -> None:
    room.clear()
    with room:
        if state.catalogue.fault:
            fault_card(_("The file as it is now is not in force: {fault}", fault=state.catalogue.fault))
        if state.catalogue.restart:
            keys = ", ".join(state.catalogue.restart)
            warning(_("Changed, but in force after a restart of the router only: {keys}", keys=keys))


def _section(state: Shared, name: str) -> None:
    catalogue = state.catalogue
    with card():
        with ui.element("div").classes("lb-heading"):
            ui.label(catalogue.title(name)).classes("lb-title").props('role="heading" aria-level="2"')
            section = catalogue.section(name)
            if section is not None and [each.key for each in section.settings] != [name]:  # which says the same
                meaning(section.text)
            if name in ELSEWHERE:
                with ui.element("div").classes("lb-small"):
                    ui.link(_("There is a page for this"), ELSEWHERE[name])
        if catalogue.is_named(name):
            Named(state, name)
        else:
            for item in catalogue.items(name):
                Field(state, item)


def _search(state: Shared, words: str, found: ui.element, room: ui.element) -> None:
    """Show what was found in the place of the section."""
    found.clear()
    room.set_visibility(not words.strip())
    if not words.strip():
        return
    items = state.catalogue.find(words)
    with found, card():
        if not items:
            empty("search_off", _("No setting has these words"), _("Names and meanings are looked at."))
        for _name, item in items[:FOUND]:
            if "NAME" in item.path:
                with ui.element("div").classes("ls-row"), ui.element("div").classes("ls-words"):
                    with ui.element("div").classes("ls-name"):
                        ui.link(item.key, f"/settings/{item.path[0]}").classes("ls-key")
                    meaning(item.meaning.text)
            else:
                Field(state, item)
        if len(items) > FOUND:
            ui.label(_("{n} more; say more words.", n=len(items) - FOUND)).classes("lb-muted")
