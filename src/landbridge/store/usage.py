"""Adds the ledger up: sums by model, provider, key, client, session, subagent or day, with the usual times of answers.

Usual times (p50, p95) are those of good answers, rounded to a hundredth, so that the database can count how many took
as long instead of sorting them all. A day is one of this machine's calendar, also where the clock changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from msgspec.structs import astuple
from sqlalchemy import BigInteger, ColumnElement, Row, Select, case, cast, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from .database import Database
from .filters import conditions
from .report import GOOD, Amounts, By, Filter, Usage
from .report import Row as Group
from .tables import access_keys, requests, runs

DAY = 86_400
EPOCH = date(1970, 1, 1).toordinal()
LOCAL = "local"
_c = requests.c


async def usage(database: Database, wanted: Filter, by: Sequence[By] = ()) -> Usage:
    """What was used, in groups and in all. Raises `StoreFault`."""
    async with database.connect() as connection:
        total = (await _groups(connection, wanted, ()))[()]
        groups = await _groups(connection, wanted, by) if by and total.requests else {}
        lost = int(await connection.scalar(lost_in(wanted)) or 0)
    rows = [Group(**_fields(amounts), group=dict(zip(by, key, strict=True))) for key, amounts in groups.items()]
    rows.sort(key=_order(by))
    return Usage(since=wanted.since, until=wanted.until, by=list(by), rows=rows, total=total, lost=lost)


def lost_in(wanted: Filter) -> Select[Any]:
    """Asks how many exchanges of that time never became rows."""
    found = select(func.sum(runs.c.lost))
    if wanted.since is not None:
        found = found.where(or_(runs.c.ended.is_(None), runs.c.ended >= wanted.since))
    return found if wanted.until is None else found.where(runs.c.started < wanted.until)


async def key_names(database: Database) -> dict[str, str]:
    """The names of access keys, by their public ids. Raises `StoreFault`."""
    async with database.connect() as connection:
        return await names_of_keys(connection)


async def names_of_keys(connection: AsyncConnection) -> dict[str, str]:
    """The same, on a connection that stands."""
    return {row.id: row.name for row in await connection.execute(select(access_keys.c.id, access_keys.c.name))}


def _order(by: Sequence[By]) -> Any:
    """By days where there are any, then the dearest first."""
    days = [name for name in by if name == "day"]

    def place(row: Group) -> tuple[object, ...]:
        return (*(row.group[name] for name in days), -row.cost, -row.tokens, -row.requests, *row.group.values())

    return place


def _fields(amounts: Amounts) -> dict[str, Any]:
    return dict(zip(amounts.__struct_fields__, astuple(amounts), strict=True))


async def _groups(connection: AsyncConnection, wanted: Filter, by: Sequence[By]) -> dict[tuple[str, ...], Amounts]:
    where = list(conditions(wanted))
    columns = [(await column_of(connection, name, where)).label(f"by_{name}") for name in by]
    found: dict[tuple[str, ...], Amounts] = {}
    for row in await connection.execute(sums(columns, where)):
        found[_key(by, row)] = amounts_of(row)
    for raw, times in (await times_of(connection, columns, where, _c.seconds)).items():
        group = found[_key(by, raw)]
        group.seconds_p50, group.seconds_p95 = usual(times, 50), usual(times, 95)
    for raw, times in (await times_of(connection, columns, where, _c.first)).items():
        found[_key(by, raw)].first_p50 = usual(times, 50)
    return found


def _key(by: Sequence[By], row: Sequence[Any]) -> tuple[str, ...]:
    return tuple(_day(value) if name == "day" else str(value) for name, value in zip(by, row, strict=False))


def _day(number: int) -> str:
    return date.fromordinal(EPOCH + int(number)).isoformat()


def sums(columns: Sequence[ColumnElement[Any]], where: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """Asks for the sums of each group; `amounts_of` reads its rows."""
    counted = ("input", "output", "cache_read", "cache_write", "reasoning", "cost")
    return (
        select(
            *columns,
            func.count().label("requests"),
            _number_of(_c.outcome.not_in(GOOD)).label("errors"),
            _number_of(_c.outcome == "cancelled").label("cancelled"),
            *(func.coalesce(func.sum(_c[name]), 0).label(name) for name in counted),
            _number_of(_c.estimated).label("estimated"),
            _number_of(_c.cost.is_(None)).label("unknown"),
            _number_of(_c.provider == LOCAL).label("local"),
            func.min(_c.at).label("first_at"),
            func.max(_c.at).label("last_at"),
        )
        .where(*where)
        .group_by(*columns)
    )


def _number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def amounts_of(row: Row[Any]) -> Amounts:
    """The sums of one group."""
    found = row._mapping
    names = [name for name in Amounts.__struct_fields__ if name in found]
    # PostgreSQL adds whole numbers up as decimals.
    return Amounts(**{name: found[name] if name.endswith("_at") else int(found[name]) for name in names})


Counted = list[tuple[int, int]]
"""Milliseconds, and how many good answers took so long; in rising order."""


async def times_of(
    connection: AsyncConnection,
    columns: Sequence[ColumnElement[Any]],
    where: Sequence[ColumnElement[bool]],
    column: ColumnElement[Any],
) -> dict[tuple[Any, ...], Counted]:
    """How long good answers of each group took."""
    took = cast(_rounded(column), BigInteger).label("took")
    asked = select(*columns, took, func.count().label("many")).where(*where, _c.outcome == "ok", column.is_not(None))
    found: dict[tuple[Any, ...], Counted] = {}
    for row in await connection.execute(asked.group_by(*columns, took)):
        found.setdefault(tuple(row[: len(columns)]), []).append((row.took, row.many))
    return {key: sorted(times) for key, times in found.items()}


def _rounded(seconds: ColumnElement[Any]) -> ColumnElement[Any]:
    """Milliseconds, to a hundredth of the value."""
    steps = ((seconds < 1, 1), (seconds < 10, 10), (seconds < 100, 100))
    rounded = [(below, func.round(seconds * (1000 / step)) * step) for below, step in steps]
    return case(*rounded, else_=func.round(seconds) * 1000)


def usual(times: Sequence[tuple[int, int]], percent: int) -> float:
    """The seconds that so many of a hundred did not exceed."""
    left = (sum(many for _, many in times) * percent + 99) // 100
    for milliseconds, many in times:
        left -= many
        if left <= 0:
            return milliseconds / 1000
    return 0.0


# -- what is grouped by ------------------------------------------------------------------------------------------------


async def column_of(connection: AsyncConnection, name: By, where: Sequence[ColumnElement[bool]]) -> ColumnElement[Any]:
    """What exchanges are grouped by."""
    if name == "model":  # who answered; where nobody did, what was asked for
        return case((_c.target == "", _c.model), else_=_c.target)
    if name != "day":
        return _c[name]
    span = (await connection.execute(select(func.min(_c.at), func.max(_c.at)).where(*where))).one()
    return day_number(connection, *offsets(span[0] or 0.0, span[1] or 0.0))


def offsets(first: float, last: float) -> list[tuple[float, int]]:
    """(from when on, seconds ahead of UTC) on this machine's clock, of the time from `first` to `last`."""
    found = [(first, _offset(first))]
    at = first
    while at < last:
        later = min(at + DAY, last)
        if _offset(later) != found[-1][1]:
            found.append((_change(at, later), _offset(later)))
        at = later
    return found


def _change(before: float, after: float) -> float:
    """The second between the two at which the offset changes."""
    low, high, offset = int(before), int(after) + 1, _offset(before)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(middle) == offset else (low, middle)
    return float(high)


def _offset(at: float) -> int:
    offset = datetime.fromtimestamp(at).astimezone().utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def day_number(connection: AsyncConnection, *spans: tuple[float, int]) -> ColumnElement[Any]:
    """Days since 1970 by the clock."""
    first, *rest = spans
    ahead = (
        case(*((_c.at >= at, offset) for at, offset in reversed(rest)), else_=first[1]) if rest else literal(first[1])
    )
    # A cast rounds in PostgreSQL and cuts in SQLite, which has no floor() everywhere.
    at = func.floor(_c.at) if connection.dialect.name == "postgresql" else _c.at
    return (cast(at, BigInteger) + cast(ahead, BigInteger)) // DAY
