"""The rows of runs: each says when the router ran, what it wrote and what was lost.

A run that was killed says so once its tally has been held against what it wrote.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from .. import __version__
from .tables import requests, runs
from .tally import Count

SLACK = 3600.0
"""Seconds by which a clock may have been set back meanwhile."""


async def begin(connection: AsyncConnection, run: str, started: float, pid: int = 0) -> None:
    """There is such a run; nothing happens where that is known."""
    make = insert_postgresql if connection.dialect.name == "postgresql" else insert_sqlite
    row = {
        "id": run,
        "started": started,
        "ended": None,
        "version": __version__,
        "host": socket.gethostname(),
        "pid": pid or os.getpid(),
        "written": 0,
        "lost": 0,
        "killed": False,
    }
    await connection.execute(make(runs).values(row).on_conflict_do_nothing())


async def note(connection: AsyncConnection, run: str, written: int, lost: int, *, ended: bool = False) -> None:
    """How many rows it has written so far, and how many records never became rows."""
    ending = {"ended": time.time()} if ended else {}
    await connection.execute(update(runs).where(runs.c.id == run).values(written=written, lost=lost, **ending))


async def settle(connection: AsyncConnection, counts: Sequence[Count]) -> dict[str, int]:
    """How many records of each run before this one never became rows; from now on its row says so."""
    if not counts:
        return {}
    for count in counts:
        await begin(connection, count.run, count.started, count.pid)
    names = [count.run for count in counts]
    noted = select(runs.c.id, runs.c.written, runs.c.ended).where(runs.c.id.in_(names))
    known = {id: (written, ended) for id, written, ended in await connection.execute(noted)}
    # One walk for all of them. Their rows ended after they began, by their clocks: older ones need no look.
    since = min(count.started for count in counts) - SLACK
    found = select(requests.c.run, func.count()).where(requests.c.at >= since, requests.c.run.in_(names))
    rows: dict[str, int] = {}
    for run, number in await connection.execute(found.group_by(requests.c.run)):
        rows[run] = number
    lost: dict[str, int] = {}
    for count in counts:
        said, ended = known[count.run]
        written = max(said, rows.get(count.run, 0))
        lost[count.run] = max(0, count.records - count.unwanted - written)
        ending = {} if ended is not None else {"ended": time.time(), "killed": True}
        values = {"written": written, "lost": lost[count.run], **ending}
        await connection.execute(update(runs).where(runs.c.id == count.run).values(values))
    return lost
