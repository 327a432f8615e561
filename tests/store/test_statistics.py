"""Statistics of the ledger, in SQLite and in PostgreSQL: over time, by whom, how fast, what went wrong, whose."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from landbridge.store.location import Location
from landbridge.store.report import Filter
from landbridge.store.series import Quantiles
from landbridge.store.statistics import LINES, MOST_PARTS, sessions, statistics
from landbridge.store.tables import access_keys, runs
from landbridge.store.usage import usage
from tests.store.rows import ledger
from tests.store.test_usage import MIXED, row

pytestmark = [pytest.mark.io, pytest.mark.anyio]

NOON = datetime(2026, 11, 4, 12).timestamp()
HOUR = 3600.0


def spread_out() -> list[dict[str, Any]]:
    """Two days, three models."""
    used = {"input": 10, "cache_write": 5, "cache_read": 100, "output": 7}
    return [
        row(1, at=NOON, target="a/x", cost=10, seconds=1.0, first=0.5, **used),
        row(2, at=NOON + 100, target="a/x", cost=20, seconds=2.0, first=0.5, **used),
        row(3, at=NOON + 2 * HOUR, target="b/y", cost=None, seconds=4.0, **used),
        row(4, at=NOON + 24 * HOUR, target="b/y", outcome="cut", status=502, cost=0, message="gone", seconds=9.0),
        row(5, at=NOON + 25 * HOUR, target="b/y", outcome="cut", status=502, cost=0, message="again", seconds=9.0),
        row(6, at=NOON + 26 * HOUR, target="c", outcome="overloaded", status=529, cost=0),
    ]


async def test_over_time(location: Location) -> None:
    since, until = NOON - 10, NOON + 27 * HOUR
    async with ledger(location, *spread_out()) as database:
        found = await statistics(database, Filter(since=since, until=until), until, "model")
        days = await statistics(database, Filter(since=since, until=until), until, None, "day")
    assert (found.step, len(found.starts), found.starts[1]) == ("hour", 29 - 1, NOON)
    assert found.total.line is not None
    assert found.total.line.requests == [0, 2, 0, 1, *[0] * 21, 1, 1, 1]
    assert (found.total.line.errors[-4:], found.total.line.cost[1]) == ([0, 1, 1, 1], 30)
    assert (found.total.line.prompt[1], found.total.line.cached[1], found.total.line.output[1]) == (30, 200, 14)
    assert [part.value for part in found.parts] == ["a/x", "b/y", "c"]
    assert all(part.line is not None for part in found.parts)
    lines = [part.line.requests for part in found.parts if part.line is not None]
    assert [sum(at) for at in zip(*lines, strict=True)] == found.total.line.requests
    assert (days.step, days.parts) == ("day", [])
    assert [datetime.fromtimestamp(at).isoformat() for at in days.starts] == [
        "2026-11-04T00:00:00",
        "2026-11-05T00:00:00",
    ]
    assert days.total.line is not None
    assert days.total.line.requests == [3, 3]


async def test_weeks_and_minutes(location: Location) -> None:
    async with ledger(location, *spread_out()) as database:
        weeks = await statistics(database, Filter(until=NOON + 27 * HOUR), NOON, None, "week")
        minutes = await statistics(database, Filter(since=NOON - 1, until=NOON + 600), NOON)
    assert [datetime.fromtimestamp(at).isoformat() for at in weeks.starts] == ["2026-11-02T00:00:00"]
    assert weeks.since == NOON, "the earliest there is"
    assert minutes.step == "minutes"
    assert minutes.starts == [NOON - 300, NOON, NOON + 300]
    assert minutes.total.line is not None
    assert minutes.total.line.requests == [0, 2, 0]


async def test_nothing_is_no_error(location: Location) -> None:
    async with ledger(location) as database:
        found = await statistics(database, Filter(), NOON, "model")
        told = await sessions(database, Filter(), 10)
    assert (found.until - found.since, found.parts, found.total.requests, found.errors) == (86_400, [], 0, [])
    assert (found.total.took, set(found.took)) == (None, {None})
    assert (told.sessions, told.more) == ([], 0)


async def test_sums_are_those_of_usage(location: Location) -> None:
    async with ledger(location, *MIXED) as database:
        found = await statistics(database, Filter(), NOON, "model")
        expected = await usage(database, Filter(), ["model"])
    assert {part.value: (part.requests, part.errors, part.cost, part.tokens) for part in found.parts} == {
        each.group["model"]: (each.requests, each.errors, each.cost, each.tokens) for each in expected.rows
    }
    assert (found.total.unknown, found.total.local, found.total.estimated) == (
        expected.total.unknown,
        expected.total.local,
        expected.total.estimated,
    )


async def test_quantiles_are_those_of_good_answers(location: Location) -> None:
    hundred = [row(n, at=NOON, seconds=float(n), first=n / 10 if n > 50 else None) for n in range(1, 101)]
    slow = [row(1000 + n, at=NOON, seconds=900.0, outcome="cut") for n in range(30)]
    alone = row(5000, at=NOON + 2 * HOUR, target="b/x", seconds=7.0)
    async with ledger(location, *hundred, *slow, alone) as database:
        found = await statistics(database, Filter(since=NOON, until=NOON + 8 * HOUR), NOON, "model")
    by_model = {part.value: (part.took, part.first) for part in found.parts}
    assert by_model["lab/m"] == (Quantiles(50.0, 90.0, 99.0), Quantiles(7.5, 9.5, 10.0))
    assert by_model["b/x"] == (Quantiles(7.0, 7.0, 7.0), None)
    assert (found.took[0], found.took[1], found.took[2]) == (by_model["lab/m"][0], None, Quantiles(7.0, 7.0, 7.0))
    assert found.total.took == Quantiles(50.0, 90.0, 99.0)
    assert found.first[0] == by_model["lab/m"][1]


async def test_errors_have_a_kind_and_their_latest_words(location: Location) -> None:
    async with ledger(location, *spread_out()) as database:
        found = await statistics(database, Filter(), NOON + 48 * HOUR)
        some = await statistics(database, Filter(until=NOON + 24.5 * HOUR), NOON + 48 * HOUR)
    assert [(kind.outcome, kind.requests, kind.message, kind.id) for kind in found.errors] == [
        ("cut", 2, "again", "req_005"),
        ("overloaded", 1, "", "req_006"),
    ]
    assert [(kind.requests, kind.message) for kind in some.errors] == [(1, "gone")]


async def test_many_parts_are_one_in_the_end(location: Location) -> None:
    many = [row(n, at=NOON, client=f"c{n:03}", cost=1000 - n, input=1) for n in range(MOST_PARTS + 5)]
    async with ledger(location, *many) as database:
        found = await statistics(database, Filter(), NOON + 1, "client")
    last = found.parts[-1]
    assert (len(found.parts), last.parts, last.requests, last.value, last.took) == (MOST_PARTS + 1, 5, 5, "", None)
    assert [part.line is not None for part in found.parts] == [True] * LINES + [False] * (MOST_PARTS + 1 - LINES)


async def test_keys_have_names_and_losses_are_told(location: Location) -> None:
    run = {"version": "1", "host": "h", "pid": 1, "written": 9, "killed": True, "ended": None, "started": 1.0}
    key = {"id": "k1", "name": "laptop", "hash": "h", "created": 1.0, "grants": "{}"}
    async with ledger(location, *MIXED) as database:
        async with database.begin() as connection:
            await connection.execute(runs.insert().values(id="r", lost=3, **run))
            await connection.execute(access_keys.insert().values(**key))
        found = await statistics(database, Filter(), NOON, "key")
    assert (found.names, found.lost) == ({"k1": "laptop"}, 3)


async def test_conversations_are_trees(location: Location) -> None:
    rows = [
        row(1, at=NOON, session="old", client="codex", cost=5),
        row(2, at=NOON + 1, session="s", cost=1, target="a/x", input=3),
        row(3, at=NOON + 2, session="s", cost=2, target="a/x"),
        row(4, at=NOON + 3, session="s", cost=7, target="b/y", agent="reviewer", seconds=3.0),
        row(5, at=NOON + 4, session="s", cost=50, target="a/x", agent="explorer", outcome="cut"),
        row(6, at=NOON + 5, session="", client="", target=""),
    ]
    async with ledger(location, *rows) as database:
        found = await sessions(database, Filter(), 2)
        rest = await sessions(database, Filter(client="codex"), 2)
    assert ([each.session for each in found.sessions], found.more) == (["", "s"], 1)
    nameless, tree = found.sessions
    assert (nameless.client, nameless.models, nameless.requests) == ("", ["asked"], 1)
    assert (tree.client, tree.models, tree.requests, tree.cost, tree.errors) == (
        "claude-cli",
        ["a/x", "b/y"],
        4,
        60,
        1,
    )
    assert (tree.first_at, tree.last_at) == (NOON + 1, NOON + 4)
    assert [(agent.agent, agent.models, agent.requests, agent.cost) for agent in tree.agents] == [
        ("", ["a/x"], 2, 3),
        ("explorer", ["a/x"], 1, 50),
        ("reviewer", ["b/y"], 1, 7),
    ]
    assert ([each.session for each in rest.sessions], rest.more) == (["old"], 0)
