"""Adds the ledger up: sums by model, provider, key, client, session, subagent or day, with the usual times of answers.

The usual time (p50, p95) is that of the row at that place among a group's good answers, found by window functions,
which both databases have. A day is one of this machine's calendar, also where the clock changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from msgspec.structs import astuple
from sqlalchemy import BigInteger, ColumnElement, Row, Select, Subquery, case, cast, func, literal, or_, select
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
        lost = int(await connection.scalar(_lost(wanted)) or 0)
    rows = [Group(**_fields(amounts), group=dict(zip(by, key, strict=True))) for key, amounts in groups.items()]
    rows.sort(key=_order(by))
    return Usage(since=wanted.since, until=wanted.until, by=list(by), rows=rows, total=total, lost=lost)


def _lost(wanted: Filter) -> Select[Any]:
    found = select(func.sum(runs.c.lost))
    if wanted.since is not None:
        found = found.where(or_(runs.c.ended.is_(None), runs.c.ended >= wanted.since))
    return found if wanted.until is None else found.where(runs.c.started < wanted.until)


async def key_names(database: Database) -> dict[str, str]:
    """The names of access keys, by their public ids. Raises `StoreFault`."""
    async with database.connect() as connection:
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
    columns = [(await _column(connection, name, where)).label(f"by_{name}") for name in by]
    found: dict[tuple[str, ...], Amounts] = {}
    for row in await connection.execute(_sums(columns, where)):
        found[_key(by, row)] = _amounts(row)
    for row in await connection.execute(_times(columns, where)):
        amounts = found[_key(by, row)]
        amounts.seconds_p50, amounts.seconds_p95, amounts.first_p50 = row.p50, row.p95, row.first_p50
    return found


def _key(by: Sequence[By], row: Row[Any]) -> tuple[str, ...]:
    return tuple(_day(value) if name == "day" else str(value) for name, value in zip(by, row, strict=False))


def _day(number: int) -> str:
    return date.fromordinal(EPOCH + int(number)).isoformat()


def _sums(columns: Sequence[ColumnElement[Any]], where: Sequence[ColumnElement[bool]]) -> Select[Any]:
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


def _amounts(row: Row[Any]) -> Amounts:
    found = row._mapping
    names = [name for name in Amounts.__struct_fields__ if name in found]
    # PostgreSQL adds whole numbers up as decimals.
    return Amounts(**{name: found[name] if name.endswith("_at") else int(found[name]) for name in names})


def _times(columns: Sequence[ColumnElement[Any]], where: Sequence[ColumnElement[bool]]) -> Select[Any]:
    ranked = _ranked(columns, where)
    at = ranked.c

    def value(name: str, rank: str, number: str, percent: int) -> ColumnElement[Any]:
        return func.max(case((at[rank] == (at[number] * percent + 99) // 100, at[name])))

    groups = [at[column.name] for column in columns]
    return select(
        *groups,
        value("seconds", "rank", "number", 50).label("p50"),
        value("seconds", "rank", "number", 95).label("p95"),
        value("first", "first_rank", "first_number", 50).label("first_p50"),
    ).group_by(*groups)


def _ranked(columns: Sequence[ColumnElement[Any]], where: Sequence[ColumnElement[bool]]) -> Subquery:
    """The good answers, each with its place by time, and by the time of its first byte, in its group."""
    group = [column.element for column in columns] or [literal(0)]
    nulls_last = case((_c.first.is_(None), 1), else_=0)
    return (
        select(
            *columns,
            _c.seconds,
            _c.first,
            func.row_number().over(partition_by=group, order_by=_c.seconds).label("rank"),
            func.count().over(partition_by=group).label("number"),
            func.row_number().over(partition_by=group, order_by=(nulls_last, _c.first)).label("first_rank"),
            func.count(_c.first).over(partition_by=group).label("first_number"),
        )
        .where(*where, _c.outcome == "ok")
        .subquery()
    )


# -- what is grouped by ------------------------------------------------------------------------------------------------


async def _column(connection: AsyncConnection, name: By, where: Sequence[ColumnElement[bool]]) -> ColumnElement[Any]:
    if name == "model":  # who answered; where nobody did, what was asked for
        return case((_c.target == "", _c.model), else_=_c.target)
    if name != "day":
        return _c[name]
    span = (await connection.execute(select(func.min(_c.at), func.max(_c.at)).where(*where))).one()
    return _day_number(connection, *offsets(span[0] or 0.0, span[1] or 0.0))


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


def _day_number(connection: AsyncConnection, *spans: tuple[float, int]) -> ColumnElement[Any]:
    """Days since 1970 by the clock."""
    first, *rest = spans
    ahead = (
        case(*((_c.at >= at, offset) for at, offset in reversed(rest)), else_=first[1]) if rest else literal(first[1])
    )
    # A cast rounds in PostgreSQL and cuts in SQLite, which has no floor() everywhere.
    at = func.floor(_c.at) if connection.dialect.name == "postgresql" else _c.at
    return (cast(at, BigInteger) + cast(ahead, BigInteger)) // DAY
