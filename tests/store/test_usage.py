"""The ledger adds up, by everything it can be grouped by, in SQLite and in PostgreSQL."""

from __future__ import annotations

import time
from collections import Counter
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.store.location import Location
from landbridge.store.report import Amounts, By, Filter, Usage
from landbridge.store.tables import runs
from landbridge.store.usage import offsets, usage, usual
from tests.store.rows import PLAIN, ledger

pytestmark = [pytest.mark.io, pytest.mark.anyio]

AT = PLAIN["at"]


def row(number: int, **fields: Any) -> dict[str, Any]:
    return {"id": f"req_{number:03}", **fields}


MIXED = (
    row(1, target="a/x", provider="a", input=100, output=10, cache_read=5, cost=1000, seconds=1.0, first=0.5, key="k1"),
    row(2, target="a/x", provider="a", input=200, output=20, cache_write=7, cost=2000, seconds=3.0, first=0.1),
    row(3, target="a/y", provider="a", input=1, output=1, cost=None, client="codex", agent="sub", session="s2"),
    row(4, target="b/x", provider="b", outcome="overloaded", status=529, cost=0, seconds=90.0, first=60.0),
    row(5, target="b/x", provider="b", outcome="cancelled", cost=None, reasoning=3, estimated=True),
    row(6, target="smollm2", provider="local", input=50, output=50, cost=0, client=""),
    row(7, target="", provider="", model="nope", outcome="unknown_model", status=404, cost=0),
)


def by(found: Usage, name: By) -> dict[str, Amounts]:
    return {each.group[name]: each for each in found.rows}


async def test_nothing_is_no_error(location: Location) -> None:
    async with ledger(location) as database:
        found = await usage(database, Filter(), ["model", "day"])
    assert (found.rows, found.total) == ([], Amounts())


GROUPS: dict[By, dict[str, int]] = {
    "model": {"a/x": 2, "a/y": 1, "b/x": 2, "smollm2": 1, "nope": 1},
    "provider": {"a": 3, "b": 2, "local": 1, "": 1},
    "key": {"k1": 1, "": 6},
    "client": {"claude-cli": 5, "codex": 1, "": 1},
    "session": {"s1": 6, "s2": 1},
    "agent": {"": 6, "sub": 1},
    "day": {datetime.fromtimestamp(AT).date().isoformat(): 7},
}


async def test_groups(location: Location) -> None:
    async with ledger(location, *MIXED) as database:
        for name, requests in GROUPS.items():
            found = await usage(database, Filter(), [name])
            assert {value: each.requests for value, each in by(found, name).items()} == requests
            for field in ("requests", "errors", "input", "output", "cache_read", "cost", "unknown", "local"):
                assert sum(getattr(each, field) for each in found.rows) == getattr(found.total, field)
        models = await usage(database, Filter(), ["model"])
        two = await usage(database, Filter(), ["provider", "client"])
    # what cost most stands first, then what took the most tokens
    assert [each.group["model"] for each in models.rows] == ["a/x", "smollm2", "a/y", "b/x", "nope"]
    assert {tuple(each.group.values()): each.requests for each in two.rows} == {
        ("a", "claude-cli"): 2,
        ("a", "codex"): 1,
        ("b", "claude-cli"): 2,
        ("local", ""): 1,
        ("", "claude-cli"): 1,
    }


async def test_usual_times_are_those_of_good_answers(location: Location) -> None:
    hundred = [row(n, seconds=float(n), first=n / 10 if n > 50 else None) for n in range(1, 101)]
    slow = [row(1000 + n, seconds=900.0, first=900.0, outcome="cut") for n in range(30)]
    alone = row(5000, target="b/x", seconds=7.0, first=None)
    dead = row(5001, target="c/x", outcome="cut")
    async with ledger(location, *hundred, *slow, alone, dead) as database:
        found = by(await usage(database, Filter(), ["model"]), "model")
    assert (found["lab/m"].seconds_p50, found["lab/m"].seconds_p95, found["lab/m"].first_p50) == (50.0, 95.0, 7.5)
    assert (found["b/x"].seconds_p50, found["b/x"].seconds_p95, found["b/x"].first_p50) == (7.0, 7.0, None)
    assert (found["c/x"].seconds_p50, found["c/x"].first_p50) == (None, None)


