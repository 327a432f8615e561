"""Where a question is written: Enter sends it, Shift+Enter breaks the line; while models answer, its button stops."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import events, ui

from ...store.conversation import File
from ..words import _
from .chat_files import Files

ENTER = """(event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  emit(event.target.value);
}"""
"""A syllable that is still being put together ends with Enter, too: that one does not send."""


class Draft:
    """What has been written and not been sent yet."""

    def __init__(self) -> None:
        self.text = ""
        self.files: list[File] = []


class Composer:
    """The field and its buttons. `send` gets what is to be asked."""

    def __init__(self, draft: Draft, send: Callable[[str, list[File]], bool], stop: Callable[[], None]) -> None:
        self._draft, self._send, self._stop = draft, send, stop
        self._busy = False
        with ui.element("form").classes("lb-composer").on("submit.prevent", self._pressed):
            self.files = Files(draft.files, self._changed)
            with ui.element("div").classes("lb-composer-row"):
                ui.button(icon="attach_file", on_click=self.files.pick).props(
                    f'flat round aria-label="{_("Add images, PDFs or texts")}"'
                )
                self._field = ui.textarea(value=draft.text, on_change=self._typed).classes("lb-composer-field")
                self._field.props(
                    f'autogrow borderless dense autofocus placeholder="{_("Ask something")}" '
                    f'aria-label="{_("Your question")}" input-class="lb-composer-input"'
                )
                self._field.on("keydown", self._entered, js_handler=ENTER)
                self._button = ui.button(icon="arrow_upward", on_click=self._pressed).props("round unelevated")
        self.busy(False)

    def busy(self, busy: bool) -> None:
        """Whether models answer: then the button stops them."""
        self._busy = busy
        self._button.props(f'icon="{"stop" if busy else "arrow_upward"}"')
        self._button.props(f'aria-label="{_("Stop") if busy else _("Send")}"')

    def take(self, draft: Draft) -> None:
        """Go on with another draft."""
        self._draft = draft
        self.files.files = draft.files
        self.files.show()
        self._field.set_value(draft.text)
        self._field.run_method("focus")

    def _typed(self, event: events.ValueChangeEventArguments[str | None]) -> None:
        self._draft.text = str(event.value or "")

    def _changed(self) -> None:
        self._field.run_method("focus")

    def _entered(self, event: events.GenericEventArguments) -> None:
        self._submit(str(event.args or ""))

    def _pressed(self) -> None:
        if self._busy:
            self._stop()
        else:
            self._submit(self._draft.text)

    def _submit(self, text: str) -> None:
        if self._busy or not (text.strip() or self._draft.files):
            return
        if self._send(text.strip(), list(self._draft.files)):
            self._draft.files.clear()
            self._draft.text = ""
            self._field.set_value("")
            self.files.show()
