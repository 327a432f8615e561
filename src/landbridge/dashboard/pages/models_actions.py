"""What is done with a model: load, unload, pin, delete. Each asks the router, and says what came of it."""

from __future__ import annotations

from typing import Literal

from nicegui import ui

from ...engines.info import EngineInfo
from ...manage.model_list import Row
from ...server.admin import Unloaded
from ...server.admin_models import Removed
from ..desk import Desk
from ..parts import numbers
from ..parts.asking import answer_of, sure
from ..parts.faults import busy, say
from ..router import at
from ..words import _, n_

LONG = 3600.0
"""Seconds that loading, or waiting for a model's requests, may take."""


async def load(desk: Desk, name: str, button: ui.button) -> bool:
    """Load a model; what the engine says where it cannot be is shown. Whether it is loaded."""
    async with busy(button):
        info = await desk.router.ask("POST", at("engines", name, "load"), EngineInfo, {}, seconds=LONG)
        say(_("{name} is ready: {memory} in memory", name=name, memory=numbers.size(info.memory)))
        return True
    return False


async def unload(desk: Desk, engine: EngineInfo, button: ui.button) -> None:
    """Unload a model; where it works, when its requests are done or at once, as the reader chooses."""
    now = False
    if engine.busy or engine.waiting:
        wish = await _when(engine)
        if wish is None:
            return
        now = wish == "now"
    async with busy(button):
        path = at("engines", engine.name, "unload")
        done = await desk.router.ask("POST", path, Unloaded, {"now": now}, seconds=LONG)
        if done.unloaded:
            say(_("{name} is unloaded", name=engine.name))


async def _when(engine: EngineInfo) -> Literal["done", "now"] | None:
    with ui.dialog() as dialog, ui.card().classes("lb-dialog").props('role="alertdialog"'):
        ui.label(_("Unload {name}?", name=engine.name)).classes("lb-title").props('role="heading" aria-level="2"')
        count = engine.busy + engine.waiting
        ui.label(n_("{n} request is under way.", "{n} requests are under way.", count)).classes("lb-wrap")
        with ui.element("div").classes("lb-dialog-buttons"):
            ui.button(_("Cancel"), on_click=lambda: dialog.submit(None)).props("flat no-caps autofocus")
            ui.button(_("Break them off"), on_click=lambda: dialog.submit("now"), color="negative").props(
                "outline no-caps"
            )
            ui.button(_("When they are done"), on_click=lambda: dialog.submit("done")).props("unelevated no-caps")
    wish = await answer_of(dialog)
    return wish if wish in ("done", "now") else None


async def pin(desk: Desk, name: str, pinned: bool, button: ui.button) -> None:
    """Let a model stay in memory, or go again."""
    async with busy(button):
        await desk.router.ask("PUT" if pinned else "DELETE", at("engines", name, "pin"), EngineInfo, {})


async def delete(desk: Desk, row: Row, button: ui.button) -> bool:
    """Delete a model, if the reader means it. Whether it is gone."""
    if row.in_place:
        what = _("landbridge forgets it. The file stays where it is: {path}", path=row.source)
    elif row.kind == "begun":
        what = _("{size} have come of it, and are deleted.", size=numbers.size(row.come))
    else:
        what = _("Its file is deleted from this machine: {size}.", size=numbers.size(row.size))
    if row.state:
        what = f"{what} {_('It is loaded, and is unloaded first, when its requests are done.')}"
    do = _("Forget") if row.in_place else _("Delete")
    if not await sure(_("Delete {name}?", name=row.name), what, do):
        return False
    async with busy(button):
        path = f"{at('library', row.name)}?unload=true"
        gone = await desk.router.ask("DELETE", path, Removed, {}, seconds=LONG)
        if gone.stays:
            say(_("{name} is forgotten; its file stays", name=row.name))
        else:
            say(_("{name} is deleted; {size} are free again", name=row.name, size=numbers.size(gone.freed)))
        return True
    return False
