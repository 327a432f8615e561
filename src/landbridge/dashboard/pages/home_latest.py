"""The latest requests, and those that are being answered, as they come."""

from __future__ import annotations

from nicegui import ui

from ...gateway.underway import Standing
from ...server.onlookers import RUNNING, Running
from ...store.report import Exchange
from ..desk import Desk
from ..parts.cards import Badge, card
from ..parts.faults import empty
from ..parts.numbers import clock, count, seconds
from ..words import _
from .requests_rows import cost_of, model_of, prompt_of, state_of
from .requests_running import phase_of

MOST = 8
"""Requests that are shown."""
UNDER_WAY = 5
"""Of them, at most, those that are being answered."""


def when(moment: float) -> str:
    """The time of day; with the day where it is not today."""
    return clock(moment).partition("-")[2] or clock(moment)


def tokens_of(exchange: Exchange) -> str:
    """Prompt and answer in tokens."""
    prompt = prompt_of(exchange)
    if prompt is None and exchange.output is None:
        return ""
    about = "~" if exchange.estimated else ""
    return f"{about}{count(prompt or 0)} → {about}{count(exchange.output or 0)}"


class Latest:
    """The card."""

    def __init__(self, desk: Desk) -> None:
        self._ended: dict[str, ui.element] = {}
        self._running: dict[str, _UnderWay] = {}
        with card():
            with ui.element("div").classes("lbh-head"):
                ui.label(_("Latest requests")).classes("lb-title").props('role="heading" aria-level="2"')
                ui.link(_("All requests"), "/requests")
            with ui.element("div") as self._nothing:
                empty("receipt_long", _("Nothing yet"), _("Requests appear here while they are answered."))
            self._now = ui.element("div").classes("lbh-latest")
            self._place = ui.element("div").classes("lbh-latest")
        desk.live.follow(RUNNING, Running, self.running)

    def show(self, exchanges: list[Exchange]) -> None:
        """These have ended, the newest first."""
        self.add(list(reversed(exchanges[:MOST])))

    def add(self, exchanges: list[Exchange]) -> None:
        """These have ended, in this order."""
        for exchange in exchanges[-MOST:]:
            if exchange.id not in self._ended:
                with self._place:
                    self._ended[exchange.id] = row = _row(exchange)
                row.move(target_index=0)
        while len(self._ended) > MOST:
            self._ended.pop(next(iter(self._ended))).delete()
        self._settle()

    def running(self, state: Running) -> None:
        """These are being answered."""
        wanted = {each.id: each for each in state.running[-UNDER_WAY:]}
        for id in [id for id in self._running if id not in wanted]:
            self._running.pop(id).element.delete()
        for id, standing in wanted.items():
            if id not in self._running:
                with self._now:
                    self._running[id] = _UnderWay(standing)
            self._running[id].show(standing)
        self._settle()

    def _settle(self) -> None:
        self._nothing.set_visibility(not self._ended and not self._running)


def _row(exchange: Exchange) -> ui.element:
    with ui.link(target=f"/requests/{exchange.id}").classes("lbh-exchange") as row:
        ui.label(when(exchange.at)).classes("lb-muted lbh-time")
        ui.label(model_of(exchange)).classes("lbc-ellipsis lbh-model")
        ui.label(exchange.client or "-").classes("lb-muted lbc-ellipsis")
        Badge(*state_of(exchange))
        ui.label(seconds(exchange.seconds)).classes("lb-number")
        ui.label(tokens_of(exchange)).classes("lb-number lbh-tokens")
        ui.label(cost_of(exchange)).classes("lb-number")
    return row


class _UnderWay:
    def __init__(self, standing: Standing) -> None:
        with ui.element("div").classes("lbh-exchange lbh-running") as self.element:
            ui.element("span").classes("lbh-pulse").props('aria-hidden="true"')
            self._model = ui.label().classes("lbc-ellipsis lbh-model")
            ui.label(standing.client or "-").classes("lb-muted lbc-ellipsis")
            self._phase = ui.label().classes("lbh-phase lbc-ellipsis")

    def show(self, standing: Standing) -> None:
        """How far it is."""
        self._model.set_text(standing.target or standing.model)
        self._phase.set_text(phase_of(standing))
