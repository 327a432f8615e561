"""The ledger's rows are found newest first, page by page, and one by one."""

from __future__ import annotations

import pytest

from landbridge.errors import BadRequest
from landbridge.store.exchanges import find_exchange, list_exchanges
from landbridge.store.location import Location
from landbridge.store.report import Exchange, Filter
from landbridge.store.tables import bodies
from tests.store.rows import PLAIN, ledger

pytestmark = [pytest.mark.io, pytest.mark.anyio]


async def test_pages_hold_each_row_once(location: Location) -> None:
    """Rows of the same time, too."""
    rows = [{"id": f"req_{n:02}", "at": 100.0 + n // 4} for n in range(10)]
    async with ledger(location, *rows) as database:
        seen: list[str] = []
        before = ""
        while True:
            page = await list_exchanges(database, Filter(), 3, before)
            seen += [each.id for each in page.exchanges]
            if not (before := page.more):
                break
        assert seen == [f"req_{n:02}" for n in reversed(range(10))]
        with pytest.raises(BadRequest, match="no exchange 'gone'"):
            await list_exchanges(database, Filter(), 3, "gone")


async def test_one_by_its_id(location: Location) -> None:
    row = {
        "id": "req_ab12",
        "losses": '["top_k"]',
        "repairs": '{"quoting":2}',
        "input": 5,
        "cost": None,
        "estimated": True,
        "first": 0.5,
    }
    async with ledger(location, row, {"id": "req_ab34"}, {"id": "x%"}) as database:
        async with database.begin() as connection:
            await connection.execute(bodies.insert().values(id="req_ab12", at=1.0, size=1, content=b"x"))
        found = await find_exchange(database, "req_ab12")
        other = await find_exchange(database, "req_ab3")
        assert await find_exchange(database, "ab3") == other
        for id, said in (
            ("req_ab", "More than one"),
            ("nope", "no exchange 'nope'"),
            ("", "no exchange"),
            ("_", "no "),
        ):
            with pytest.raises(BadRequest, match=said):
                await find_exchange(database, id)
    assert (found.losses, found.repairs, found.input, found.cost) == (["top_k"], {"quoting": 2}, 5, None)
    assert (found.estimated, found.first, found.bodies, found.stream) == (True, 0.5, True, True)
    assert (other.id, other.bodies, other.estimated, other.failed) == ("req_ab34", False, False, False)
    assert other.client == PLAIN["client"]


async def test_every_column_of_the_ledger_is_shown(location: Location) -> None:
    async with ledger(location) as database, database.connect() as connection:
        columns = set((await connection.exec_driver_sql("SELECT * FROM requests")).keys())
    assert columns - set(Exchange.__struct_fields__) == {"run"}
