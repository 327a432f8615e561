"""What is shown where something is empty, loads, or went wrong; and actions that say so."""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import TracebackType
from typing import Any

from nicegui import ui

from ..router import RouterFault
from ..words import _

log = logging.getLogger("landbridge.dashboard")


def empty(icon: str, title: str, text: str = "") -> ui.element:
    """A place with nothing in it yet, and what to do about it. Give it buttons: `with empty(...): ui.button(...)`."""
    with ui.element("div").classes("lb-empty") as place:
        ui.icon(icon).classes("lb-empty-icon").props('aria-hidden="true"')
        ui.label(title).classes("lb-empty-title")
        if text:
            ui.label(text).classes("lb-muted")
    return place


def loading(lines: int = 3) -> ui.element:
    """A place whose content is on its way, of about the height that it will have. Delete or clear it then."""
    with ui.element("div").classes("lb-loading").props(f'role="status" aria-label="{_("Loading")}"') as place:
        for _line in range(lines):
            ui.skeleton("text").props("animation=fade")
    return place


def fault_card(message: str, retry: Callable[[], Any] | None = None) -> ui.element:
    """What went wrong, in its place, with a way to try again."""
    with ui.element("div").classes("lb-fault").props('role="alert"') as card:
        ui.icon("error_outline").props('aria-hidden="true"')
        ui.label(message).classes("lb-grow lb-wrap")
        if retry is not None:
            ui.button(_("Try again"), on_click=retry).props("flat dense no-caps")
    return card


def warning(message: str) -> ui.element:
    """Something to know before going on."""
    with ui.element("div").classes("lb-warning").props('role="note"') as card:
        ui.icon("warning_amber").props('aria-hidden="true"')
        ui.label(message).classes("lb-grow lb-wrap")
    return card


def say(message: str) -> None:
    """Tell of something done, for a moment."""
    ui.notify(message, type="positive", position="bottom", timeout=3000, classes="lb-toast")


def complain(message: str) -> None:
    """Tell of something that went wrong, until it is closed."""
    ui.notify(
        message, type="negative", position="bottom", timeout=0, close_button=_("Close"), multi_line=True,
        classes="lb-toast",
    )  # fmt: skip


def report(error: Exception) -> None:
    """Tell of an error that nobody has handled."""
    if isinstance(error, RouterFault):
        complain(error.message)
    else:
        log.error("a page failed", exc_info=error)
        complain(_("The page failed ({name}). The router's log has the details.", name=type(error).__name__))


class busy:
    """Work that a click has started: its buttons show it and take no more clicks; a fault of the router's is told.

    async with busy(button):
        await desk.router.ask(...)
        say(_("Saved"))
    """

    def __init__(self, *buttons: ui.element) -> None:
        # A button that loads takes no clicks; whether it is enabled stays for the page to say.
        self._shows = [(button, "loading" if isinstance(button, ui.button) else "disable") for button in buttons]

    async def __aenter__(self) -> None:
        for button, how in self._shows:
            button.props(add=how)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        for button, how in self._shows:
            if not button.is_deleted:
                button.props(remove=how)
        if isinstance(error, RouterFault):
            complain(error.message)
            return True
        return False
