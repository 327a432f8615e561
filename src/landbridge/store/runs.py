"""The rows of runs: each says when the router ran, what it wrote and what was lost.

A run that was killed says so once its tally has been held against what it wrote.
"""

from __future__ import annotations

import os
import socket
import time

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


async def settle(connection: AsyncConnection, count: Count) -> int:
    """How many records of a run before this one never became rows; from now on its row says so."""
    await begin(connection, count.run, count.started, count.pid)
    noted, ended = (await connection.execute(select(runs.c.written, runs.c.ended).where(runs.c.id == count.run))).one()
    # Its rows ended after it began, by its clock: there is no need to look at older ones.
    of_it = (requests.c.run == count.run, requests.c.at >= count.started - SLACK)
    found = await connection.scalar(select(func.count()).select_from(requests).where(*of_it))
    written = max(noted, found or 0)
    lost: int = max(0, count.records - count.unwanted - written)
    known = {} if ended is not None else {"ended": time.time(), "killed": True}
    await connection.execute(update(runs).where(runs.c.id == count.run).values(written=written, lost=lost, **known))
    return lost
