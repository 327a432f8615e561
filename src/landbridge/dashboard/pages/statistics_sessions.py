"""Conversations as a tree: each with the subagents that worked for it, and what they used."""

from __future__ import annotations

from nicegui import ui

from ...store.report import Amounts
from ...store.series import Helper, Session, Sessions
from ..desk import Desk
from ..parts.cards import card
from ..parts.faults import empty
from ..parts.numbers import clock, count
from ..words import _, n_
from .statistics_cards import export, titled
from .statistics_words import UNSAID, cost_words, csv_of

PATH = "/api/v1/statistics/sessions"


class Tree:
    """The card. `load` shows the conversations of a time."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._found = Sessions(sessions=[])
        self._open: set[str] = set()
        self._said: Sessions | None = None
        with card():
            with titled(_("Conversations"), _("The latest, each with its subagents.")):
                export("conversations", lambda: csv_of_sessions(self._found))
            self._place = ui.element("div").classes("lbs-tree")
            self._more = ui.label().classes("lb-muted lb-small")

    async def load(self, query: dict[str, str]) -> None:
        """Show those of a time. Raises `RouterFault`."""
        found = await self._desk.router.ask("GET", PATH, Sessions, query={**query, "limit": "15"})
        self._found = found
        if found == self._said:
            return
        self._said = found
        self._place.clear()
        with self._place:
            if not found.sessions:
                empty("forum", _("No conversations in this time"))
            else:
                _head()
            for session in found.sessions:
                self._show(session)
        more = n_("and {n} older one", "and {n} older ones", found.more) if found.more else ""
        self._more.set_text(more)

    def _show(self, session: Session) -> None:
        helpers = [each for each in session.agents if each.agent]
        name = session.session or _(UNSAID["session"])
        with ui.element("div").classes("lbs-tree-row"):
            if helpers:
                button = ui.button(icon="chevron_right").props("flat round dense size=sm")
            else:
                ui.element("span")
            with ui.element("div").classes("lbs-tree-name"):
                ui.label(name).classes("lb-mono" if session.session else "")
                with ui.element("div").classes("lb-muted lb-small"):
                    words = [session.client, ", ".join(session.models)]
                    if helpers:
                        words.append(n_("{n} subagent", "{n} subagents", len(helpers)))
                    ui.label(" · ".join(word for word in words if word))
            _amounts(session)
        if helpers:
            self._fold(session, name, button, ui.element("div"))

    def _fold(self, session: Session, name: str, button: ui.button, place: ui.element) -> None:
        """Show the agents when they are asked for."""
        key = session.session

        def show() -> None:
            is_open = key in self._open
            place.set_visibility(is_open)
            if is_open and not place.default_slot.children:
                with place:
                    for each in session.agents:
                        _agent(each)
            button.set_icon("expand_more" if is_open else "chevron_right")
            button.props(f'aria-expanded="{str(is_open).lower()}"')

        def turn() -> None:
            self._open ^= {key}
            show()

        button.props["aria-label"] = _("Subagents of {name}", name=name)
        button.on_click(turn)
        show()


def _head() -> None:
    with ui.element("div").classes("lbs-tree-row lbs-tree-head").props('aria-hidden="true"'):
        ui.element("span")
        ui.label(_("Conversation"))
        with ui.element("div").classes("lbs-tree-values"):
            for title in (_("Requests"), _("Tokens"), _("Cost"), _("Last")):
                ui.label(title)


def _agent(each: Helper) -> None:
    with ui.element("div").classes("lbs-tree-row lbs-tree-agent"):
        ui.element("span")
        with ui.element("div").classes("lbs-tree-name"):
            ui.label(each.agent or _("the conversation itself"))
            ui.label(", ".join(each.models)).classes("lb-muted lb-small")
        _amounts(each)


def _amounts(amounts: Amounts) -> None:
    last = clock(amounts.last_at) if amounts.last_at is not None else "-"
    values = (
        (_("Requests"), count(amounts.requests)),
        (_("Tokens"), count(amounts.tokens)),
        (_("Cost"), cost_words(amounts)),
        (_("Last"), last),
    )
    with ui.element("div").classes("lbs-tree-values"):
        for title, value in values:
            with ui.element("div"):
                ui.label(title).classes("lbs-tree-title")
                ui.label(value)


def csv_of_sessions(found: Sessions) -> str:
    """A row for each agent of each conversation."""
    sums = ("requests", "errors", "input", "cache_read", "cache_write", "output")
    rows: list[list[object]] = [
        ["session", "client", "agent", "models", *sums, "cost_dollars", "cost_unknown", "first_unix", "last_unix"]
    ]
    for session in found.sessions:
        for each in session.agents:
            cost = None if each.unknown and not each.cost else each.cost / 1e6
            values = [getattr(each, name) for name in sums]
            models = " ".join(each.models)
            ends = [each.first_at, each.last_at]
            rows.append([session.session, session.client, each.agent, models, *values, cost, each.unknown, *ends])
    return csv_of(rows)
