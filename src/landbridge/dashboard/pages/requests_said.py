"""What was said: the client's side and the model's beside each other, with what conversion changed marked."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from ...store.differences import Change
from ...store.report import Exchange
from ...store.told import ToldBodies, ToldRound
from ..parts.asking import copy_button
from ..parts.cards import card
from ..parts.faults import warning
from ..parts.numbers import size
from ..words import _, n_
from .requests_facts import DIALECTS
from .requests_json import Body, Marks, body_of, marks_of

CUT = 2000
"""Lines of a body that are sent at first."""
TEXT = 200_000
"""Characters of a folded text that are shown at first."""
CHANGES = 40
SHOWN = 120
"""Characters of a value in the list of changes."""
SIGNS = {"moved": ">", "changed": "~", "left out": "-", "added": "+"}


class Code(Element, component="../static/requests_code.js"):
    """A body, of which only the lines in sight are in the page."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self.props["label"] = label
        self.props["fold-words"] = _("all of it")
        self._body = Body([], [])

        async def fold(event: GenericEventArguments) -> None:
            await show_text(self._body.texts[int(event.args)])

        self.on("fold", fold)

    def put(self, body: Body) -> None:
        """Show it, the beginning only where it is long."""
        self._body = body
        self.run_method("put", body.lines[:CUT], 0)

    def put_rest(self) -> None:
        """All of it."""
        self.run_method("put", self._body.lines[CUT:], CUT)

    def jump(self, step: int) -> None:
        """To the next marked line, or the one before."""
        self.run_method("jump", step)


async def show_text(text: str) -> None:
    """A text that is too long for its line."""
    with ui.dialog() as dialog, ui.card().classes("lb-dialog rq-dialog"):
        with ui.element("div").classes("lb-row"):
            ui.label(n_("{n} character", "{n} characters", len(text))).classes("lb-title")
            copy_button(text, _("Copy"))
        place = ui.label(text[:TEXT]).classes("rq-whole").props('tabindex="0"')
        with ui.element("div").classes("lb-dialog-buttons"):
            if len(text) > TEXT:
                ui.button(_("Show all"), on_click=lambda: place.set_text(text)).props("flat no-caps")
            ui.button(_("Close"), on_click=lambda: dialog.submit(None)).props("unelevated no-caps")
    await dialog
    dialog.delete()


async def said_cards(exchange: Exchange, said: ToldBodies) -> None:
    """Cards of the request and the answer."""
    if said.cut:
        warning(_("It was too long to be kept whole: {size} are missing.", size=size(said.cut)))
    asked = _Card(_("Request"), said.changes)
    first = said.rounds[0] if said.rounds else None
    await asked.fill(
        (_("The client sent"), said.dialect, said.request),
        [(_target(exchange, each), each.dialect, each.sent) for each in said.rounds],
        passed=first is not None and first.sent == said.request,
    )
    answered = _Card(_("Answer"), said.answer_changes)
    last = said.rounds[-1] if said.rounds else None
    if said.text or said.error:
        with answered.place:
            ui.label(said.text or said.error).classes("rq-said").props('tabindex="0"')
    await answered.fill(
        (_("The client got"), said.dialect, said.answer),
        [(_answered(exchange, each), each.dialect, each.received) for each in said.rounds],
        passed=last is not None and last.received == said.answer,
        newest=True,
    )


def _target(exchange: Exchange, round: ToldRound) -> str:
    return _("{model} was sent", model=exchange.target or round.url)


def _answered(exchange: Exchange, round: ToldRound) -> str:
    status = _("no answer") if not round.status else str(round.status)
    return _("{model} answered ({status})", model=exchange.target or round.url, status=status)


Side = tuple[str, str, Any]
"""Title, dialect, body."""


