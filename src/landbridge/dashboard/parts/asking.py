"""Questions before something that cannot be taken back, and text to be copied."""

from __future__ import annotations

import json
from typing import Any

from nicegui import ui

from ..words import _
from .faults import complain, say


async def sure(title: str, what: str, do: str, *, dangerous: bool = True) -> bool:
    """Whether the reader means it. `what` says what will happen, `do` is on the button (a verb: "Delete").

    Cancel has the focus first; Escape is no.
    """
    with ui.dialog() as dialog, ui.card().classes("lb-dialog").props('role="alertdialog"'):
        dialog.props["aria-label"] = title
        ui.label(title).classes("lb-title").props('role="heading" aria-level="2"')
        ui.label(what).classes("lb-wrap")
        with ui.element("div").classes("lb-dialog-buttons"):
            ui.button(_("Cancel"), on_click=lambda: dialog.submit(False)).props("flat no-caps autofocus")
            ui.button(do, on_click=lambda: dialog.submit(True), color="negative" if dangerous else "primary").props(
                "unelevated no-caps"
            )
    return bool(await answer_of(dialog))


async def answer_of(dialog: ui.dialog) -> Any:
    """Open a dialog, and wait for what the reader submits; None where it is closed. Then it is gone."""
    try:
        return await dialog
    finally:
        if not dialog.is_deleted:  # with its tab
            dialog.delete()


def copyable(text: str, label: str = "") -> ui.element:
    """A line or several to be copied, with a button for it."""
    with ui.element("div").classes("lb-copy") as place:
        ui.label(text).classes("lb-code").props('tabindex="0"')
        copy_button(text, label or _("Copy"))
    return place


def copy_button(text: str, label: str) -> ui.button:
    """Puts `text` on the clipboard."""

    async def put() -> None:
        await copy(text)

    return ui.button(icon="content_copy", on_click=put).props(f'flat round dense size=sm aria-label="{label}"')


COPY = """
(async text => {
  try { await navigator.clipboard.writeText(text); return true; } catch {}
  const area = document.createElement('textarea');
  area.value = text; area.style.position = 'fixed'; area.style.opacity = 0;
  document.body.append(area); area.select();
  try { return document.execCommand('copy'); } catch { return false; } finally { area.remove(); }
})
"""
"""Browsers have a clipboard for pages of this machine and of https alone; elsewhere the old way still works."""


async def copy(text: str) -> None:
    """Put `text` on the clipboard of who looks, and say whether it is there."""
    try:
        done = await ui.run_javascript(f"return await {COPY}({json.dumps(text)})", timeout=5)
    except TimeoutError:
        done = False
    if done:
        say(_("Copied"))
    else:
        complain(_("The browser does not let this page copy. Mark the text and copy it by hand."))
