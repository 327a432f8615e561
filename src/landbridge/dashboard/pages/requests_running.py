"""What is under way, above the list."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from msgspec import Struct
from nicegui.element import Element

from ...gateway.underway import Standing
from ...server.onlookers import RUNNING, Running
from ..desk import Desk
from ..parts.cards import card
from ..parts.numbers import count, seconds
from ..words import _, n_
from .requests_rows import LOCAL


class UnderRow(Struct):
    """One of them as `requests_running.js` draws it."""

    id: str
    model: str
    client: str
    phase: str
    says: str
    percent: int | None
    age: float


class _Rows(Element, component="../static/requests_running.js"):
    pass


def running_card(desk: Desk) -> None:
    """A card that shows it, of the same height whatever there is."""
    with card() as place:
        words = _heading()
        rows = _Rows()
        rows.props["label"] = _("Exchanges under way")
        rows.props["idle-words"] = _("Nothing is under way. Requests appear here while they are answered.")
    place.classes("rq-under-card")

    def show(state: Running) -> None:
        words.set_text(n_("{n} exchange", "{n} exchanges", state.total) if state.total else _("None"))
        now = time.time()
        rows.run_method("show", [_plain(row_of(each, now)) for each in state.running])

    desk.live.follow(RUNNING, Running, show)


def _heading() -> Any:
    from nicegui import ui

    with ui.element("div").classes("lb-row"):
        ui.label(_("Under way")).classes("lb-title").props('role="heading" aria-level="2"')
        return ui.label().classes("lb-muted")


def _plain(row: UnderRow) -> Any:
    return msgspec.to_builtins(row)


def row_of(standing: Standing, now: float) -> UnderRow:
    """How it stands, in words."""
    asked, target = standing.model, standing.target
    return UnderRow(
        id=standing.id,
        model=target if target and asked in (target, target.rpartition("/")[2]) else f"{asked} → {target or '…'}",
        client=standing.client or "-",
        phase=standing.phase,
        says=phase_of(standing),
        percent=standing.percent if standing.phase == "prefill" else None,
        age=max(0.0, now - standing.since),
    )


def phase_of(standing: Standing) -> str:
    """What it is doing."""
    match standing.phase:
        case "streaming" if standing.tokens is None:
            return _("Answering")
        case "streaming":
            return _("Answering, about {n} tokens", n=count(standing.tokens or 0))
        case "prefill" if standing.percent is None:
            return _("Reading the prompt")
        case "prefill" if standing.left is None:
            return _("Reading the prompt, {n} %", n=standing.percent)
        case "prefill":
            return _("Reading the prompt, {n} %, {time} left", n=standing.percent, time=seconds(standing.left or 0.0))
        case "waiting":
            return _("Waiting for {provider}", provider=standing.provider)
    return _("Waiting for the engine") if standing.provider == LOCAL else _("Being routed")