class _Card:
    def __init__(self, title: str, changes: list[Change]) -> None:
        self.place = card(title)
        with self.place:
            self._hint = ui.label().classes("lb-muted")
            self._changes(changes)

    def _changes(self, changes: list[Change]) -> None:
        if not changes:
            return
        words = n_("{n} change by conversion", "{n} changes by conversion", len(changes))
        with (
            ui.expansion(words, icon="difference").props("dense").classes("rq-expansion"),
            ui.element("div").classes("rq-changes").props('tabindex="0" role="list"'),
        ):
            for change in changes[:CHANGES]:
                kind = change.kind.replace(" ", "-")
                ui.label(change_text(change)).classes(f"rq-change rq-{kind}").props('role="listitem"')
            if len(changes) > CHANGES:
                ui.label(n_("and {n} more", "and {n} more", len(changes) - CHANGES)).props('role="listitem"')

    async def fill(self, client: Side, rounds: list[Side], *, passed: bool, newest: bool = False) -> None:
        """Both sides. Of several rounds one is shown, the newest or the first."""
        with self.place:
            if passed:
                self._hint.set_text(_("It was passed through, byte for byte."))
                await self._pane(client, {})
                return
            self._hint.set_visibility(False)
            if not rounds:
                self._hint.set_visibility(True)
                self._hint.set_text(_("No model was asked."))
                await self._pane(client, {})
                return
            self._legend()
            chosen = len(rounds) - 1 if newest else 0
            if len(rounds) > 1:
                names = {number: _("Try {n}", n=number + 1) for number in range(len(rounds))}
                ui.toggle(names, value=chosen, on_change=lambda event: show(event.value)).props("no-caps dense")
            panes = ui.element("div").classes("rq-panes")

            async def show(number: int) -> None:
                side = rounds[number]
                marks = await asyncio.to_thread(_marks, client[2], side[2], newest)
                panes.clear()
                with panes:
                    await self._pane(client, marks.before)
                    await self._pane(side, marks.after)

            await show(chosen)

    def _legend(self) -> None:
        with ui.element("div").classes("rq-legend"):
            for kind, words in (
                ("moved", _("> stands elsewhere")),
                ("changed", _("~ another value")),
                ("left-out", _("- only here, left")),
                ("added", _("+ only here, right")),
            ):
                ui.label(words).classes(f"rq-{kind}")

    async def _pane(self, side: Side, marks: Any) -> None:
        title, dialect, value = side
        body = await asyncio.to_thread(body_of, value, marks)
        name = DIALECTS.get(dialect, dialect)
        with ui.element("div").classes("rq-pane"):
            with ui.element("div").classes("rq-pane-head"):
                with ui.element("div").classes("lb-grow"):
                    ui.label(title).classes("lb-title")
                    ui.label(name).classes("lb-muted lb-small")
                if body.marked:
                    for step, icon, words in (
                        (-1, "keyboard_arrow_up", _("The difference before")),
                        (1, "keyboard_arrow_down", _("The next difference")),
                    ):
                        ui.button(icon=icon, on_click=lambda step=step: code.jump(step)).props(
                            f'flat round dense aria-label="{words}"'
                        )
            code = Code(f"{title}, {name}")
            code.put(body)
            if len(body.lines) > CUT:
                words = _("Show all {n} lines", n=f"{len(body.lines):,}")
                rest = ui.button(words).props("flat dense no-caps")
                rest.on_click(lambda: (code.put_rest(), rest.set_visibility(False)))


def _marks(client: Any, other: Any, turned: bool) -> Marks:
    """Where both differ; of answers the client's comes second."""
    if not turned:
        return marks_of(client, other)
    found = marks_of(other, client)
    return Marks(found.after, found.before)


def change_text(change: Change) -> str:
    """One line: what became of a value."""
    many = f"  ({change.count})" if change.count > 1 else ""
    sign = SIGNS[change.kind]
    match change.kind:
        case "moved":
            within = f" ({_('a part of it')})" if change.within else ""
            return f"{sign} {change.before} → {change.after}{within}{many}"
        case "changed":
            return f"{sign} {change.before}: {_value(change.old)} → {_value(change.new)}{many}"
        case "left out":
            return f"{sign} {change.before}: {_value(change.old)}{many}"
        case "added":
            return f"{sign} {change.after}: {_value(change.new)}{many}"


def _value(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
