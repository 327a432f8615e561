"""Requests: the exchanges there were and are, live; one of them with all that is known of it."""

from __future__ import annotations

from nicegui import ui

from ..desk import Desk


async def build(desk: Desk, id: str) -> None:
    """Build the list, or the page of one exchange."""
    ui.add_head_html('<link rel="stylesheet" href="/static/requests.css">')
    if id:
        from .requests_one import build_one

        await build_one(desk, id)
    else:
        from .requests_list import build_list

        await build_list(desk)
