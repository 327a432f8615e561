"""The table of keys, in both databases: made, found, changed, ended, and what they have spent."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from landbridge.access.budget import name_of
from landbridge.access.grant import Grant
from landbridge.access.keys import Keys, Used
from landbridge.access.known import changed_file
from landbridge.access.secret import id_of, matches
from landbridge.errors import ConfigFault
from landbridge.store.database import Database
from landbridge.store.location import Location
from landbridge.store.tables import requests
from tests.store.rows import PLAIN

pytestmark = [pytest.mark.io, pytest.mark.anyio]

NOON = 1_795_694_400.0


@pytest.fixture
async def keys(location: Location) -> AsyncIterator[Keys]:
    keys = await Keys.open(location)
    yield keys
    await keys.close()


def grant(name: str, **more: object) -> Grant:
    return Grant(id="", name=name, created=NOON, **more)  # type: ignore[arg-type]


async def test_a_key_from_its_making_to_its_end(keys: Keys, location: Location, tmp_path: Path) -> None:
    made, key = await keys.create(
        grant("ann", models=("lab/*", "smollm2"), rpm=3, tpm=500, budget=2_000_000, per="month", expires=NOON + 9)
    )
    (known,) = await keys.all()
    assert (known.grant, id_of(key.encode()), known.used) == (made, made.id, None)
    assert matches(key.encode(), known.hash)
    assert key not in known.hash
    if location.path is not None:
        for path in tmp_path.iterdir():
            assert key.encode() not in path.read_bytes()
            assert stat.S_IMODE(path.stat().st_mode) == 0o600

    again = await keys.rotate(made)
    (known,) = await keys.all()
    assert known.grant == made
    assert matches(again.encode(), known.hash)
    assert not matches(key.encode(), known.hash)

    await keys.revoke(made, NOON + 5)
    assert (await keys.find("ann")).revoked == NOON + 5
    await keys.remove(made)
    assert await keys.all() == []


async def test_they_are_found_by_id_and_by_name(keys: Keys) -> None:
    ann, _ = await keys.create(grant("ann"))
    assert await keys.find("ann") == await keys.find(ann.id) == ann
    with pytest.raises(ConfigFault) as caught:
        await keys.find("bob")
    assert caught.value.text == "There is no key 'bob'. There are: ann."
    with pytest.raises(ConfigFault, match="There is a key 'ann' already"):
        await keys.create(grant("ann"))
    with pytest.raises(ConfigFault, match="already"):
        await keys.create(grant(ann.id))  # an id for a name: nobody could tell which is meant
    await keys.revoke(ann, NOON)
    other, _ = await keys.create(grant("ann"))
    assert await keys.find("ann") == other
    assert (await keys.find(ann.id)).revoked == NOON
    await keys.revoke(other, NOON)
    assert (await keys.find("ann")).id in (ann.id, other.id)


async def test_what_a_key_may_do_is_changed(keys: Keys) -> None:
    ann, _ = await keys.create(grant("ann"))
    await keys.create(grant("bob"))
    changed = Grant(id=ann.id, name="anna", created=NOON, models=("m",), budget=0, per="day")
    await keys.change(changed)
    assert await keys.find("anna") == changed
    with pytest.raises(ConfigFault, match="There is a key 'bob' already"):
        await keys.change(Grant(id=ann.id, name="bob", created=NOON))


async def test_each_change_is_told(keys: Keys, location: Location) -> None:
    path = changed_file(location)
    ann, _ = await keys.create(grant("ann"))
    if path is None:
        return
    told = {path.read_text()}
    await keys.rotate(ann)
    told.add(path.read_text())
    await keys.revoke(ann, NOON)
    told.add(path.read_text())
    await keys.remove(ann)
    told.add(path.read_text())
    assert len(told) == 4


async def test_what_was_spent_adds_up(keys: Keys, location: Location) -> None:
    ann, _ = await keys.create(grant("ann", budget=100, per="day"))
    bob, _ = await keys.create(grant("bob"))
    period = name_of("day", NOON)
    await keys.write({(ann.id, period): 30}, {ann.id: NOON}, NOON)
    await keys.write({(ann.id, period): 12, (ann.id, "2020-01-01"): 5}, {}, NOON)
    assert await keys.spent([ann, bob], NOON) == {(ann.id, period): 42}
    assert await keys.written(NOON) == {(ann.id, period): 42}
    assert [known.used for known in await keys.all() if known.grant == ann] == [NOON]
    database = await Database.open(location)
    async with database.begin() as connection:
        yesterday = NOON - 2 * 86_400
        for number, (at, cost) in enumerate([(yesterday, 1000), (NOON, 40), (NOON + 1, 20), (NOON + 2, None)]):
            values = {**PLAIN, "id": f"r{number}", "key": ann.id, "at": at, "cost": cost}
            await connection.execute(requests.insert().values(values))
    await database.close()
    used = await keys.used([ann, bob], NOON)
    assert used == {ann.id: Used(requests=3, spent=60, unpriced=1, last=NOON + 2), bob.id: Used()}
