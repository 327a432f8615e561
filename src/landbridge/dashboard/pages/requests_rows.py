"""An exchange as a row of the list, and its states in words."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from ...store.report import Exchange
from ..parts.cards import Kind
from ..parts.numbers import clock, count, money, seconds
from ..words import _, n_

LOCAL = "local"


class Line(Struct):
    """What the list is sent of an exchange; `requests_table.js` draws it."""

    id: str
    at: float
    kind: Kind
    cells: list[str]
    """In the order of `COLUMNS`."""
    says: str
    """All of it, for who listens to the page instead of looking at it."""


COLUMNS = ("time", "client", "model", "status", "took", "first", "input", "cached", "output", "cost", "notes")


def headings() -> list[str]:
    """Of the columns."""
    return [
        _("Time"), _("Client"), _("Model"), _("Status"), _("Took"), _("First word"), _("Prompt"), _("Cached"),
        _("Answer"), _("Cost"), _("Notes"),
    ]  # fmt: skip


def line_of(exchange: Exchange) -> Line:
    """The row of an exchange."""
    about = "~" if exchange.estimated else ""
    prompt = prompt_of(exchange)
    status, kind = state_of(exchange)
    cells = [
        clock(exchange.at),
        exchange.client or "-",
        model_of(exchange),
        status,
        seconds(exchange.seconds),
        seconds(exchange.first) if exchange.first is not None else "",
        f"{about}{count(prompt)}" if prompt is not None else "",
        count(exchange.cache_read) if exchange.cache_read else "",
        f"{about}{count(exchange.output)}" if exchange.output is not None else "",
        cost_of(exchange),
        ", ".join(notes_of(exchange)),
    ]
    said = ", ".join(cell for cell in (model_of(exchange), status, exchange.client, cells[0]) if cell)
    return Line(exchange.id, exchange.at, kind, cells, said)


def state_of(exchange: Exchange) -> tuple[str, Kind]:
    """How it went, in a word or two."""
    if exchange.outcome == "ok":
        return str(exchange.status or 200), "good"
    if exchange.outcome == "cancelled":
        return _("cancelled"), "calm"
    kind = exchange.outcome.replace("_", " ")
    return f"{exchange.status} {kind}" if exchange.status else kind, "bad"


def model_of(exchange: Exchange) -> str:
    """What answered, and behind what was asked for where that is another name."""
    asked, target = exchange.model, exchange.target
    if not target:
        return asked or "-"
    return target if asked in (target, target.rpartition("/")[2]) else f"{asked} → {target}"


def prompt_of(exchange: Exchange) -> int | None:
    """Tokens of the prompt, cached or not; None where nobody said."""
    if exchange.input is None and exchange.cache_read is None:
        return None
    return sum(filter(None, (exchange.input, exchange.cache_read, exchange.cache_write)))


def cost_of(exchange: Exchange) -> str:
    """What it cost; nothing where nobody was asked."""
    if not exchange.cost and exchange.failed:
        return ""
    return _("local") if exchange.provider == LOCAL and not exchange.cost else money(exchange.cost)


def notes_of(exchange: Exchange) -> Iterator[str]:
    """What is unusual about it."""
    if exchange.attempts > 1:
        yield n_("{n} try", "{n} tries", exchange.attempts)
    if exchange.retries:
        yield n_("engine restarted", "engine restarted {n} times", exchange.retries)
    if exchange.losses:
        yield n_("{n} loss", "{n} losses", len(exchange.losses))
    if exchange.repairs:
        yield n_("{n} repair", "{n} repairs", sum(exchange.repairs.values()))
    if exchange.searches or exchange.fetches:
        yield _("web")
    if exchange.agent:
        yield _("subagent")
    if exchange.message:
        yield exchange.message[:160]
