"""Cloud Integration: the providers there are, how they stand, and others to add."""

from __future__ import annotations

from nicegui import ui

from ...server.admin_providers import PRESETS, PROVIDERS, Presets, Providers
from ...server.provider_news import Provided
from ..desk import Desk
from ..parts.cards import grid
from ..parts.faults import busy, empty
from ..words import _, n_
from .cloud_add import add_provider
from .cloud_card import ProviderCard, page_of
from .cloud_one import build_one


async def build(desk: Desk, id: str) -> None:
    """Build the page: of all, or below it of one."""
    ui.add_head_html('<link rel="stylesheet" href="/static/cloud.css">')

    async def presets() -> Presets:
        return await desk.router.get(PRESETS, Presets)

    if id:
        await build_one(desk, id, presets)
        return
    page = _Page(desk, await desk.router.get(PROVIDERS, Providers))
    desk.live.follow("providers", Providers, page.show)


class _Page:
    """All of them."""

    def __init__(self, desk: Desk, first: Providers) -> None:
        self._desk = desk
        self._cards: dict[str, ProviderCard] = {}
        with ui.element("div").classes("cl-top"):
            self._count = ui.label().classes("lb-muted lb-grow")
            self._add = ui.button(_("Add a provider"), icon="add", on_click=self._ask).props("unelevated no-caps")
        with empty(
            "cloud_queue",
            _("No providers yet"),
            _("Add one to use its models beside those of this machine: OpenAI, Anthropic, Google, OpenRouter and many "
              "more, servers like Ollama and vLLM, or any address that speaks one of their APIs."),
        ) as self._empty:  # fmt: skip
            self._first = ui.button(_("Add your first provider"), icon="add", on_click=self._ask)
            self._first.props("unelevated no-caps")
        self._grid = grid(330).classes("cl-grid")
        self.show(first)

    def show(self, now: Providers) -> None:
        """Those there are now."""
        rows = {row.name: row for row in now.providers}
        for name in self._cards.keys() - rows.keys():
            self._cards.pop(name).place.delete()
        for name, row in rows.items():
            if name in self._cards:
                self._cards[name].show(row)
            else:
                with self._grid:
                    self._cards[name] = ProviderCard(self._desk, row, self._presets)
        self._empty.set_visibility(not rows)
        self._add.set_visibility(bool(rows))
        self._count.set_text(_words(now.providers))

    async def _presets(self) -> Presets:
        return await self._desk.router.get(PRESETS, Presets)

    async def _ask(self) -> None:
        async with busy(self._add, self._first):
            presets = await self._presets()
        name = await add_provider(self._desk, presets, list(self._cards))
        if name:
            ui.navigate.to(page_of(name))


def _words(rows: list[Provided]) -> str:
    if not rows:
        return ""
    used = [row for row in rows if row.enabled]
    said = n_("{n} provider", "{n} providers", len(rows))
    off = len(rows) - len(used)
    return f"{said}, {_('{n} turned off', n=off)}" if off else said
