"""The tables as the code knows them are those that the steps make, in both databases."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from landbridge.store.database import Database
from landbridge.store.location import Location
from landbridge.store.migrations import VERSION_TABLE
from landbridge.store.tables import metadata

pytestmark = [pytest.mark.io, pytest.mark.anyio]


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "version_table": VERSION_TABLE})
    return list(compare_metadata(context, metadata))


async def test_the_steps_make_these_tables(location: Location) -> None:
    database = await Database.open(location)
    try:
        async with database.connect() as connection:
            assert await connection.run_sync(differences) == []
    finally:
        await database.close()
