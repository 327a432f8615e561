"""One engine setting: its name and meaning, its field, its default, what the planner takes, and a way back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from ...engines.plan import Plan
from ..parts.cards import Badge
from ..words import _
from .models_fields import EXAMPLES, Engine, default_words, planned, text_of, value_of
from .settings_field import meaning
from .settings_kinds import LEFT_OUT, Wrong, size_of

Look = Callable[[], Awaitable[None]]
Reset = Callable[[Engine], Awaitable[None]]


class SettingRow:
    """A row of the form."""

    def __init__(self, setting: Engine, look: Look, reset: Reset) -> None:
        self.setting, self._look = setting, look
        self._shown = ""
        self._quiet = False
        with ui.element("div").classes("lbm-setting") as self._element:
            self._element.props["data-setting"] = setting.name
            with ui.element("div").classes("lbm-setting-words"):
                with ui.element("div").classes("lb-row lbm-tight"):
                    ui.label(setting.label).classes("lbm-name")
                    ui.label(setting.name).classes("lb-mono lb-muted")
                    self._badge = Badge(_("set"), "good")
                meaning(setting.meaning.text, "lb-muted lb-small lbm-meaning")
            with ui.element("div").classes("lbm-setting-control"):
                self._field = self._make(setting)
                self._field.props["aria-label"] = f"{setting.label} ({setting.name})"
                self._facts = ui.label().classes("lb-muted lb-small")
                self._fault = ui.label().classes("lbm-fault-text lb-small").props('role="alert"')
            self._undo = ui.button(icon="undo", on_click=lambda: reset(self.setting))
            self._undo.props("flat round dense size=sm").classes("lbm-undo")
            said = _("Reset {name} to its default", name=setting.label)
            self._undo.props["aria-label"] = self._undo.props["title"] = said
        self._planned = ""
        self.take(setting)
        self.complain("")

    def _make(self, setting: Engine) -> Any:
        form = setting.form
        if form.editor == "toggle":
            return ui.switch(on_change=self._changed)
        if form.editor == "choice":
            said = {LEFT_OUT: _("(default)"), "true": _("on"), "false": _("off")}
            options = {name: said.get(name, name) for name in form.choices}
            return ui.select(options, on_change=self._changed).props("outlined dense options-dense")
        if form.editor in ("lines", "entries"):
            field: Any = ui.textarea(on_change=self._changed).props("outlined dense autogrow debounce=500")
        else:
            field = ui.input(on_change=self._changed).props("outlined dense debounce=500")
        if form.number:
            field.props('inputmode="decimal"')
        if example := EXAMPLES.get(setting.name):
            field.props["placeholder"] = example
        return field

    # -- what is shown -------------------------------------------------------------------------------------------------

    def take(self, setting: Engine) -> None:
        """Show what is in force, but where somebody is changing it."""
        changing = self.changed
        self.setting = setting
        self._shown = text_of(setting.value, setting.form)
        if not changing:
            self.take_back()
        self._field.set_enabled(not setting.locked)
        self._badge.set(_("set") if setting.own else setting.locked or "", "good" if setting.own else "warn")
        self._show_marks()

    def _show_marks(self) -> None:
        own, locked = self.setting.own, bool(self.setting.locked)
        self._undo.set_visibility(own and not locked)
        self._badge.set(_("set") if own else self.setting.locked, "good" if own else "warn")
        self._element.classes(**{"add" if own or locked else "remove": "lbm-own"})
        self._show_facts()

    def _show_facts(self) -> None:
        default = default_words(self.setting)
        facts = [_("Default: {value}", value=default)] if default != "-" else []
        if self._planned:
            facts.append(_("planner: {value}", value=self._planned))
        if size := size_of(self.setting.key, self.setting.value):
            facts.append(size)
        self._facts.set_text(" · ".join(facts))

    def plan(self, plan: Plan | None) -> None:
        """Show what the planner takes."""
        self._planned = planned(self.setting.name, plan) if plan is not None else ""
        self._show_facts()

    def complain(self, fault: str) -> None:
        """Say why an answer cannot be meant."""
        self._fault.set_text(fault)
        self._fault.set_visibility(bool(fault))

    # -- what was answered ---------------------------------------------------------------------------------------------

    @property
    def _text(self) -> str:
        if self.setting.form.editor == "toggle":
            return "true" if self._field.value else "false"
        return str(self._field.value or "")

    @property
    def changed(self) -> bool:
        """Whether it is another than what is in force."""
        shown = ("true" if self._shown == "true" else "false") if self.setting.form.editor == "toggle" else self._shown
        return self._text != shown

    def read(self) -> tuple[Any, str]:
        """The answer, None where nothing is said; and why it cannot be meant."""
        if self.setting.form.editor == "toggle":
            return bool(self._field.value), ""
        try:
            return value_of(self._text, self.setting.form), ""
        except Wrong as wrong:
            return None, str(wrong)

    def put(self, value: Any) -> None:
        """Answer so."""
        self._field.set_value(text_of(value, self.setting.form))

    def take_back(self) -> None:
        """Show what is in force again."""
        if self.setting.form.editor == "toggle":
            self._field.set_value(self._shown == "true")
        else:
            self._field.set_value(self._shown)

    def settle(self) -> None:
        """What stands in the field is saved."""
        self._shown = self._text

    async def _changed(self) -> None:
        if self._element.is_deleted:
            return
        await self._look()
