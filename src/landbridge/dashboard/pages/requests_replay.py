"""The same asked again, of the same model or another, with both answers compared."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import ui

from ...gateway.underway import Standing
from ...manage.replay import CLIENT, Answered, Replayed
from ...server.onlookers import RUNNING, Running
from ...store.report import Exchange
from ..desk import Desk
from ..parts.cards import Badge, card
from ..parts.faults import fault_card
from ..parts.numbers import count, seconds
from ..router import RouterFault, at
from ..words import _
from .requests_compare import Piece, compared
from .requests_rows import cost_of, model_of, prompt_of, state_of
from .requests_running import phase_of

SECONDS = 1800.0
"""A local model may read for long."""


async def replay_card(desk: Desk, exchange: Exchange) -> None:
    """A card with the question of which model, and what came of it."""
    replay = _Replay(desk, exchange)
    replay.build()
    await replay.find_models()


class _Replay:
    def __init__(self, desk: Desk, exchange: Exchange) -> None:
        self._desk, self._exchange = desk, exchange
        self._task: asyncio.Task[Replayed] | None = None

    def build(self) -> None:
        """What is to be seen."""
        hint = _("The same request goes to a model once more, as a request of its own that counts and costs like any.")
        with card(_("Replay"), hint):
            with ui.element("div").classes("lb-row"):
                self._model = ui.select(
                    [self._exchange.model], label=_("Model"), value=self._exchange.model, with_input=True,
                    new_value_mode="add-unique",
                ).props("outlined dense").classes("lb-grow").style("max-width: 420px")  # fmt: skip
                self._go = ui.button(_("Ask again"), icon="replay", on_click=self._ask).props("unelevated no-caps")
                self._stop = ui.button(_("Stop"), icon="stop", on_click=self._end).props("outline no-caps")
                self._says = ui.label().classes("lb-muted").props('role="status"')
            self._stop.set_visibility(False)
            self._place = ui.element("div").style("display: contents")
            self._desk.live.follow(RUNNING, Running, self._look)

    async def find_models(self) -> None:
        """Offer the models there are."""
        try:
            found = await self._desk.router.get("/v1/models", dict[str, Any])
        except RouterFault:
            return  # its name can be written
        names = [str(each.get("id", "")) for each in found.get("data", [])]
        self._model.set_options(list(dict.fromkeys([self._exchange.model, *names])), value=self._model.value)

    async def _ask(self) -> None:
        model = str(self._model.value or "")
        said = "" if model == self._exchange.model else model
        self._place.clear()
        self._busy(True)
        path = at("requests", self._exchange.id, "replay")
        asking = self._desk.router.ask("POST", path, Replayed, {"model": said}, seconds=SECONDS)
        self._task = asyncio.ensure_future(asking)
        try:
            both = await self._task
            pieces = await asyncio.to_thread(compared, both.before.text, both.again.text)
        except RouterFault as fault:
            with self._place:
                fault_card(fault.message)
        except asyncio.CancelledError:
            if not self._task.cancelled():
                raise
        else:
            with self._place:
                show_both(both, *pieces)
        finally:
            self._busy(False)

    def _end(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _busy(self, busy: bool) -> None:
        self._go.props(add="loading disable") if busy else self._go.props(remove="loading disable")
        self._stop.set_visibility(busy)
        self._says.set_text(_("Asking") if busy else "")

    def _look(self, state: Running) -> None:
        """How far it is."""
        if self._task is None or self._task.done():
            return
        if (mine := newest_replay(state)) is not None:
            self._says.set_text(phase_of(mine))


def newest_replay(state: Running) -> Standing | None:
    """The one that began last."""
    return max((each for each in state.running if each.client == CLIENT), key=lambda each: each.since, default=None)


def show_both(both: Replayed, before: list[Piece], again: list[Piece]) -> None:
    """Both answers beside each other."""
    failed = both.before.error or both.again.error
    with ui.element("div").classes("lb-row"):
        if failed:
            Badge(_("One of them failed"), "bad")
        elif both.same:
            Badge(_("Both say the same"), "good")
        else:
            Badge(_("They say different things"), "warn")
    with ui.element("div").classes("lb-table"), ui.element("table"):
        with ui.element("thead"), ui.element("tr"):
            for name in ("", _("Then"), _("Now")):
                with ui.element("th"):
                    ui.label(name)
        with ui.element("tbody"):
            for name, *values in facts_of(both):
                with ui.element("tr"):
                    for text in (name, *values):
                        with ui.element("td"):
                            ui.label(text)
    with ui.element("div").classes("rq-panes"):
        _answer(_("Then"), both.before, before, "rq-gone")
        _answer(_("Now"), both.again, again, "rq-new")


def _answer(title: str, answered: Answered, pieces: list[Piece], mark: str) -> None:
    with ui.element("div").classes("rq-pane"):
        with ui.element("div").classes("rq-pane-head"):
            ui.label(title).classes("lb-title lb-grow")
            if answered.exchange.id:
                ui.link(_("Show the exchange"), f"/requests/{answered.exchange.id}")
        with ui.element("div").classes("rq-said").props('tabindex="0"'):
            for text, kind in pieces:
                ui.label(text).classes(mark if kind else "")
            if not answered.text:
                ui.label(answered.error or _("(nothing)"))
        if answered.error and answered.text:
            fault_card(answered.error)


def facts_of(both: Replayed) -> list[tuple[str, str, str]]:
    """What they took."""
    sides = (both.before.exchange, both.again.exchange)
    rows = {
        _("Model"): [model_of(each) for each in sides],
        _("Status"): [state_of(each)[0] for each in sides],
        _("Took"): [seconds(each.seconds) for each in sides],
        _("First word"): ["-" if each.first is None else seconds(each.first) for each in sides],
        _("Prompt"): [_tokens(prompt_of(each)) for each in sides],
        _("Answer"): [_tokens(each.output) for each in sides],
        _("Cost"): [cost_of(each) for each in sides],
    }
    return [(name, left, right) for name, (left, right) in rows.items()]


def _tokens(number: int | None) -> str:
    return "-" if number is None else _("{n} tokens", n=count(number))
