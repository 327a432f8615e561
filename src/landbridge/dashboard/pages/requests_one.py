"""One exchange, with all that is known of it."""

from __future__ import annotations

import asyncio

from nicegui import ui

from ...store.report import Exchange
from ...store.told import Told
from ..desk import Desk
from ..parts.asking import copy_button
from ..parts.cards import Badge, card
from ..parts.faults import busy, fault_card, loading, say
from ..parts.numbers import clock
from ..router import RouterFault, at
from ..words import _
from .requests_bodies import keeping, switch
from .requests_facts import facts_card, route_card, timeline_card
from .requests_replay import replay_card
from .requests_rows import model_of, state_of
from .requests_said import said_cards

TRIES = 8
PAUSE = 0.25
"""Seconds between them: an exchange that has just ended is in the ledger a moment later."""


async def build_one(desk: Desk, id: str) -> None:
    """Build the page."""
    with ui.element("div").classes("lb-row"):
        ui.button(_("All requests"), icon="arrow_back", on_click=lambda: ui.navigate.to("/requests")).props(
            "flat dense no-caps"
        )
    place = loading(8)
    try:
        told = await _find(desk, id)
    except RouterFault as fault:
        place.delete()
        fault_card(fault.message)
        return
    place.delete()
    exchange = told.exchange
    _title(desk, exchange)
    timeline_card(exchange)
    facts_card(exchange)
    route_card(exchange)
    if told.said is None:
        await _not_kept(desk)
    else:
        await said_cards(exchange, told.said)
        await replay_card(desk, exchange)


async def _find(desk: Desk, id: str) -> Told:
    for _try in range(TRIES):
        try:
            return await desk.router.get(at("requests", id), Told)
        except RouterFault as fault:
            if fault.status != 404 or _try == TRIES - 1:
                raise
            await asyncio.sleep(PAUSE)
    raise AssertionError("the last try raises")


def _title(desk: Desk, exchange: Exchange) -> None:
    status, kind = state_of(exchange)
    with card():
        with ui.element("div").classes("rq-title"):
            ui.label(model_of(exchange)).classes("rq-title-model").props('role="heading" aria-level="2"')
            Badge(status, kind)
            ui.space()
            export = ui.button(_("Export"), icon="download").props("outline no-caps")
        with ui.element("div").classes("lb-row lb-muted"):
            ui.label(clock(exchange.at))
            ui.label(exchange.client or _("unknown client"))
            ui.label(exchange.id).classes("lb-mono lb-wrap")
            copy_button(exchange.id, _("Copy the id"))
        if exchange.message:
            if exchange.failed:
                fault_card(exchange.message)
            else:
                ui.label(exchange.message).classes("lb-wrap")

    async def download() -> None:
        async with busy(export):
            async with desk.router.open("GET", at("requests", exchange.id, "export"), seconds=120.0) as answer:
                content = await answer.read()
            ui.download.content(content, f"landbridge-{exchange.id}.json", "application/json")
            say(_("Exported. Read it before you give it away: not every secret can be known by its form."))

    export.on_click(download)
    export.tooltip(_("A test case to give away: without keys, tokens, e-mail addresses and names of home folders"))


async def _not_kept(desk: Desk) -> None:
    now = await keeping(desk)
    with card(_("What was said")):
        if now.on:
            words = _(
                "It is not kept: this exchange was before that was switched on, its days are over, or there was no "
                "room left."
            )
            ui.label(words).classes("lb-wrap")
            return
        ui.label(_("Requests and answers are not kept, only what they took.")).classes("lb-wrap")
        ui.label(now.meaning()).classes("lb-muted lb-wrap")
        with ui.element("div").classes("lb-row"):
            button = ui.button(_("Keep them from now on")).props("unelevated no-caps")

        async def keep() -> None:
            if await switch(desk, now, button):
                button.set_visibility(False)

        button.on_click(keep)
