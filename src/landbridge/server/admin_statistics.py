"""`/api/v1/statistics`: use over time and by whom, how fast answers were, what went wrong, and conversations as trees.

What `/api/v1/usage` adds up, in the form that charts want. Questions are answered in the ledger's thread.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, get_args

from ..errors import BadRequest
from ..store.report import By
from ..store.series import Sessions, Statistics, Step
from . import pace
from .admin_store import FILTERS, filter_of, groups_of, number_of
from .admin_table import Asked, Row, Table
from .described import Described, Endpoint
from .works import Works

if TYPE_CHECKING:
    from ..store.database import Database

STATISTICS = "/api/v1/statistics"
SESSIONS = f"{STATISTICS}/sessions"
USUAL, MOST = 50, 500
"""Conversations of one answer."""
_FILTERS = ("since", "until", "model_filter", "provider", "client", "key", "session", "agent")
DESCRIBED: Described = {
    ("GET", "", "/statistics"): Endpoint(
        summary="Give statistics: use over time and by whom, usual times, errors",
        gives=(Statistics,),
        parameters=("one_by", "step", *_FILTERS, "errors"),
    ),
    ("GET", "", SESSIONS): Endpoint(
        summary="List conversations, the latest first, each with what its agents used",
        gives=(Sessions,),
        parameters=(*_FILTERS, "errors", "sessions_limit"),
    ),
}


def table(works: Works) -> Table:
    """The endpoints."""
    ledger = works.ledger
    pace.offer(works.hub, works.gateway, ledger)

    async def statistics(asked: Asked) -> Statistics:
        said = asked.query("by", "step", "since", "until", "errors", *FILTERS)
        wanted, by, step = filter_of(said), _by(said.get("by", "")), _step(said.get("step", ""))
        if wanted.since is not None and wanted.until is not None and wanted.until <= wanted.since:
            raise BadRequest.at("until", " is not after `since`.", remedy="Turn them round.")

        async def question(database: Database) -> Statistics:
            from ..store.statistics import statistics

            return await statistics(database, wanted, time.time(), by, step)

        return await ledger.ask(question)

    async def sessions(asked: Asked) -> Sessions:
        said = asked.query("since", "until", "errors", "limit", *FILTERS)
        wanted, limit = filter_of(said), number_of(said, "limit", 1, MOST) or USUAL

        async def question(database: Database) -> Sessions:
            from ..store.statistics import sessions

            return await sessions(database, wanted, limit)

        return await ledger.ask(question)

    return Table(works.book, [Row("GET", STATISTICS, statistics), Row("GET", SESSIONS, sessions)])


def _by(text: str) -> By | None:
    found = groups_of(text)
    if len(found) > 1 or "day" in found:
        raise BadRequest.at("by", " takes one of model, provider, key, client, session and agent.")
    return found[0] if found else None


def _step(text: str) -> Step | None:
    known: dict[str, Step] = {each: each for each in get_args(Step)}
    if text and text not in known:
        raise BadRequest.at("step", f" does not know '{text[:40]}'.", remedy=f"There are: {', '.join(known)}.")
    return known.get(text)
