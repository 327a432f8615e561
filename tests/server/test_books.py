"""A router keeps its books: rows of what it answered, its data folder for itself, and a word on how the ledger is."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from landbridge.config import StoreSettings
from landbridge.errors import ConfigFault
from landbridge.gateway.world import World
from landbridge.server.books import Books
from landbridge.server.exposition import STANDING
from landbridge.store.bodies import unpack
from landbridge.store.database import Database
from landbridge.store.location import Location, locate
from landbridge.store.tables import bodies, requests, runs
from tests.fakes.answers import Tokens
from tests.fakes.postgres import Postgres
from tests.fakes.provider import Provider, Reply
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]

ASK: dict[str, Any] = {"model": "lab/m", "max_tokens": 50, "messages": [{"role": "user", "content": "Hi"}]}


def settings(provider: Provider, more: str = "") -> str:
    return f"""
        {more}
        [providers.lab]
        dialect = "openai_chat"
        base_url = "{provider.base_url("openai_chat")}"
        models = ["m"]
    """


@asynccontextmanager
async def keeping(folder: Path, more: str = "", **env: str) -> AsyncIterator[tuple[Running, Books]]:
    """A gateway with books, whose provider answers."""
    async with Provider(Reply(text="Hello", usage=Tokens(7, 3))) as provider:
        running = Running(folder, settings(provider, more), env=env)
        books = Books(folder / "data", running.gateway)
        books.open(env)
        try:
            async with running:
                yield running, books
        finally:
            await books.close()


async def rows(location: Location) -> list[Any]:
    database = await Database.open(location)
    try:
        async with database.connect() as connection:
            return list(await connection.execute(select(requests).order_by(requests.c.at)))
    finally:
        await database.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_each_exchange_leaves_a_row(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    location, more = locate("", tmp_path / "data", {}), ""
    if kind == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        location = locate(server.create(), tmp_path, {})
        more = f'[store]\nurl = "{location.shown}"'
    async with keeping(tmp_path, more) as (running, _):
        headers = {"user-agent": "claude-cli/2.1.330 (external)", "x-claude-code-session-id": "s-1"}
        await running.post("/anthropic/v1/messages", ASK, headers)
        await running.post("/v1/chat/completions", {**ASK, "stream": True})
        await running.post("/v1/chat/completions", {**ASK, "model": "nobody/x"})
    first, second, third = await rows(location)
    assert (first.client, first.session, first.dialect, first.target) == ("claude-cli", "s-1", "anthropic", "lab/m")
    assert (first.status, first.outcome, first.input, first.output, first.path) == (200, "ok", 7, 3, "converted")
    assert (second.stream, second.path, second.first is not None) == (True, "passthrough", True)
    assert (third.outcome, third.status, third.model) == ("unknown_model", 404, "nobody/x")
    assert first.at <= second.at <= third.at
    assert len({first.run, second.run, third.run}) == 1


async def test_two_routers_never_share_a_folder(tmp_path: Path) -> None:
    async with keeping(tmp_path) as (running, _):
        other = Books(tmp_path / "data", running.gateway)
        with pytest.raises(ConfigFault, match="in use by another router"):
            other.open({})
    async with keeping(tmp_path):
        pass


async def test_a_url_that_cannot_be_meant_is_said_before_anything_begins(tmp_path: Path) -> None:
    with pytest.raises(ConfigFault, match="PG_PASSWORD is not set"):
        async with keeping(tmp_path, '[store]\nurl = "postgresql://u:${PG_PASSWORD}@h/d"'):
            pass
    assert not (tmp_path / "data").exists()


async def test_bodies_are_kept_from_when_they_are_wanted(tmp_path: Path) -> None:
    async with keeping(tmp_path) as (running, books):
        await running.post("/v1/chat/completions", ASK)
        config = replace(running.config, store=StoreSettings(bodies=True))
        running.gateway.world = World(config, {}, tuple)
        books.take_up()
        await running.post("/v1/chat/completions", ASK)
        running.gateway.world = World(running.config, {}, tuple)
        books.take_up()
        await running.post("/v1/chat/completions", ASK)
    location = locate("", tmp_path / "data", {})
    _, second, _ = await rows(location)
    database = await Database.open(location)
    async with database.connect() as connection:
        [row] = await connection.execute(select(bodies))
    await database.close()
    said = unpack(row.content)
    assert row.id == second.id
    assert b"Hi" in said.request
    assert b"Hello" in said.answer


async def test_health_says_how_the_ledger_is(tmp_path: Path) -> None:
    async with keeping(tmp_path) as (running, books):
        running.health.ledger = books.health
        assert running.health.report().parts["ledger"].status == "idle"
        await running.post("/v1/chat/completions", ASK)
        running.journal.flush()
        async with asyncio.timeout(20):
            while books.ledger.written == 0:
                await asyncio.sleep(0.02)
        assert running.health.report().parts["ledger"].status == "ok"
        running.gateway.world = World(replace(running.config, store=StoreSettings(enabled=False)), {}, tuple)
        assert running.health.report().parts["ledger"].status == "off"


async def test_a_ledger_that_cannot_be_written_is_told_and_slows_nobody(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "landbridge.db").mkdir()
    async with keeping(tmp_path) as (running, books):
        running.health.ledger = books.health
        assert (await running.post("/v1/chat/completions", ASK)).status == 200
        running.journal.flush()
        async with asyncio.timeout(20):
            while books.ledger.fault is None:
                await asyncio.sleep(0.02)
        assert (await running.post("/v1/chat/completions", ASK)).status == 200
        part = running.health.report().parts["ledger"]
        assert part.status == "failed"
        assert "cannot be used" in part.detail
        assert "records wait" in part.detail
        figures = dict(books.figures())
        assert figures["landbridge_ledger_waiting"] >= 1
        assert set(figures) <= set(STANDING)
        assert part.remedy
        (tmp_path / "data" / "landbridge.db").rmdir()
    assert len(await rows(locate("", tmp_path / "data", {}))) == 2


async def test_a_killed_router_s_losses_are_told_by_the_next_one(tmp_path: Path) -> None:
    async with keeping(tmp_path) as (running, books):
        await running.post("/v1/chat/completions", ASK)
        tally = tmp_path / "data" / "ledger" / books.ledger.tally.run
        content = tally.read_bytes()
    # As a kill leaves it: one more was counted than written, and nobody noted the end.
    tally.write_bytes(bytes([content[0] + 1]) + content[1:])
    file = sqlite3.connect(tmp_path / "data" / "landbridge.db")
    file.execute("UPDATE runs SET ended = NULL")
    file.commit()
    file.close()
    async with keeping(tmp_path) as (running, _):
        await running.post("/v1/chat/completions", ASK)
    database = await Database.open(locate("", tmp_path / "data", {}))
    async with database.connect() as connection:
        killed, clean = await connection.execute(select(runs).order_by(runs.c.started))
    await database.close()
    assert (killed.killed, killed.written, killed.lost) == (True, 1, 1)
    assert (clean.killed, clean.written, clean.lost) == (False, 1, 0)
    assert not tally.exists()
