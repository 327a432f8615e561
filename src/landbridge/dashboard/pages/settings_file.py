"""The settings file as it stands: edited with its comments, checked by the router, saved with its keys."""

from __future__ import annotations

from nicegui import ui

from ...manage.settings_text import Text
from ...server.admin_change import Edited
from ...server.settings import Checked
from ..parts.cards import card
from ..parts.faults import busy, fault_card, say, warning
from ..router import RouterFault
from ..words import _, n_
from .settings_catalogue import shown_value
from .settings_state import HOW, SETTINGS, Shared


async def file_view(state: Shared) -> None:
    """Build it."""
    text = await state.desk.router.get(f"{SETTINGS}/text", Text)
    File(state, text)


class File:
    """The editor, and what was found in the text."""

    def __init__(self, state: Shared, text: Text) -> None:
        self._state, self._text = state, text
        with card(_("Settings file"), text.file):
            ui.label(
                _(
                    "Where a key stands, a mark like ***1*** is shown: the key stays in the router. "
                    "Move the mark with its line, or write a new key over it."
                )
            ).classes("lb-muted")
            self._editor = ui.codemirror(text.text, language="TOML", line_wrapping=True, on_change=self._typed)
            self._editor.classes("ls-editor")
            with ui.element("div").classes("lb-row"):
                self._save = ui.button(_("Save"), on_click=self._keep).props("unelevated no-caps")
                self._check = ui.button(_("Check"), on_click=self._look).props("outline no-caps")
                self._back = ui.button(_("Take back"), on_click=self._take_back).props("flat no-caps")
                self._changed = ui.label().classes("lb-muted").props('role="status"')
            self._found = ui.element("div").classes("ls-findings").props('aria-live="polite"')
        self._typed()
        _label(_("Settings file"))
        state.showing(self._found, self._reload)

    def _typed(self) -> None:
        dirty = self._editor.value != self._text.text
        self._save.set_enabled(dirty)
        self._back.set_enabled(dirty)
        self._changed.set_text(_("not saved yet") if dirty else "")

    def _take_back(self) -> None:
        self._editor.set_value(self._text.text)
        self._found.clear()

    async def _look(self) -> None:
        async with busy(self._check):
            body = {"text": self._editor.value, "marked": True}
            self._show(await self._state.desk.router.ask("POST", f"{SETTINGS}/check", Checked, body))

    def _show(self, checked: Checked) -> None:
        self._found.clear()
        with self._found:
            for fault in checked.faults:
                line = _("Line {line}: ", line=fault.line) if fault.line else ""
                message = fault.message.partition(f"line {fault.line}: ")[2] if fault.line else fault.message
                fault_card(f"{line}{message or fault.message} {fault.remedy}".strip())
            for each in checked.warnings:
                warning(each)
            if not checked.faults:
                self._changes(checked)

    def _changes(self, checked: Checked) -> None:
        if not checked.changes:
            ui.label(_("Nothing is wrong, and nothing would change.")).classes("lb-muted")
            return
        count = len(checked.changes)
        ui.label(
            n_("Nothing is wrong. {n} setting would change:", "Nothing is wrong. {n} settings would change:", count)
        )
        for change in checked.changes:
            with ui.element("div").classes("ls-change"):
                ui.label(change.key).classes("ls-key")
                before, after = (shown_value(value) for value in (change.before, change.after))
                ui.label(f"{_unset(before)} → {_unset(after)}").classes("lb-muted lb-wrap")

    async def _keep(self) -> None:
        """Save it, where the router finds nothing wrong."""
        body = {"text": self._editor.value, "stamp": self._text.stamp, "how": HOW}
        async with busy(self._save, self._check):
            try:
                done = await self._state.desk.router.ask("PUT", f"{SETTINGS}/text", Edited, body)
            except RouterFault as fault:
                await self._look()
                if not self._found.default_slot.children:
                    raise
                with self._found:
                    fault_card(_("Not saved. {why}", why=fault.message))
                return
            self._found.clear()
            self._text = await self._state.desk.router.get(f"{SETTINGS}/text", Text)
            self._editor.set_value(self._text.text)
            self._typed()
            with self._found:
                for each in done.still_wrong:
                    warning(each)
            say(_("Saved, and in force.") if not done.fault else _("Saved."))
            if done.fault:
                with self._found:
                    fault_card(done.fault)

    async def _reload(self) -> None:
        """Somebody else has changed the settings: their text is shown, unless this one has been changed, too."""
        text = await self._state.desk.router.get(f"{SETTINGS}/text", Text)
        if text.stamp == self._text.stamp:
            return
        if self._editor.value == self._text.text:
            self._text = text
            self._editor.set_value(text.text)
            self._typed()
        else:
            self._changed.set_text(
                _("The file was changed meanwhile: saving will be refused. Copy what you need, then reload.")
            )


def _unset(text: str) -> str:
    return _("default") if text in ("UNSET", "-") else text


def _label(text: str) -> None:
    """A name for the editor, for screen readers: its component takes none."""
    import json

    ui.run_javascript(
        "const name = () => { const at = document.querySelector('.ls-editor .cm-content');"
        " if (!at) return setTimeout(name, 50);"
        f" at.setAttribute('aria-label', {json.dumps(text)}); at.tabIndex = 0; }}; name()"
    )
