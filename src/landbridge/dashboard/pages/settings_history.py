"""The versions of the settings: when, who, how, what changed; what differs, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui

from ...manage.history import Difference
from ...server.admin_change import Edited
from ...server.admin_history import Kept, Kepts
from ..parts.asking import sure
from ..parts.cards import Badge, card
from ..parts.faults import busy, empty, say, warning
from ..parts.numbers import clock
from ..words import _, n_
from .settings_state import HOW, SETTINGS, Shared

HISTORY = f"{SETTINGS}/history"
KEYS = 4
"""Changed keys that are named of a version."""


async def history_view(state: Shared) -> None:
    """Build it."""
    history = History(state)
    await history.look()
    state.showing(history.room, history.look)


class History:
    """The list. What is open stays open when a version comes."""

    def __init__(self, state: Shared) -> None:
        self._state = state
        self._kept: dict[int, ui.element] = {}
        self._badges: dict[int, Badge] = {}
        self._past: dict[int, ui.element] = {}
        """What can be done with those that are not in force."""
        with card(_("History"), _("Each change makes a version, also one by hand. The newest 100 are kept.")):
            self._notice = ui.element("div")
            self._none = empty("history", _("No version is kept yet"), _("The first change makes one."))
            self.room = ui.element("div").classes("ls-versions").props("role=list")

    async def look(self) -> None:
        """Show the versions there are now."""
        found = await self._state.desk.router.get(HISTORY, Kepts)
        self._none.set_visibility(not found.versions)
        self._notice.clear()
        if found.unsaved:
            with self._notice:
                warning(_("The file says something else than its newest version: it is broken, or not taken up yet."))
        new = [each for each in found.versions if each.number not in self._kept]
        for each in reversed(new):
            with self.room:
                self._kept[each.number] = self._row(each)
            self._kept[each.number].move(self.room, 0)
        for number in [number for number in self._kept if number not in {each.number for each in found.versions}]:
            self._kept.pop(number).delete()
            self._badges.pop(number)
            self._past.pop(number)
        for place, each in enumerate(found.versions):
            now = place == 0 and not found.unsaved
            self._badges[each.number].set(
                _("in force") if now else _("version {n}", n=each.number), "good" if now else "calm"
            )
            self._past[each.number].set_visibility(not now)

    def _row(self, kept: Kept) -> ui.element:
        with ui.element("div").classes("ls-version").props("role=listitem") as row:
            row.props["data-version"] = str(kept.number)
            with ui.element("div").classes("ls-version-words"):
                with ui.element("div").classes("lb-row"):
                    self._badges[kept.number] = Badge(_("version {n}", n=kept.number), "calm")
                    ui.label(clock(kept.time)).classes("lb-muted")
                    ui.label(_("{who}, {how}", who=kept.who, how=kept.how)).classes("lb-muted lb-wrap")
                ui.label(_changed(kept)).classes("lb-wrap")
            buttons = ui.element("div").classes("ls-version-buttons")
            room = ui.element("div").classes("ls-diff").props('tabindex="0" role="region"')
            room.props["aria-label"] = _("What differs")
            room.set_visibility(False)
            with buttons:
                if kept.number > 1:
                    _button(_("What changed"), partial(self._show, kept.number, room, back=True))
                with ui.element("div").classes("ls-version-past") as self._past[kept.number]:
                    _button(_("Compare with now"), partial(self._show, kept.number, room, back=False))
                    _button(_("Go back to it"), partial(self._back, kept.number))
        return row

    async def _show(self, number: int, room: ui.element, *, back: bool) -> None:
        """Show what differs between it and the one before it, or now; hide it where it is shown."""
        mark = f"{number} {back}"
        if room.visible and room.props.get("data-shown") == mark:
            room.set_visibility(False)
            return
        router = self._state.desk.router
        if back:
            before = max((each for each in self._kept if each < number), default=number)
            found = await router.get(f"{HISTORY}/{before}", Difference, to=str(number))
        else:
            found = await router.get(f"{HISTORY}/{number}", Difference)
        room.clear()
        room.props["data-shown"] = mark
        with room:
            lines(found)
        room.set_visibility(True)

    async def _back(self, number: int) -> None:
        what = _(
            "The settings file becomes what it was in version {n}, and that is in force at once. It makes a new "
            "version, so it can be taken back.",
            n=number,
        )
        if not await sure(_("Go back to version {n}?", n=number), what, _("Go back"), dangerous=False):
            return
        async with busy():
            done = await self._state.desk.router.ask("POST", f"{HISTORY}/{number}/rollback", Edited, {"how": HOW})
            count = len(done.changes)
            say(
                n_("{n} setting changed.", "{n} settings changed.", count)
                if done.version
                else _("It says that already.")
            )
            await self.look()


def _button(text: str, click: Callable[[], Any]) -> ui.button:
    return ui.button(text, on_click=click).props("flat dense no-caps")


def _changed(kept: Kept) -> str:
    """The keys that changed with a version."""
    if kept.changes is None:
        return _("the first that was kept") if kept.number == 1 else _("cannot be said")
    keys = [change.key for change in kept.changes]
    if not keys:
        return _("comments only")
    more = n_(" and {n} more", " and {n} more", len(keys) - KEYS) if len(keys) > KEYS else ""
    return ", ".join(keys[:KEYS]) + more


def lines(found: Difference) -> None:
    """A difference, line by line; what was there and what came, by sign and colour."""
    if not found.lines:
        ui.label(_("Only keys differ, which are not shown.") if found.differs else _("Nothing differs."))
    for line in found.lines[2:]:
        kind = {"+": "ls-came", "-": "ls-went", "@": "ls-at"}.get(line[:1], "")
        ui.label(line or " ").classes(f"ls-diff-line {kind}")
