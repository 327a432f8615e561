"""The conversations, newest first: searched, opened, renamed, deleted. What other tabs do comes by itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import events, ui

from ...server.admin_conversations import Happened, Removed
from ...store.conversation import Conversations, Summary
from ..parts import numbers
from ..parts.asking import answer_of, sure
from ..parts.faults import busy, complain, empty
from ..router import Router, RouterFault, at
from ..words import _

PAGE = 50
PATH = "/api/v1/conversations"


class ConversationList:
    """The list. `open` is called with the id of the one that is chosen, empty for a new one."""

    def __init__(self, router: Router, open: Callable[[str], Awaitable[None]]) -> None:
        self._router, self._open = router, open
        self._items: dict[str, _Item] = {}
        self._here = ""
        self._search = ""
        self._more = ""
        with ui.element("div").classes("lb-chat-list-top"):
            ui.button(_("New chat"), icon="add", on_click=partial(open, "")).props("unelevated no-caps").classes(
                "lb-wide"
            )
            ui.input(_("Search"), on_change=self._searched).props('dense outlined clearable debounce=250 type="search"')
        self._nav = ui.element("nav").props(f'aria-label="{_("Conversations")}"').classes("lb-chat-items")
        self._nothing = empty("forum", _("No conversations yet"))
        self._unfound = empty("search_off", _("None has these words"))
        self._older = ui.button(_("Show older ones"), on_click=self._show_older).props("flat dense no-caps")
        self._older.set_visibility(False)
        self._nothing.set_visibility(False)
        self._unfound.set_visibility(False)

    async def load(self) -> Summary | None:
        """Fetch them; the newest one. Raises `RouterFault`."""
        found = await self._fetch()
        self._nav.clear()
        self._items.clear()
        self._add(found)
        return found.conversations[0] if found.conversations else None

    def mark(self, id: str) -> None:
        """Show which one is open."""
        self._here = id
        for name, item in self._items.items():
            item.mark(name == id)

    def hear(self, happened: Happened) -> None:
        """Something has become of one."""
        item, summary = self._items.get(happened.id), happened.summary
        if summary is None:
            if item is not None:
                self._items.pop(happened.id).delete()
        elif item is not None:
            newer = summary.changed != item.summary.changed
            item.show(summary)
            if newer:
                item.first()
        elif not self._search:
            with self._nav:
                item = self._items[summary.id] = _Item(self, summary)
            item.first()
            item.mark(summary.id == self._here)
        self._count()

    async def _fetch(self, before: str = "") -> Conversations:
        return await self._router.get(PATH, Conversations, search=self._search, limit=str(PAGE), before=before)

    def _add(self, found: Conversations) -> None:
        with self._nav:
            for summary in found.conversations:
                if summary.id not in self._items:
                    self._items[summary.id] = _Item(self, summary)
        self.mark(self._here)
        self._more = found.more
        self._count()

    def _count(self) -> None:
        self._nav.set_visibility(bool(self._items))
        self._nothing.set_visibility(not self._items and not self._search)
        self._unfound.set_visibility(not self._items and bool(self._search))
        self._older.set_visibility(bool(self._more))

    async def _show_older(self) -> None:
        async with busy(self._older):
            self._add(await self._fetch(self._more))

    async def _searched(self, event: events.ValueChangeEventArguments[str | None]) -> None:
        self._search = str(event.value or "").strip()
        asked = self._search
        try:
            found = await self._fetch()
        except RouterFault as fault:
            complain(fault.message)
            return
        if asked == self._search:  # nothing else was typed meanwhile
            self._nav.clear()
            self._items.clear()
            self._add(found)

    async def open(self, id: str) -> None:
        """Open one."""
        await self._open(id)

    async def rename(self, summary: Summary) -> None:
        """Ask for another title, and set it."""
        with ui.dialog().props(f'aria-label="{_("Rename")}"') as dialog, ui.card().classes("lb-dialog"):
            ui.label(_("Rename")).classes("lb-title").props('role="heading" aria-level="2"')
            field = ui.input(_("Title"), value=summary.title).props("outlined dense autofocus")
            field.on("keydown.enter", lambda: dialog.submit(field.value))
            with ui.element("div").classes("lb-dialog-buttons"):
                ui.button(_("Cancel"), on_click=dialog.close).props("flat no-caps")
                ui.button(_("Rename"), on_click=lambda: dialog.submit(field.value)).props("unelevated no-caps")
        title = await answer_of(dialog)
        if title and str(title).strip():
            async with busy():
                await self._router.ask("PATCH", at("conversations", summary.id), Summary, {"title": str(title)})

    async def delete(self, summary: Summary) -> None:
        """Delete one, if that is meant."""
        what = _('"{title}" and all that was said in it will be deleted for ever.', title=summary.title)
        if await sure(_("Delete the conversation?"), what, _("Delete")):
            async with busy():
                await self._router.ask("DELETE", at("conversations", summary.id), Removed)


class _Item:
    """One of them."""

    def __init__(self, list: ConversationList, summary: Summary) -> None:
        self.summary = summary
        with ui.element("div").classes("lb-chat-item") as self._place:
            with ui.link(target=f"/chat/{summary.id}").classes("lb-chat-link") as self._link:
                self._title = ui.label().classes("lb-chat-title")
                self._about = ui.label().classes("lb-muted lb-small lb-chat-about")
            self._link.on("click.stop.prevent", lambda: list.open(self.summary.id))
            self._button = ui.button(icon="more_vert").props("flat round dense size=sm")
            with self._button, ui.menu().props('role="menu"'):
                ui.menu_item(_("Rename"), lambda: list.rename(self.summary)).props('role="menuitem"')
                ui.menu_item(_("Delete"), lambda: list.delete(self.summary)).props('role="menuitem"')
        self.show(summary)

    def show(self, summary: Summary) -> None:
        """Show it as it is now."""
        self.summary = summary
        self._title.set_text(summary.title)
        self._about.set_text(f"{numbers.clock(summary.changed)} · {summary.model}")
        self._button.props["aria-label"] = _("What to do with {title}", title=summary.title)

    def mark(self, here: bool) -> None:
        """Whether it is the one that is open."""
        self._place.classes(add="lb-here" if here else "", remove="" if here else "lb-here")
        if here:
            self._link.props('aria-current="page"')
        else:
            self._link.props(remove="aria-current")

    def first(self) -> None:
        """Stand at the top."""
        self._place.move(target_index=0)

    def delete(self) -> None:
        """It is gone."""
        self._place.delete()
