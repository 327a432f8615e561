"""Rows of a ledger for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from landbridge.store.database import Database
from landbridge.store.location import Location
from landbridge.store.tables import requests

PLAIN: dict[str, Any] = {
    "run": "run_1",
    "at": 1_795_000_000.0,
    "seconds": 1.0,
    "first": None,
    "client": "claude-cli",
    "key": "",
    "session": "s1",
    "agent": "",
    "dialect": "anthropic",
    "model": "asked",
    "target": "lab/m",
    "provider": "lab",
    "path": "converted",
    "route": "",
    "stream": True,
    "status": 200,
    "outcome": "ok",
    "message": "",
    "attempts": 1,
    "retries": 0,
    "losses": "[]",
    "repairs": "{}",
    "estimated": False,
}


@asynccontextmanager
async def ledger(location: Location, *rows: dict[str, Any]) -> AsyncIterator[Database]:
    """A ledger that holds these rows; each says what it has otherwise than `PLAIN`."""
    database = await Database.open(location)
    try:
        await put(database, *rows)
        yield database
    finally:
        await database.close()


async def put(database: Database, *rows: dict[str, Any]) -> None:
    """Write further rows."""
    blank = dict.fromkeys(requests.c.keys())
    if rows:
        async with database.begin() as connection:
            await connection.execute(requests.insert(), [{**blank, **PLAIN, **row} for row in rows])
