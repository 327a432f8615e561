"""Connections nobody uses: given out again, the last used first, until they are old or lost."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from landbridge.upstream import pool as pool_module
from landbridge.upstream.connection import Connection, Key
from landbridge.upstream.pool import Pool

from .conftest import OK, REQUEST, Peer, Script, always, once, serving, until

pytestmark = [pytest.mark.anyio, pytest.mark.io]


@asynccontextmanager
async def pooling() -> AsyncIterator[Pool]:
    pool = Pool()
    try:
        yield pool
    finally:
        pool.close()
        await asyncio.sleep(0.01)


async def made(pool: Pool, script: Script, key: Key) -> Connection:
    connection = pool.new(key)
    await asyncio.get_running_loop().create_connection(lambda: connection, "127.0.0.1", script.port)
    return connection


async def used(connection: Connection) -> Connection:
    """A connection after an exchange that nobody has closed yet."""
    connection.send(REQUEST, b"{}", 5.0)
    await connection.head()
    while await connection.piece():
        pass
    return connection


HERE: Key = ("127.0.0.1", 1, False)
THERE: Key = ("127.0.0.1", 2, False)


async def test_each_place_has_its_own_and_the_last_used_comes_first() -> None:
    async with serving(always(OK)) as script, pooling() as pool:
        first, second, other = [await used(await made(pool, script, key)) for key in (HERE, HERE, THERE)]
        for connection in (first, second, other):
            connection.release()
        assert pool.take(HERE) is second
        assert pool.take(HERE) is first
        assert pool.take(HERE) is None
        assert pool.take(THERE) is other


async def test_one_that_the_server_has_closed_is_not_given() -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)

    async with serving(play) as script, pooling() as pool:
        connection = await used(await made(pool, script, HERE))
        connection.release()
        await until(lambda: not connection.usable)
        assert pool.take(HERE) is None


async def test_one_that_is_lost_is_forgotten() -> None:
    """Also if nobody ever asks for that place again."""
    async with serving(once(OK)) as script, pooling() as pool:
        connection = await used(await made(pool, script, HERE))
        connection.release()
        known = weakref.ref(connection)
        del connection
        await script.left()
        await asyncio.sleep(0.05)
        gc.collect()
        assert known() is None


async def test_one_that_cannot_be_used_again_is_closed_instead_of_kept() -> None:
    async def play(peer: Peer) -> None:
        await peer.head()
        await peer.send(OK)
        await peer.gone()

    async with serving(play) as script, pooling() as pool:
        connection = await made(pool, script, HERE)
        connection.send(b"POST / HTTP/1.1\r\ncontent-length: 50000000\r\n\r\n", bytes(50_000_000), 5.0)
        await connection.head()
        connection.release()
        assert pool.take(HERE) is None
        await script.left()


async def test_unused_ones_grow_old_and_used_ones_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "KEEPALIVE", 0.1)
    async with serving(always(OK)) as script, pooling() as pool:
        busy, idle = [await used(await made(pool, script, HERE)) for _ in range(2)]
        idle.release()
        await until(lambda: script.open == 1)
        assert pool.take(HERE) is None
        busy.release()
        assert pool.take(HERE) is busy
        await asyncio.sleep(0.3)
        assert busy.usable, "one that was taken is nobody's to close"


async def test_closing_ends_all_used_or_not_also_those_that_are_being_made() -> None:
    async with serving(always(OK)) as script:
        pool = Pool()
        idle, busy = [await used(await made(pool, script, HERE)) for _ in range(2)]
        idle.release()
        making = asyncio.ensure_future(made(pool, script, HERE))
        await asyncio.sleep(0)
        pool.close()
        await making
        await script.left()
        assert not busy.usable
        assert pool.take(HERE) is None
