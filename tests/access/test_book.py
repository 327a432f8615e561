"""The keys of a running router: in step with the database in a moment, and as they were while that is gone."""

from __future__ import annotations

import logging
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from landbridge.access.book import Book
from landbridge.access.budget import MICRO
from landbridge.access.grant import Grant
from landbridge.access.keys import Keys
from landbridge.access.known import FILE, OWN_KEY, OWNER, own_key, read_copy
from landbridge.errors import BudgetSpent, Unauthorized
from landbridge.store.location import Location, locate
from tests.fakes.postgres import Postgres

pytestmark = [pytest.mark.io, pytest.mark.anyio]


class Record(Struct):
    key: str
    at: float = 5.0


@asynccontextmanager
async def started(location: Location, folder: Path) -> AsyncIterator[Book]:
    book = Book(folder)
    await book.start(location)
    try:
        yield book
    finally:
        await book.close()


@asynccontextmanager
async def opened(location: Location) -> AsyncIterator[Keys]:
    keys = await Keys.open(location)
    try:
        yield keys
    finally:
        await keys.close()


def ann(**more: Any) -> Grant:
    return Grant(id="", name="ann", created=1.0, **more)


def known(book: Book, key: str) -> str:
    """The name of a key, or why it is refused."""
    try:
        return book.grant_of(key.encode()).name
    except Unauthorized as error:
        return error.message


def count(book: Book) -> int:
    return len(book._known)


async def test_changes_are_seen_at_the_next_look(location: Location, tmp_path: Path) -> None:
    async with opened(location) as keys, started(location, tmp_path) as book:
        assert count(book) == 0
        made, key = await keys.create(ann())
        await book.look()
        assert count(book) == 1
        assert known(book, key) == "ann"
        version = book.version
        await book.look()
        assert book.version == version
        again = await keys.rotate(made)
        await book.look()
        assert book.version > version
        assert known(book, key) == "landbridge does not know this key."
        assert known(book, again) == "ann"
        await keys.revoke(made, 5.0)
        await book.look()
        assert known(book, again) == "The key 'ann' was revoked."
        assert count(book) == 1
        await keys.remove(made)
        await book.look()
        assert count(book) == 0
        assert read_copy(tmp_path) == []


async def test_keys_are_there_at_the_start(location: Location, tmp_path: Path) -> None:
    async with opened(location) as keys:
        _, key = await keys.create(ann())
    async with started(location, tmp_path) as book:
        assert known(book, key) == "ann"
        assert book.fault == ""
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert key not in (tmp_path / FILE).read_text()


async def test_what_was_spent_is_known_after_a_start(location: Location, tmp_path: Path) -> None:
    async with opened(location) as keys:
        made, _ = await keys.create(ann(budget=MICRO, per="month"))
        free, _ = await keys.create(Grant(id="", name="free"))
    async with started(location, tmp_path) as book:
        book.note([Record(made.id), Record(free.id), Record(""), Record("?")])
        book.spending.add(made, book.clock.now(), MICRO - 1)
        book.spending.check(made, book.clock.now())
    async with started(location, tmp_path) as book:
        assert book.spending.of(made, book.clock.now()) == MICRO - 1
        book.spending.add(made, book.clock.now(), 1)
        with pytest.raises(BudgetSpent):
            book.spending.check(made, book.clock.now())
    async with opened(location) as keys:
        used = {each.grant.name: each.used for each in await keys.all()}
        assert used == {"ann": 5.0, "free": 5.0}


async def test_routers_that_share_a_database_know_what_the_others_spent(tmp_path: Path, postgres: Postgres) -> None:
    location = locate(postgres.create(), tmp_path, {})
    (tmp_path / "other").mkdir()
    async with opened(location) as keys:
        made, _ = await keys.create(ann(budget=MICRO, per="day"))
    async with started(location, tmp_path) as one, started(location, tmp_path / "other") as other:
        now = one.clock.now()
        for book, micro in ((one, 300), (other, 500)):
            book.spending.add(made, now, micro)
            await book.look()
        for book in (one, other):
            await book.look()
        assert one.spending.of(made, now) == other.spending.of(made, now) == 800


async def test_the_routers_own_key(tmp_path: Path) -> None:
    location = locate("", tmp_path, {})
    assert own_key(tmp_path) == ""
    async with started(location, tmp_path) as book:
        key = own_key(tmp_path)
        grant = book.grant_of(key.encode())
        assert (grant.id, grant.owner, book.any) == (OWNER, True, False)
        book.note([Record(OWNER)])
        assert stat.S_IMODE((tmp_path / OWN_KEY).stat().st_mode) == 0o600
    async with started(location, tmp_path):
        assert own_key(tmp_path) == key  # programs that were started with it go on
    (tmp_path / OWN_KEY).write_text("broken")
    async with started(location, tmp_path) as book:
        assert known(book, own_key(tmp_path)) == "this machine"


async def test_no_keys_no_database(tmp_path: Path) -> None:
    location = locate("", tmp_path, {})
    async with started(location, tmp_path) as book:
        await book.look()
        assert book._keys is None
    assert location.path is not None
    assert not location.path.exists()


async def test_a_broken_ledger_leaves_the_keys_as_they_were(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    location = locate("", tmp_path, {})
    assert location.path is not None
    async with opened(location) as keys:
        _, key = await keys.create(ann())
    async with started(location, tmp_path):
        whole = location.path.read_bytes()
    for path in tmp_path.glob("landbridge.db*"):
        if path.suffix != ".keys":
            path.unlink()
    location.path.write_bytes(b"no database " * 400)
    async with started(location, tmp_path) as book:
        assert known(book, key) == "ann"
        assert "cannot be read" in book.fault
        assert "keys stay as they are" in caplog.text
        location.path.write_bytes(whole)
        with caplog.at_level(logging.WARNING):
            await book.look()
        assert book.fault == ""
        assert "in step with the database again" in caplog.text
        assert known(book, key) == "ann"


async def test_a_ledger_that_is_gone_has_no_keys(tmp_path: Path) -> None:
    location = locate("", tmp_path, {})
    async with opened(location) as keys:
        await keys.create(ann())
    async with started(location, tmp_path):
        pass
    for path in tmp_path.glob("landbridge.db*"):
        path.unlink()
    async with started(location, tmp_path) as book:
        assert not book.any
    assert not (tmp_path / FILE).exists()


async def test_a_shared_database_that_is_gone_for_a_while(tmp_path: Path, postgres: Postgres) -> None:
    location = locate(postgres.create(), tmp_path, {})
    async with opened(location) as keys:
        made, key = await keys.create(ann(budget=MICRO))
    async with started(location, tmp_path) as book:
        postgres.stop()
        try:
            await book.look()
            assert book.fault
            assert known(book, key) == "ann"
            book.note([Record(made.id)])
            book.spending.add(made, book.clock.now(), 250)
            async with started(location, tmp_path) as other:  # a start without it
                assert known(other, key) == "ann"
        finally:
            postgres.start()
        await book.look()
        await book.look()
        assert book.fault == ""
    async with opened(location) as keys:
        assert sum((await keys.spent([made], 5.0)).values()) == 250
