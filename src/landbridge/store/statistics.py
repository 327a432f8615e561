"""Statistics of the ledger: use over time and by whom, usual times with their worst, errors by kind, conversations.

Everything is added up by the database, in both the same way; only sums of groups and stretches of time come here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from .database import Database
from .filters import conditions
from .report import GOOD, Amounts, By, Filter
from .series import (
    DAY,
    HOUR,
    MINUTES,
    MONDAY,
    Helper,
    Kind,
    Line,
    Part,
    Quantiles,
    Session,
    Sessions,
    Statistics,
    Step,
    start_of,
    step_for,
    stretches,
)
from .tables import requests
from .usage import Counted, amounts_of, column_of, day_number, lost_in, names_of_keys, offsets, sums, times_of, usual

LINES = 8
"""Parts that have a line over time of their own."""
MOST_PARTS = 200
"""The rest is one part together."""
_c = requests.c

Where = Sequence[ColumnElement[bool]]


async def statistics(
    database: Database, wanted: Filter, now: float, by: By | None = None, step: Step | None = None
) -> Statistics:
    """What was used. Raises `StoreFault`."""
    async with database.connect() as connection:
        where = list(conditions(wanted))
        since, until = await _span(connection, wanted, where, now)
        chosen = step_for(until - since, step)
        spans = offsets(since, until)
        shift = spans[0][1] % HOUR
        numbers = stretches(chosen, since, until, shift)
        stretch = _stretch(connection, chosen, spans, shift).label("stretch")
        columns = [] if by is None else [(await column_of(connection, by, where)).label("part")]
        found = [
            (row[0] if columns else "", row.stretch, amounts_of(row))
            for row in await connection.execute(sums([*columns, stretch], where))
        ]
        took = await times_of(connection, [stretch], where, _c.seconds)
        first = await times_of(connection, [stretch], where, _c.first)
        parts: list[Part] = []
        if by is not None:
            parts = _parts(found, numbers)
            await _time_them(connection, columns, where, parts)
        names = await names_of_keys(connection) if by == "key" else {}
        errors = await _errors(connection, where)
        lost = int(await connection.scalar(lost_in(wanted)) or 0)
    total = _part("", [(number, amounts) for _, number, amounts in found])
    total.line = _line([(number, amounts) for _, number, amounts in found], numbers)
    total.took, total.first = quantiles(_together(took.values())), quantiles(_together(first.values()))
    return Statistics(
        since=since,
        until=until,
        step=chosen,
        starts=[start_of(chosen, number, shift) for number in numbers],
        by=by,
        parts=parts,
        names=names,
        total=total,
        took=[quantiles(took.get((number,), [])) for number in numbers],
        first=[quantiles(first.get((number,), [])) for number in numbers],
        errors=errors,
        lost=lost,
    )


async def sessions(database: Database, wanted: Filter, limit: int) -> Sessions:
    """The latest conversations, each with what its agents used. Raises `StoreFault`."""
    latest = func.max(_c.at)
    async with database.connect() as connection:
        where = list(conditions(wanted))
        count = int(await connection.scalar(select(func.count(_c.session.distinct())).where(*where)) or 0)
        chosen = select(_c.session).where(*where).group_by(_c.session).order_by(latest.desc(), _c.session).limit(limit)
        names = [row.session for row in await connection.execute(chosen)]
        columns = [_c.session, _c.agent, _c.client, (await column_of(connection, "model", where)).label("by_model")]
        asked = sums(columns, [*where, _c.session.in_(names)])
        rows = [(tuple(row[:4]), amounts_of(row)) for row in await connection.execute(asked)] if names else []
    found = {name: [(key, amounts) for key, amounts in rows if key[0] == name] for name in names}
    told = [_session(name, mine) for name, mine in found.items()]
    return Sessions(sessions=told, more=count - len(told))


def quantiles(times: Counted) -> Quantiles | None:
    """The usual times; None of no answers."""
    return Quantiles(usual(times, 50), usual(times, 90), usual(times, 99)) if times else None


def added(all: Iterable[Amounts]) -> dict[str, Any]:
    """The sums of several groups, by the names of `Amounts`. Usual times cannot be added up."""
    groups = list(all)
    found: dict[str, Any] = {
        name: sum(getattr(each, name) for each in groups)
        for name in Amounts.__struct_fields__
        if name not in ("seconds_p50", "seconds_p95", "first_p50", "first_at", "last_at")
    }
    found["first_at"] = min((each.first_at for each in groups if each.first_at is not None), default=None)
    found["last_at"] = max((each.last_at for each in groups if each.last_at is not None), default=None)
    return found


# -- over time ---------------------------------------------------------------------------------------------------------


async def _span(connection: AsyncConnection, wanted: Filter, where: Where, now: float) -> tuple[float, float]:
    """From when to when: what was wanted, or what there is."""
    until = now if wanted.until is None else wanted.until
    since = wanted.since
    if since is None:
        since = await connection.scalar(select(func.min(_c.at)).where(*where))
    return (until - DAY if since is None else min(since, until)), until


def _stretch(
    connection: AsyncConnection, step: Step, spans: Sequence[tuple[float, int]], shift: int
) -> ColumnElement[Any]:
    """`series.number_of`, for the database."""
    if step in ("day", "week"):
        days = day_number(connection, *spans)
        return days if step == "day" else (days + cast(MONDAY, BigInteger)) // 7
    at = func.floor(_c.at) if connection.dialect.name == "postgresql" else _c.at  # as in `usage.day_number`
    return (cast(at, BigInteger) + cast(shift, BigInteger)) // (MINUTES if step == "minutes" else HOUR)


def _line(found: Iterable[tuple[int, Amounts]], numbers: range) -> Line:
    places = {number: place for place, number in enumerate(numbers)}
    lists: dict[str, list[int]] = {name: [0] * len(numbers) for name in Line.__struct_fields__}
    for number, amounts in found:
        if (place := places.get(number)) is not None:
            sum_of = {"prompt": amounts.input + amounts.cache_write, "cached": amounts.cache_read}
            for name, values in lists.items():
                values[place] += sum_of[name] if name in sum_of else getattr(amounts, name)
    return Line(**lists)


# -- by whom -----------------------------------------------------------------------------------------------------------


def _parts(found: Iterable[tuple[str, int, Amounts]], numbers: range) -> list[Part]:
    """Each with its sums, the largest with a line."""
    by_value: dict[str, list[tuple[int, Amounts]]] = {}
    for value, number, amounts in found:
        by_value.setdefault(value, []).append((number, amounts))
    parts = sorted((_part(value, mine) for value, mine in by_value.items()), key=_dearest)
    for part in parts[:LINES]:
        part.line = _line(by_value[part.value], numbers)
    if len(parts) <= MOST_PARTS:
        return parts
    rest = parts[MOST_PARTS:]
    return [*parts[:MOST_PARTS], Part(value="", parts=len(rest), **added(rest))]


def _part(value: str, found: Sequence[tuple[int, Amounts]]) -> Part:
    return Part(value=value, **added(amounts for _, amounts in found))


def _dearest(part: Part) -> tuple[object, ...]:
    return -part.cost, -part.tokens, -part.requests, part.value


async def _time_them(
    connection: AsyncConnection, columns: Sequence[ColumnElement[Any]], where: Where, parts: Sequence[Part]
) -> None:
    took = await times_of(connection, columns, where, _c.seconds)
    first = await times_of(connection, columns, where, _c.first)
    for part in parts:
        if part.parts == 1:
            part.took = quantiles(took.get((part.value,), []))
            part.first = quantiles(first.get((part.value,), []))


def _together(all: Iterable[Counted]) -> Counted:
    counts: dict[int, int] = {}
    for times in all:
        for took, many in times:
            counts[took] = counts.get(took, 0) + many
    return sorted(counts.items())


async def _errors(connection: AsyncConnection, where: Where) -> list[Kind]:
    kinds = (
        select(_c.outcome, func.count().label("requests"), func.max(_c.at).label("last_at"))
        .where(*where, _c.outcome.not_in(GOOD))
        .group_by(_c.outcome)
        .subquery()
    )
    latest = and_(_c.outcome == kinds.c.outcome, _c.at == kinds.c.last_at)
    asked = select(kinds, _c.message, _c.id).join(requests, latest).where(*where).order_by(_c.id)
    found = {row.outcome: Kind(**row._mapping) for row in await connection.execute(asked)}
    return sorted(found.values(), key=lambda kind: (-kind.requests, kind.outcome))


# -- conversations -----------------------------------------------------------------------------------------------------

Rows = Sequence[tuple[tuple[str, str, str, str], Amounts]]
"""Session, agent, client and model, with their sums."""


def _session(name: str, rows: Rows) -> Session:
    by_agent: dict[str, list[tuple[tuple[str, str, str, str], Amounts]]] = {}
    for key, amounts in rows:
        by_agent.setdefault(key[1], []).append((key, amounts))
    agents = [
        Helper(agent=agent, models=_most(mine, 3), **added(amounts for _, amounts in mine))
        for agent, mine in by_agent.items()
    ]
    agents.sort(key=lambda each: (each.agent != "", -each.cost, -each.tokens, each.agent))
    client = next(iter(_most(rows, 2)), "")
    return Session(
        session=name,
        client=client,
        models=_most(rows, 3),
        agents=agents,
        **added(amounts for _, amounts in rows),
    )


def _most(rows: Rows, place: int) -> list[str]:
    """The values at that place of the keys, those of most requests first."""
    counts: Counter[str] = Counter()
    for key, amounts in rows:
        counts[key[place]] += amounts.requests
    return sorted((value for value in counts if value), key=lambda value: (-counts[value], value))
