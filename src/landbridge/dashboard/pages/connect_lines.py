"""Lines to be copied, which change with the choice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from ..parts.asking import copy
from ..words import _

Before = Callable[[], Awaitable[None]]


class Lines:
    """A command, or several. `before` is done before they are copied: it may change them."""

    def __init__(self, label: str, before: Before | None = None, *, long: bool = False) -> None:
        self._before = before
        self.text = ""
        with ui.element("div").classes("lb-copy lb-lines-long" if long else "lb-copy"):
            self._label = ui.label().classes("lb-code").props(f'tabindex="0" role="group" aria-label="{label}"')
            self.button = ui.button(icon="content_copy", on_click=self._copy).props(
                f'flat round dense size=sm aria-label="{_("Copy: {what}", what=label)}"'
            )
            with self.button:
                ui.tooltip(_("Copy"))

    def set(self, text: str) -> None:
        """Show these."""
        if text != self.text:
            self.text = text
            self._label.set_text(text)

    async def _copy(self) -> None:
        if self._before is not None:
            await self._before()
        await copy(self.text)
