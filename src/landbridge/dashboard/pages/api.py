"""API: where programs reach the models, who may, and how every part is."""

from __future__ import annotations

from nicegui import ui

from ...server.admin_listeners import LISTENERS, ListenersTold
from ..desk import Desk
from ..parts.cards import grid
from .api_endpoints import EndpointsCard
from .api_external import ExternalCard
from .api_health import HealthCard
from .api_keys import KeysCard
from .api_listeners import ListenerCard


async def build(desk: Desk, id: str) -> None:
    """Build the page."""
    ui.add_head_html('<link rel="stylesheet" href="/static/api.css">')
    page = _Page(desk, await desk.router.get(LISTENERS, ListenersTold))
    desk.live.follow("listeners", ListenersTold, page.show)


class _Page:
    """All cards of the page, told alike where the router listens."""

    def __init__(self, desk: Desk, first: ListenersTold) -> None:
        self._now = first
        with grid(420):
            self._listeners = {info.name: ListenerCard(desk, info, self.show) for info in first.listeners}
        self._external = ExternalCard(desk, first, self.show, self._make_key)
        self._endpoints = EndpointsCard(desk, first)
        self._keys = KeysCard(desk, self._anthropic)
        HealthCard(desk)

    def show(self, now: ListenersTold) -> None:
        """Where the router listens now."""
        if now == self._now:
            return
        self._now = now
        for info in now.listeners:
            self._listeners[info.name].show(info)
        self._external.show(now)
        self._endpoints.show(now)

    async def _make_key(self) -> bool:
        return await self._keys.make()

    def _anthropic(self) -> str:
        url = next((info.url for info in self._now.listeners if info.name == "router"), "")
        return f"{url}/anthropic" if url else ""
