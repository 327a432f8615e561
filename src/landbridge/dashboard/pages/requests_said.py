"""What was said: the client's side and the model's beside each other, with what conversion changed marked."""

from __future__ import annotations

import asyncio
import json
from typing import Any, NamedTuple

from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from ...store.differences import Change, Kind
from ...store.report import Exchange
from ...store.told import ToldBodies, ToldRound
from ..parts.asking import answer_of, copy_button
from ..parts.cards import card
from ..parts.faults import warning
from ..parts.numbers import size
from ..words import _, n_
from .requests_facts import DIALECTS
from .requests_json import Body, body_of, marks_of

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
        self.props["fold-words"] = _("show all")
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
    title = n_("{n} character", "{n} characters", len(text))
    with ui.dialog() as dialog, ui.card().classes("lb-dialog rq-dialog"):
        with ui.element("div").classes("lb-row"):
            ui.label(title).classes("lb-title")
            copy_button(text, _("Copy"))
        place = ui.label(text[:TEXT]).classes("rq-whole").props('tabindex="0"')
        with ui.element("div").classes("lb-dialog-buttons"):
            if len(text) > TEXT:
                ui.button(_("Show all"), on_click=lambda: place.set_text(text)).props("flat no-caps")
            ui.button(_("Close"), on_click=lambda: dialog.submit(None)).props("unelevated no-caps")
    dialog.props["aria-label"] = title
    await answer_of(dialog)


async def said_cards(exchange: Exchange, said: ToldBodies) -> None:
    """Cards of the request and the answer."""
    if said.cut:
        warning(_("It was too long to be kept whole: {size} are missing.", size=size(said.cut)))
    last = said.rounds[-1] if said.rounds else None
    with card(_("Request")):
        await fill(
            (_("The client sent"), said.dialect, said.request),
            [(_("{model} was sent", model=model_in(each, exchange)), each.dialect, each.sent) for each in said.rounds],
            passed=last is not None and last.sent == said.request,
        )
    with card(_("Answer")):
        if words := said.text or ("" if exchange.message else said.error):
            ui.label(words).classes("rq-said").props('tabindex="0"')
        await fill(
            (_("The client got"), said.dialect, said.answer),
            [(_answered(each, exchange), each.dialect, each.received) for each in said.rounds],
            passed=last is not None and last.received == said.answer,
            changes=said.answer_changes,
        )


def model_in(round: ToldRound, exchange: Exchange) -> str:
    """Who was asked in a round: several targets may have been."""
    named = round.sent.get("model") if isinstance(round.sent, dict) else None
    last = exchange.target.rpartition("/")[2]
    return exchange.target if not named or named == last else str(named)


def _answered(round: ToldRound, exchange: Exchange) -> str:
    status = str(round.status) if round.status else _("no answer")
    return _("{model} answered ({status})", model=model_in(round, exchange), status=status)


Side = tuple[str, str, Any]
"""Title, dialect, body."""


async def fill(client: Side, rounds: list[Side], *, passed: bool, changes: list[Change] | None = None) -> None:
    """Both sides. Of several rounds one is shown, at first the last. `changes`: known ones, of an answer."""
    if passed or not rounds:
        words = _("It was passed through, byte for byte.") if passed else _("No model was asked.")
        ui.label(words).classes("lb-muted")
        await _pane(client, {})
        return
    chosen = len(rounds) - 1
    if chosen:
        names = {number: _("Try {n}", n=number + 1) for number in range(len(rounds))}
        ui.toggle(names, value=chosen, on_change=lambda event: show(event.value)).props("no-caps dense").classes(
            "rq-tries"
        )
    place = ui.element("div").style("display: contents")

    async def show(number: int) -> None:
        side = rounds[number]
        found = await asyncio.to_thread(differing, client[2], side[2], answer=changes is not None)
        place.clear()
        with place:
            _changes(found.changes if changes is None else changes)
            if found.client or found.other:
                _legend()
            with ui.element("div").classes("rq-panes"):
                await _pane(client, found.client)
                await _pane(side, found.other)

    await show(chosen)


class Differing(NamedTuple):
    """Where both sides differ, by path, and how in words."""

    client: dict[str, Kind]
    other: dict[str, Kind]
    changes: list[Change]


def differing(client: Any, other: Any, *, answer: bool) -> Differing:
    """Where both differ; an answer begins at the model. Slow for long ones."""
    if answer:
        other, client = marks_of(other, client)[:2]
        return Differing(client, other, [])
    return Differing(*marks_of(client, other))


def _changes(changes: list[Change]) -> None:
    if not changes:
        return
    words = n_("{n} change on the way", "{n} changes on the way", len(changes))
    with (
        ui.expansion(words, icon="difference").props("dense").classes("rq-expansion"),
        ui.element("div").classes("rq-changes").props('tabindex="0" role="list"'),
    ):
        for change in changes[:CHANGES]:
            kind = change.kind.replace(" ", "-")
            ui.label(change_text(change)).classes(f"rq-change rq-{kind}").props('role="listitem"')
        if len(changes) > CHANGES:
            ui.label(n_("and {n} more", "and {n} more", len(changes) - CHANGES)).props('role="listitem"')


def _legend() -> None:
    with ui.element("div").classes("rq-legend"):
        for kind, words in (
            ("moved", _("> stands elsewhere")),
            ("changed", _("~ another value")),
            ("left-out", _("- only here, left")),
            ("added", _("+ only here, right")),
        ):
            ui.label(words).classes(f"rq-{kind}")


async def _pane(side: Side, marks: dict[str, Kind]) -> None:
    title, dialect, value = side
    body = await asyncio.to_thread(body_of, value, marks)
    name = DIALECTS.get(dialect, dialect)
    code: Code
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

            def show_rest() -> None:
                code.put_rest()
                rest.set_visibility(False)

            rest.on_click(show_rest)


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
