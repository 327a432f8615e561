"""Filters find the rows they mean, and the same ones in both databases."""

from __future__ import annotations

import pytest

from landbridge.store.exchanges import list_exchanges
from landbridge.store.location import Location
from landbridge.store.report import Filter
from tests.store.rows import ledger

pytestmark = [pytest.mark.io, pytest.mark.anyio]

ROWS = (
    {"id": "1", "at": 10.0, "model": "claude-opus", "target": "a/x_1", "provider": "a"},
    {"id": "2", "at": 20.0, "model": "m", "target": "a/xy1", "provider": "a", "client": "codex", "status": 429},
    {"id": "3", "at": 30.0, "model": "50%", "target": "b/x", "provider": "b", "key": "k1", "agent": "sub"},
    {"id": "4", "at": 40.0, "target": "b\\x", "session": "s2", "outcome": "overloaded", "status": 529},
    {"id": "5", "at": 50.0, "outcome": "cancelled"},
)
CASES: tuple[tuple[Filter, str], ...] = (
    (Filter(), "54321"),
    (Filter(since=20.0), "5432"),
    (Filter(until=20.0), "1"),
    (Filter(since=20.0, until=40.0), "32"),
    (Filter(model="claude-opus"), "1"),
    (Filter(model="a/x_1"), "1"),
    (Filter(model="a/x_*"), "1"),
    (Filter(model="a/x?1"), "21"),
    (Filter(model="A/X?1"), "21"),
    (Filter(model="50%"), "3"),
    (Filter(model="5*%"), "3"),
    (Filter(model="%"), ""),
    (Filter(model="%*"), ""),
    (Filter(model="b\\*"), "4"),
    (Filter(provider="a", client="codex"), "2"),
    (Filter(client="cod*"), "2"),
    (Filter(key="k1"), "3"),
    (Filter(agent="s*"), "3"),
    (Filter(session="s2"), "4"),
    (Filter(status=429), "2"),
    (Filter(errors=True), "4"),
    (Filter(model="'; DROP TABLE requests; --"), ""),
)


async def test_each_finds_what_it_means(location: Location) -> None:
    async with ledger(location, *ROWS) as database:
        for wanted, ids in CASES:
            found = await list_exchanges(database, wanted, 10)
            assert "".join(each.id for each in found.exchanges) == ids, wanted
