"""Engine settings of one model: each with its meaning, its default and what the planner makes of it; saved together.

What a change would cost is computed by the planner while it is made, before anything is saved.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import ui

from ...engines.choices import Choice
from ...engines.plan import Plan
from ...manage.model_facts import Explained
from ...server.admin_change import SETTINGS, Edited
from ..desk import Desk
from ..parts.asking import sure
from ..parts.cards import heading
from ..parts.faults import busy, complain, say
from ..router import RouterFault, at
from ..words import _, n_
from .models_fields import Engine, groups
from .models_setting import SettingRow

Try = Callable[[Explained | None], None]
"""Shows how the model would be run with changed settings; None: nothing is changed."""
Known = Callable[[], Awaitable[dict[str, Engine]]]
"""The settings as they are now."""
OPEN = 2
"""Groups that are open at first."""


class EngineSettings:
    """The form."""

    def __init__(self, desk: Desk, model: str, found: dict[str, Engine], known: Known, tried: Try) -> None:
        self._desk, self._model, self._known, self._tried = desk, model, known, tried
        self._rows: dict[str, SettingRow] = {}
        self._asked = 0
        with ui.element("section").classes("lb-card lbm-settings"):
            with ui.element("div").classes("lb-row"):
                heading(_("Engine settings"), _("For this model. What is not set follows the defaults of all models."))
                self._reset_all = ui.button(_("Reset all"), icon="restart_alt", on_click=self._forget_all)
                self._reset_all.props("flat dense no-caps").classes("lb-end")
            for number, (title, inside) in enumerate(groups(found)):
                group = ui.expansion(title, value=number < OPEN or any(each.own for each in inside))
                with group.classes("lbm-group").props("dense header-class=lbm-group-title"):
                    for each in inside:
                        self._rows[each.name] = SettingRow(each, self._look, self._reset)
            self._bar()
        self._show_bar({}, [])
        self._reset_all.set_visibility(any(each.own for each in found.values()))

    def _bar(self) -> None:
        with ui.element("div").classes("lbm-save").props('role="status"') as self._place:
            self._said = ui.label().classes("lb-grow")
            ui.button(_("Discard"), on_click=self._discard).props("flat no-caps dense")
            self._save_button = ui.button(_("Save"), on_click=self._save).props("unelevated no-caps dense")

    def plan(self, plan: Plan | None) -> None:
        """Show at each setting what the planner takes."""
        for row in self._rows.values():
            row.plan(plan)

    def use(self, choice: Choice) -> None:
        """Put an alternative into the fields."""
        wanted: Mapping[str, Any] = {
            "context": choice.context, "slots": choice.slots, "cache_type_k": choice.cache,
            "cache_type_v": choice.cache,
        }  # fmt: skip
        for name, value in wanted.items():
            self._rows[name].put(value)
        self._place.run_method("scrollIntoView", {"block": "nearest"})

    def refresh(self, found: dict[str, Engine]) -> None:
        """Show what is in force now, but where somebody is changing it."""
        for name, row in self._rows.items():
            row.take(found[name])
        self._reset_all.set_visibility(any(each.own for each in found.values()))
        self._show_bar(*self._changes())

    # -- changes -------------------------------------------------------------------------------------------------------

    def _changes(self) -> tuple[dict[str, Any], list[str]]:
        """What would be set, and what cannot be meant."""
        changed: dict[str, Any] = {}
        wrong: list[str] = []
        for name, row in self._rows.items():
            if row.changed:
                value, fault = row.read()
                row.complain(fault)
                if fault:
                    wrong.append(name)
                else:
                    changed[name] = value
            else:
                row.complain("")
        return changed, wrong

    def _show_bar(self, changed: dict[str, Any], wrong: list[str]) -> None:
        count = len(changed) + len(wrong)
        self._place.set_visibility(bool(count))
        said = n_("{n} change is not saved.", "{n} changes are not saved.", count)
        self._said.set_text(f"{said} {_('They count when the model is loaded next.')}" if count else "")
        self._save_button.set_enabled(bool(changed) and not wrong)

    async def _look(self) -> None:
        """Something has been changed: what would come of it."""
        changed, wrong = self._changes()
        self._show_bar(changed, wrong)
        self._asked += 1
        asked = self._asked
        if not changed:
            self._tried(None)
            return
        try:
            path = at("library", self._model, "plan")
            trial = await self._desk.router.ask("POST", path, Explained, {"settings": changed})
        except RouterFault as fault:
            if asked == self._asked:
                self._said.set_text(fault.message)
            return
        if asked == self._asked:
            self._tried(trial)

    def _discard(self) -> None:
        for row in self._rows.values():
            row.take_back()

    async def _save(self) -> None:
        changed, _wrong = self._changes()
        keys = {name: self._rows[name].setting.key for name in changed}
        sets = {keys[name]: value for name, value in changed.items() if value is not None}
        unset = [keys[name] for name, value in changed.items() if value is None]
        async with busy(self._save_button):
            await self._change(sets, unset)
            say(_("Saved"))

    async def _reset(self, setting: Engine) -> None:
        try:
            await self._change({}, [setting.key])
        except RouterFault as fault:
            complain(fault.message)

    async def _forget_all(self) -> None:
        own = [row.setting for row in self._rows.values() if row.setting.own]
        names = ", ".join(each.label for each in own)
        what = _("These follow the defaults again: {names}.", names=names)
        if own and await sure(_("Reset all settings of {name}?", name=self._model), what, _("Reset")):
            async with busy(self._reset_all):
                await self._change({}, [each.key for each in own])
                say(_("Reset"))

    async def _change(self, sets: dict[str, Any], unset: list[str]) -> None:
        """Save, and show what is in force by then. Raises `RouterFault`."""
        body = {"set": sets, "unset": unset, "how": "the dashboard"}
        done = await self._desk.router.ask("PATCH", SETTINGS, Edited, body)
        if done.fault:
            complain(done.fault)
        for key in (*sets, *unset):
            for row in self._rows.values():
                if row.setting.key == key:
                    row.settle()
        self.refresh(await self._known())
        await self._look()
