"""The list of exchanges: live, filtered, older ones as they are scrolled to."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import msgspec
from nicegui import background_tasks, context, ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from ...server.onlookers import ENDED, RUNNING
from ...store.report import Exchange, Exchanges, Usage
from ..desk import Desk
from ..parts.cards import card
from ..parts.faults import empty, fault_card
from ..router import RouterFault
from ..words import _, n_
from .requests_bodies import bodies_strip
from .requests_filter import Filters, Wanted, names_of, read_query
from .requests_rows import COLUMNS, headings, line_of
from .requests_running import running_card

REQUESTS = "/api/v1/requests"
USAGE = "/api/v1/usage"
FIRST, PAGE = 100, 500
"""Rows that are there at once, and that come while the list is scrolled."""
AGAIN = 500
"""Rows that are looked at after a line that broke."""
HELD = 5000
"""Rows that wait while the list is stopped."""
NAMES_SINCE = "30d"
"""How far back the names go that filters offer."""


async def build_list(desk: Desk) -> None:
    """Build the page."""
    running_card(desk)
    page = _List(desk, read_query(context.client.sub_pages_router.current_path))
    page.build()
    with page.bodies:
        await bodies_strip(desk)
    await page.load()
    background_tasks.create(page.find_names(), context=page.place)


class _List:
    def __init__(self, desk: Desk, wanted: Wanted) -> None:
        self._desk, self._wanted = desk, wanted
        self._names: dict[str, list[str]] = {}
        self._paused = False
        self._held: deque[Exchange] = deque(maxlen=HELD)
        self._meanwhile: list[Exchange] | None = None  # what comes while the list is loaded
        self._asked = 0  # which answer is the newest question's
        self._line = desk.live.lines
        self._any = False

    def build(self) -> None:
        """What is to be seen, without rows."""
        with card() as self.place:
            self.place.classes("rq-list")
            self._tools()
            self._filters.fields()
            with ui.element("div").classes("rq-place"):
                self._table = ExchangeTable(self._more)
                self._none = ui.element("div").classes("rq-none")
            with ui.element("div").classes("rq-foot"):
                self.bodies = ui.element("div").classes("rq-keeping")
                self._foot = ui.label().classes("lb-muted lb-small").props('role="status"')
            self._desk.live.follow(ENDED, list[Exchange], self._came)
            self._desk.live.follow(RUNNING, dict[str, Any], self._look_at_line)
            self._desk.live.follow("lost", dict[str, int], lambda lost: self._catch_up())

    def _tools(self) -> None:
        with ui.element("div").classes("rq-tools"):
            ui.label(_("Exchanges")).classes("lb-title").props('role="heading" aria-level="2"')
            with ui.element("div").classes("rq-live") as self._state:
                ui.element("span").classes("rq-live-dot").props('aria-hidden="true"')
                self._words = ui.label(_("Live")).props('role="status"')
            ui.space()
            self._filters = Filters(self._wanted, self._filter)
            self._pause = ui.button(_("Pause"), icon="pause", on_click=self._stop_or_go).props("outline dense no-caps")
            self._pause.props('padding="4px 12px"')

    # -- what is wanted ------------------------------------------------------------------------------------------------

    async def _filter(self, wanted: Wanted) -> None:
        if wanted == self._wanted:
            return
        self._wanted = wanted
        query = wanted.query()
        ui.navigate.history.replace(f"/requests?{query}" if query else "/requests")
        await self.load()

    async def find_names(self) -> None:
        """Offer the names there are."""
        try:
            by = "model,provider,client,key"
            found = await self._desk.router.get(USAGE, Usage, by=by, since=NAMES_SINCE)
        except RouterFault:
            return  # filters do without
        groups: list[Mapping[str, str]] = [row.group for row in found.rows]
        self._names = names_of(groups)
        self._filters.offer(self._names)

    @property
    def _known(self) -> set[str]:
        return {name for names in self._names.values() for name in names}

    # -- what there was ------------------------------------------------------------------------------------------------

    async def _ask(self, limit: int, before: str = "") -> Exchanges:
        query = {**self._wanted.asked(self._known), "limit": str(limit), "before": before}
        return await self._desk.router.ask("GET", REQUESTS, Exchanges, query=query)

    async def load(self) -> None:
        """Show the newest ones."""
        self._asked += 1
        turn = self._asked
        self._held.clear()
        self._meanwhile = []
        try:
            page = await self._ask(FIRST)
        except RouterFault as fault:
            if turn == self._asked:
                self._meanwhile = None
                self._table.reset([], more=False)
                self._say_nothing(fault)
            return
        if turn == self._asked:
            newer, self._meanwhile = self._meanwhile, None
            self._any = bool(page.exchanges or newer)
            self._table.reset(page.exchanges, more=bool(page.more))
            self._table.merge(newer)
            self._say_nothing()

    async def _more(self, before: str) -> None:
        turn = self._asked
        self._foot.set_text(_("Loading older ones"))
        try:
            page = await self._ask(PAGE, before)
        except RouterFault as fault:
            self._foot.set_text(fault.message)
            self._table.failed()
            return
        if turn == self._asked:
            self._table.append(page.exchanges, more=bool(page.more))
            self._foot.set_text("" if page.more else _("That is the first exchange there is."))

    def _say_nothing(self, fault: RouterFault | None = None) -> None:
        self._none.clear()
        self._foot.set_text("")
        if fault is None and self._any:
            return
        with self._none:
            if fault is not None:
                fault_card(fault.message, retry=self.load)
            elif self._wanted.narrow:
                with empty("filter_alt_off", _("No exchange is like that")):
                    ui.button(_("Show all"), on_click=self._filters.clear).props("flat no-caps")
            else:
                with empty(
                    "receipt_long", _("No requests yet"),
                    _("What clients ask landbridge appears here as it happens."),
                ):  # fmt: skip
                    ui.button(_("Connect a client"), on_click=lambda: ui.navigate.to("/connect")).props("flat no-caps")

    # -- what comes ----------------------------------------------------------------------------------------------------

    def _came(self, batch: list[Exchange]) -> None:
        fitting = [each for each in batch if self._wanted.fits(each, self._known)]
        if not fitting:
            return
        if self._paused:
            self._held.extend(fitting)
            self._words.set_text(n_("Paused, {n} new", "Paused, {n} new", len(self._held)))
            return
        self._take(fitting)

    def _take(self, exchanges: list[Exchange]) -> None:
        if self._meanwhile is not None:
            self._meanwhile += exchanges
            return
        if exchanges and not self._any:
            self._any = True
            self._say_nothing()
        self._table.merge(exchanges)

    def _stop_or_go(self) -> None:
        self._paused = not self._paused
        self._state.classes(add="rq-paused" if self._paused else "", remove="" if self._paused else "rq-paused")
        self._words.set_text(_("Paused") if self._paused else _("Live"))
        self._pause.set_text(_("Go on") if self._paused else _("Pause"))
        self._pause.set_icon("play_arrow" if self._paused else "pause")
        if not self._paused:
            self._take(list(self._held))
            self._held.clear()

    async def _look_at_line(self, state: dict[str, Any]) -> None:
        """After a line that broke and is there again, look for what was missed."""
        if self._line != self._desk.live.lines:
            missed, self._line = self._line > 0, self._desk.live.lines
            if missed:
                await self._catch_up()

    async def _catch_up(self) -> None:
        turn = self._asked
        try:
            page = await self._ask(AGAIN)
        except RouterFault:
            return  # the line will break again, and be there again
        if turn == self._asked:
            self._came(page.exchanges)


# -- the rows ----------------------------------------------------------------------------------------------------------


class ExchangeTable(Element, component="../static/requests_table.js"):
    """`more` is called with the id of the last row when older ones are wanted."""

    def __init__(self, more: Callable[[str], Awaitable[None]]) -> None:
        super().__init__()
        self.props["label"] = _("Exchanges, the newest first")
        self.props["fresh-words"] = _("{n} new")
        self.props["columns"] = headings()
        self.props["keys"] = list(COLUMNS)

        async def asked(event: GenericEventArguments) -> None:
            await more(str(event.args))

        self.on("more", asked)

    def reset(self, exchanges: Iterable[Exchange], *, more: bool) -> None:
        """Show these instead of all."""
        self.run_method("reset", _lines(exchanges), more)

    def append(self, exchanges: Iterable[Exchange], *, more: bool) -> None:
        """Show older ones, too."""
        self.run_method("append", _lines(exchanges), more)

    def merge(self, exchanges: Iterable[Exchange]) -> None:
        """Show newer ones, too; those that are there already stay."""
        self.run_method("merge", _lines(exchanges))

    def failed(self) -> None:
        """The older ones could not be had; they may be wanted again."""
        self.run_method("failed")


def _lines(exchanges: Iterable[Exchange]) -> Any:
    return msgspec.to_builtins([line_of(each) for each in exchanges])
