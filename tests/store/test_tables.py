"""The tables as the code knows them are those that the steps make, in both databases."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from landbridge.store.database import Database
from landbridge.store.location import Location
from landbridge.store.migrations import NEWEST, VERSION_TABLE
from landbridge.store.tables import metadata
from landbridge.store.upgrade import take_steps

pytestmark = [pytest.mark.io, pytest.mark.anyio]


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "version_table": VERSION_TABLE})
    return list(compare_metadata(context, metadata))


async def test_a_new_database_has_these_tables(location: Location) -> None:
    database = await Database.open(location)
    try:
        async with database.connect() as connection:
            assert await connection.run_sync(differences) == []
    finally:
        await database.close()


async def test_the_steps_make_the_same(location: Location) -> None:
    database = await Database.open(location)
    try:
        async with database.begin() as connection:
            await connection.run_sync(metadata.drop_all)
            await connection.execute(text(f"DROP TABLE {VERSION_TABLE}"))
            await connection.run_sync(take_steps)
            assert await connection.run_sync(differences) == []
            assert await connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}")) == NEWEST
    finally:
        await database.close()
