"""Models: what runs, what is here and whether it fits, what can be had; and one model with its engine settings."""

from __future__ import annotations

from nicegui import ui

from ..desk import Desk
from ..words import _
from .models_downloads import DownloadList
from .models_get import GetModels
from .models_library import LibraryTable
from .models_machine import MachineStrip
from .models_one import one_model
from .models_running import Running

GET = "~get"
"""In the place of a model's name: the tab where models are got. No model can be called so."""


async def build(desk: Desk, id: str) -> None:
    """Build the page."""
    ui.add_head_html('<link rel="stylesheet" href="/static/models.css">')
    if id and id != GET:
        await one_model(desk, id)
        return
    MachineStrip(desk)
    with ui.tabs().props("align=left no-caps dense inline-label").classes("lbm-tabs") as tabs:
        ui.tab("here", _("On this machine"), icon="memory")
        ui.tab("get", _("Get models"), icon="download")
    panels = ui.tab_panels(tabs, value="get" if id else "here", animated=False, keep_alive=True)
    with panels.classes("lbm-panels"):
        with ui.tab_panel("here").classes("lbm-panel"):
            Running(desk)
            library = LibraryTable(desk, get=lambda: panels.set_value("get"))
        with ui.tab_panel("get").classes("lbm-panel lbm-get"):
            with ui.element("div").classes("lbm-column"):
                offers = GetModels(desk)
            with ui.element("div").classes("lbm-column lbm-beside"):
                DownloadList(desk)
    await library.load()
    await offers.load()
