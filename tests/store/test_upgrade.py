"""Every schema that was ever released comes up to the newest one, with what was in it.

`released/` has a database of each version as SQL text, as `sqlite3 .dump` and `pg_dump --inserts` write it.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import select, text

from landbridge.store import migrations
from landbridge.store.database import Database
from landbridge.store.location import Location
from landbridge.store.migrations import KNOWN, NEWEST
from landbridge.store.tables import access_keys, bodies, budget_spent, conversations, requests, runs
from landbridge.store.upgrade import is_newer
from tests.fakes.postgres import Postgres
from tests.store.test_tables import differences

pytestmark = [pytest.mark.io, pytest.mark.anyio]

RELEASED = Path(__file__).parent / "released"


def fill(location: Location, revision: str, postgres: Postgres | None) -> None:
    """Make the database of that version."""
    if location.path is not None:
        connection = sqlite3.connect(location.path)
        connection.executescript((RELEASED / f"{revision}.sqlite.sql").read_text())
        connection.close()
    else:
        assert postgres is not None
        postgres.sql((RELEASED / f"{revision}.postgresql.sql").read_text(), location.shown.rpartition("/")[2])


@pytest.mark.parametrize("revision", KNOWN)
async def test_a_released_database_comes_up_with_all_that_is_in_it(
    revision: str, location: Location, request: pytest.FixtureRequest
) -> None:
    fill(location, revision, request.getfixturevalue("postgres") if location.path is None else None)
    database = await Database.open(location)
    try:
        async with database.connect() as connection:
            assert await connection.scalar(text("SELECT version_num FROM landbridge_schema")) == NEWEST
            assert await connection.run_sync(differences) == []
            row = (await connection.execute(select(requests))).mappings().one()
            assert (row["id"], row["run"], row["at"], row["first"]) == ("req_1", "run_1", 1795730072.25, None)
            assert (row["model"], row["message"]) == ("모델", 'it\'s broken; "so"\nthere')
            assert (row["stream"], row["input"], row["output"], row["cost"]) == (True, 2**40, None, 1234567)
            run = (await connection.execute(select(runs))).mappings().one()
            assert (run["ended"], run["written"], run["killed"]) == (None, 1, False)
            assert (await connection.execute(select(bodies.c.content))).scalar_one() == b"\x00\xffbytes"
            assert (await connection.execute(select(access_keys.c.expires))).scalar_one() == 1800000000.5
            assert (await connection.execute(select(budget_spent.c.spent))).scalar_one() == 2**50
            said = (await connection.execute(select(conversations.c.title, conversations.c.content))).all()
            assert said == ([] if revision < "0002" else [("It's 모델", b'{"turns":[]}')])
    finally:
        await database.close()


def test_the_list_of_steps_is_that_of_the_files() -> None:
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert [step.revision for step in script.walk_revisions()][::-1] == list(KNOWN)
    assert {file.name for file in RELEASED.iterdir()} == {
        f"{revision}.{kind}.sql" for revision in KNOWN for kind in ("sqlite", "postgresql")
    }


def test_what_is_newer() -> None:
    assert is_newer("9999")
    assert not is_newer("")
    assert not any(map(is_newer, KNOWN))
