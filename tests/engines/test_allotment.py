"""Memory in the order it was asked for: who gets it, who steps aside for it, who is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from landbridge.engines import allotment as module
from landbridge.engines.allotment import Allotment
from landbridge.engines.backing import NobodyWaits
from landbridge.engines.eviction import Tenant
from landbridge.engines.room import Room
from landbridge.errors import NoMemory
from tests.engines.bench import Plan, refusal, until

pytestmark = pytest.mark.anyio

LIMIT = 10


def needs(memory: int) -> Callable[[int], Plan]:
    def plan(free: int) -> Plan:
        if memory > free:
            raise NoMemory(f"needs {memory}, {free} are free")
        return Plan(context=1, threads=1, batch=1, gpu_layers=0, memory=memory)

    return plan


class House:
    """Engines as the test says."""

    def __init__(self, limit: int | None = LIMIT) -> None:
        self.there: dict[str, Tenant] = {}
        self.gone: set[str] = set()
        """Who waits for nothing any more."""
        self.quiet: set[str] = set()
        self.going: set[str] = set()
        self.room = Room(lambda: limit)
        self.allotment = Allotment(self.room, self)

    def add(self, tenant: Tenant) -> None:
        self.room.reserve(tenant.name, tenant.memory)
        self.there[tenant.name] = tenant

    def end(self, name: str) -> None:
        del self.there[name]
        self.room.release(name)
        self.allotment.settle()

    def take(self, name: str, memory: int) -> asyncio.Future[Plan]:
        return asyncio.ensure_future(self.allotment.take(name, needs(memory)))

    def tenants(self) -> list[Tenant]:
        return list(self.there.values())

    def wanted(self, name: str) -> bool:
        return name not in self.gone

    def background(self, name: str) -> bool:
        return name in self.quiet

    def make_way(self, names: set[str]) -> None:
        self.going = names


async def waiting(house: House, *names: str) -> None:
    await until(lambda: house.allotment.wanting == names)


async def test_what_fits_is_given_at_once_and_nobody_has_to_go() -> None:
    house = House()
    assert (await house.take("a", 4)).memory == 4
    assert (house.room.free(), house.going, house.allotment.wanting) == (6, set(), ())


async def test_first_come_first_served_and_later_ones_get_what_is_left() -> None:
    house = House()
    house.add(Tenant("busy", 8, "working", 1.0))
    first, second, small = house.take("first", 9), house.take("second", 9), house.take("small", 1)
    assert (await small).memory == 1, "the first needs all but that, and gets it in the end"
    await waiting(house, "first", "second")
    assert house.going == {"busy"}
    house.end("busy")
    assert (await first).memory == 9
    house.add(Tenant("first", 9, "working", 2.0))
    house.allotment.settle()
    assert house.going == {"first"}
    house.end("first")
    assert (await second).memory == 9


async def test_who_gives_up_lets_the_others_stay() -> None:
    house = House()
    house.add(Tenant("busy", 8, "working", 1.0))
    wish = house.take("a", 5)
    await waiting(house, "a")
    assert house.going == {"busy"}
    wish.cancel()
    await waiting(house)
    assert house.going == set()


async def test_a_model_nobody_waits_for_any_more_is_not_loaded() -> None:
    house = House()
    house.add(Tenant("busy", 8, "working", 1.0))
    wish = house.take("a", 5)
    await waiting(house, "a")
    house.gone.add("a")
    house.allotment.settle()
    assert isinstance(await refusal(wish), NobodyWaits)
    assert house.going == set()


async def test_what_can_never_fit_is_refused_at_once_and_says_who_is_pinned() -> None:
    house = House()
    house.add(Tenant("kept", 4, "idle", 1.0, pinned=True))
    house.add(Tenant("busy", 4, "working", 1.0))
    fault = await refusal(house.take("a", 7))
    assert isinstance(fault, NoMemory)
    assert fault.message == "needs 7, 6 are free"
    assert "kept is pinned: landbridge unpin NAME." in fault.remedy


async def test_a_plan_with_a_defect_is_its_own_models_fault() -> None:
    def broken(free: int) -> Plan:
        raise ZeroDivisionError

    house = House()
    house.add(Tenant("busy", 8, "working", 1.0))
    other = house.take("other", 5)
    assert isinstance(await refusal(house.allotment.take("a", broken)), ZeroDivisionError)
    house.end("busy")
    assert (await other).memory == 5


async def test_the_background_comes_last_and_takes_nothing_of_the_foreground(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    house, now = House(), asyncio.get_running_loop().time()
    house.quiet.add("small")
    house.add(Tenant("main", 8, "idle", now, served=now))
    small = house.take("small", 5)
    await waiting(house, "small")
    assert house.going == set()
    big = house.take("big", 9)
    await waiting(house, "small", "big")
    assert house.going == {"main"}, "the other one may"
    big.cancel()
    fault = await refusal(small)
    assert isinstance(fault, NoMemory)
    assert "main would have to go for it, and was used lately" in fault.message
    assert "alias" in fault.remedy


async def test_the_background_that_would_not_fit_at_all_does_not_wait() -> None:
    house = House()
    house.quiet.add("small")
    async with asyncio.timeout(1):
        assert isinstance(await refusal(house.take("small", 11)), NoMemory)


async def test_a_background_model_that_somebody_else_wants_too_is_in_the_foreground() -> None:
    house, now = House(), asyncio.get_running_loop().time()
    house.quiet.add("small")
    house.add(Tenant("main", 8, "working", now, served=now))
    small = house.take("small", 5)
    await waiting(house, "small")
    house.quiet.clear()
    house.allotment.settle()
    assert house.going == {"main"}
    house.end("main")
    assert (await small).memory == 5


async def test_p93_memory_that_comes_back_late_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU's memory is free some time after its process is gone; the room says when."""
    free = [2 + 5]
    monkeypatch.setattr("landbridge.engines.room.available", lambda: free[0])
    monkeypatch.setattr("landbridge.engines.room.RESERVE", 0)
    house = House(limit=None)
    house.room.reserve("old", 5)  # and taken: what is free is 2
    house.there["old"] = Tenant("old", 5, "idle", 1.0)
    assert house.room.free() == 2
    new = house.take("new", 6)
    await waiting(house, "new")
    assert house.going == {"old"}
    house.room.leaving("old")
    free[0] = 2
    house.end("old")
    await asyncio.sleep(0.1)
    assert not new.done(), "the process is gone, and its memory is not back"
    free[0] = 7
    assert (await new).memory == 6


async def test_p93_memory_that_never_comes_back_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbridge.engines.room.available", lambda: 7)
    monkeypatch.setattr("landbridge.engines.room.RESERVE", 0)
    monkeypatch.setattr("landbridge.engines.room.RETURN_WITHIN", 0.2)
    house = House(limit=None)
    house.room.reserve("old", 5)
    house.there["old"] = Tenant("old", 5, "idle", 1.0)
    new = house.take("new", 6)
    await waiting(house, "new")
    house.room.leaving("old")
    monkeypatch.setattr("landbridge.engines.room.available", lambda: 2)
    house.end("old")
    async with asyncio.timeout(2):
        assert str(await refusal(new)) == "needs 6, 2 are free"
