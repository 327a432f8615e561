"""Questions before something that cannot be taken back, and text to be copied."""

from __future__ import annotations

from nicegui import ui

from ..words import _
from .faults import say


async def sure(title: str, what: str, do: str, *, dangerous: bool = True) -> bool:
    """Whether the reader means it. `what` says what will happen, `do` is on the button (a verb: "Delete").

    Cancel has the focus first; Escape is no.
    """
    with ui.dialog() as dialog, ui.card().classes("lb-dialog").props('role="alertdialog"'):
        ui.label(title).classes("lb-title").props('role="heading" aria-level="2"')
        ui.label(what).classes("lb-wrap")
        with ui.element("div").classes("lb-dialog-buttons"):
            ui.button(_("Cancel"), on_click=lambda: dialog.submit(False)).props("flat no-caps autofocus")
            ui.button(do, on_click=lambda: dialog.submit(True), color="negative" if dangerous else "primary").props(
                "unelevated no-caps"
            )
    try:
        return bool(await dialog)
    finally:
        dialog.delete()


def copyable(text: str, label: str = "") -> ui.element:
    """A line or several to be copied, with a button for it."""
    with ui.element("div").classes("lb-copy") as place:
        ui.label(text).classes("lb-code").props('tabindex="0"')
        copy_button(text, label or _("Copy"))
    return place


def copy_button(text: str, label: str) -> ui.button:
    """Puts `text` on the clipboard."""

    def copy() -> None:
        ui.clipboard.write(text)
        say(_("Copied"))

    return ui.button(icon="content_copy", on_click=copy).props(f'flat round dense size=sm aria-label="{label}"')
