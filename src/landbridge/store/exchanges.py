"""The rows of the ledger: looked through, newest first, and one by one."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Row, Select, and_, or_, select

from ..errors import BadRequest, StoreFault
from .bodies import Bodies, unpack
from .database import Database
from .filters import conditions
from .report import MARK, Exchange, Exchanges, Filter
from .tables import bodies, requests

_c = requests.c
_list = msgspec.json.Decoder(list[str]).decode
_counts = msgspec.json.Decoder(dict[str, int]).decode


async def list_exchanges(database: Database, wanted: Filter, limit: int, before: str = "") -> Exchanges:
    """The newest `limit` exchanges, or those before the one of that id. Raises `StoreFault`, `BadRequest`."""
    async with database.connect() as connection:
        asked = _rows().where(*conditions(wanted)).order_by(_c.at.desc(), _c.id.desc()).limit(limit + 1)
        if before:
            last = (await connection.execute(select(_c.at, _c.id).where(_c.id == before))).one_or_none()
            if last is None:
                raise _missing(before)
            asked = asked.where(or_(_c.at < last.at, and_(_c.at == last.at, _c.id < last.id)))
        found = [_exchange(row) for row in await connection.execute(asked)]
    more = found[limit - 1].id if len(found) > limit else ""
    return Exchanges(exchanges=found[:limit], more=more)


async def find_exchange(database: Database, id: str) -> Exchange:
    """One exchange, by its id or the only beginning of one, `MARK` or not. Raises `StoreFault`, `BadRequest`."""
    async with database.connect() as connection:
        rows = list(await connection.execute(_rows().where(_c.id == id)))
        if not rows and id:
            begins = or_(_c.id.startswith(id, autoescape=True), _c.id.startswith(f"{MARK}{id}", autoescape=True))
            rows = list(await connection.execute(_rows().where(begins).limit(2)))
    if len(rows) != 1:
        raise _missing(id) if not rows else BadRequest(f"More than one exchange begins with '{id[:60]}'.")
    return _exchange(rows[0])


async def find_bodies(database: Database, id: str) -> Bodies | None:
    """What was said in the exchange of exactly that id, if it is kept. Raises `StoreFault`."""
    async with database.connect() as connection:
        content = await connection.scalar(select(bodies.c.content).where(bodies.c.id == id))
    if content is None:
        return None
    try:
        return unpack(content)
    except ValueError as error:
        raise StoreFault(f"What was said in {id} cannot be read: {error}.") from None


async def find_all(database: Database, id: str) -> tuple[Exchange, Bodies | None]:
    """One exchange as `find_exchange` finds it, and what was said in it. Raises `StoreFault`, `BadRequest`."""
    found = await find_exchange(database, id)
    return found, await find_bodies(database, found.id)


def _missing(id: str) -> BadRequest:
    remedy = "'landbridge logs' shows which there are."
    return BadRequest(f"There is no exchange '{id[:60]}' in the ledger.", status=404, remedy=remedy)


def _rows() -> Select[Any]:
    kept = select(bodies.c.id).where(bodies.c.id == _c.id).exists().label("bodies")
    return select(requests, kept)


def _exchange(row: Row[Any]) -> Exchange:
    found = {name: value for name, value in row._mapping.items() if name in Exchange.__struct_fields__}
    found["losses"], found["repairs"] = _list(found["losses"]), _counts(found["repairs"])
    found["bodies"], found["estimated"] = bool(found["bodies"]), bool(found["estimated"])
    return Exchange(**found)
