"""Brings a database to the newest schema, once: whoever comes at the same time waits, and finds it done."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, insert, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from .migrations import KNOWN, NEWEST, VERSION_TABLE
from .tables import metadata

_VERSION = Table(VERSION_TABLE, MetaData(), Column("version_num", String(32), primary_key=True))
"""As Alembic makes it."""
_LOCK = 7_306_923_450_118
"""PostgreSQL's number for "somebody takes the steps of this ledger's schema"."""


async def revision_of(connection: AsyncConnection) -> str:
    """The schema's revision; empty for a database without one."""
    return await connection.run_sync(_revision_of)


def _revision_of(connection: Connection) -> str:
    if not inspect(connection).has_table(VERSION_TABLE):
        return ""
    return str(connection.scalar(select(_VERSION.c.version_num)) or "")


async def upgrade(connection: AsyncConnection) -> None:
    """Take all steps that are missing, in the transaction that is open."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    revision = _revision_of(connection)
    if not revision:
        _make(connection)
    elif revision != NEWEST:
        take_steps(connection)


def _make(connection: Connection) -> None:
    """A new database has the newest tables at once; to load Alembic for that would take twice as long as all else."""
    metadata.create_all(connection)
    _VERSION.create(connection)
    connection.execute(insert(_VERSION).values(version_num=NEWEST))


def take_steps(connection: Connection) -> None:
    """All steps from the schema's revision to the newest one."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def is_newer(revision: str) -> bool:
    """Whether a landbridge newer than this one made the schema."""
    return bool(revision) and revision not in KNOWN