async def test_times_are_true_to_a_hundredth(location: Location) -> None:
    times = (0.0004, 0.0126, 0.9994, 1.234, 9.876, 12.34, 98.76, 1234.4)
    rows = [row(n, seconds=seconds, target=f"t{n}", first=seconds) for n, seconds in enumerate(times)]
    async with ledger(location, *rows) as database:
        found = by(await usage(database, Filter(), ["model"]), "model")
    shown = [0.0, 0.013, 0.999, 1.23, 9.88, 12.3, 98.8, 1234.0]
    assert [found[f"t{n}"].seconds_p95 for n in range(len(times))] == shown
    assert [found[f"t{n}"].first_p50 for n in range(len(times))] == shown


@given(st.lists(st.integers(1, 50), min_size=1, max_size=60), st.sampled_from([50, 95]))
def test_law_the_usual_time_is_that_of_its_place(times: list[int], percent: int) -> None:
    counted = sorted(Counter(each * 1000 for each in times).items())
    place = (len(times) * percent + 99) // 100
    assert usual(counted, percent) == sorted(times)[place - 1]


async def test_what_was_lost_is_told(location: Location) -> None:
    run = {"version": "1", "host": "h", "pid": 1, "written": 9, "killed": True}
    times = (("old", 10.0, 20.0, 1), ("that time", 30.0, 40.0, 20), ("now", 50.0, None, 300))
    async with ledger(location) as database:
        async with database.begin() as connection:
            for id, started, ended, lost in times:
                await connection.execute(runs.insert().values(id=id, started=started, ended=ended, lost=lost, **run))
        found = [await usage(database, each) for each in (Filter(), Filter(since=25.0), Filter(since=15.0, until=35.0))]
    assert [each.lost for each in found] == [321, 320, 21]


async def test_all_of_it(location: Location) -> None:
    large = [row(100 + n, input=2**40, cost=2**45, client="large") for n in range(4)]
    async with ledger(location, *MIXED, *large) as database:
        total = (await usage(database, Filter(client="c*"))).total
        most = (await usage(database, Filter(client="large"))).total
    assert (total.requests, total.errors, total.cancelled, total.unknown, total.local) == (6, 2, 1, 2, 0)
    assert (total.input, total.output, total.cache_read, total.cache_write) == (301, 31, 5, 7)
    assert (total.cost, total.reasoning, total.estimated, total.tokens) == (3000, 3, 1, 344)
    assert (total.first_at, total.last_at) == (AT, AT)
    assert (most.input, most.cost) == (2**42, 2**47)


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


async def test_days_are_those_of_the_calendar(location: Location, berlin: None) -> None:
    """In the night to 25 October 2026 clocks go back an hour: that day has 25."""
    times = {
        "2026-10-24T21:59:59.7+00:00": "2026-10-24",
        "2026-10-24T22:00:00.0+00:00": "2026-10-25",
        "2026-10-25T12:00:00.0+00:00": "2026-10-25",
        "2026-10-25T22:59:59.9+00:00": "2026-10-25",
        "2026-10-25T23:00:00.0+00:00": "2026-10-26",
    }
    rows = [row(n, at=datetime.fromisoformat(text).timestamp()) for n, text in enumerate(times)]
    async with ledger(location, *rows) as database:
        found = await usage(database, Filter(), ["day"])
    assert [(each.group["day"], each.requests) for each in found.rows] == [
        ("2026-10-24", 1),
        ("2026-10-25", 3),
        ("2026-10-26", 1),
    ]


async def test_the_clock_changes_at_the_second(berlin: None) -> None:
    changes = offsets(datetime(2026, 1, 1).timestamp(), datetime(2026, 12, 31).timestamp())
    assert [(datetime.fromtimestamp(at).isoformat(), ahead) for at, ahead in changes[1:]] == [
        ("2026-03-29T03:00:00", 7200),
        ("2026-10-25T02:00:00", 3600),
    ]
