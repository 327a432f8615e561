"""How an engine stands, seen from outside, at every point of its life."""

from __future__ import annotations

import asyncio
import time

import pytest

from landbridge.config import ModelSettings
from landbridge.engines.eviction import LATELY
from landbridge.engines.states import State
from tests.engines.bench import MEGABYTE, Bench, hold, state, until, use

pytestmark = [pytest.mark.io, pytest.mark.anyio]


async def test_loading_working_idle_leaving_gone(bench: Bench) -> None:
    bench.put("m", "--load-seconds 0.2", memory=3 * MEGABYTE)
    done = asyncio.Event()

    async with bench.open() as keeper, asyncio.timeout(10):
        assert keeper.tenants() == []
        holder = asyncio.ensure_future(hold(keeper, "m", done))
        await until(lambda: bool(keeper.tenants()))
        assert [(each.name, each.memory, each.standing) for each in keeper.tenants()] == [
            ("m", 3 * MEGABYTE, "loading")
        ]
        await until(lambda: state(keeper) is State.READY)
        (working,) = keeper.tenants()
        assert working.standing == "working"
        assert working.served == pytest.approx(asyncio.get_running_loop().time(), abs=1.0)
        unloading = asyncio.ensure_future(keeper.unload("m"))
        await until(lambda: keeper.tenants()[0].standing == "leaving")
        done.set()
        await asyncio.gather(holder, unloading)
        assert keeper.tenants() == []
        await use(keeper)
        await until(lambda: keeper.tenants()[0].standing == "idle")


async def test_only_the_foreground_counts_as_served(bench: Bench) -> None:
    async with bench.open() as keeper:
        async with keeper.lease("m", background=True):
            assert keeper.tenants()[0].served is None
        await use(keeper)
        served = keeper.tenants()[0].served
        assert served is not None
        assert asyncio.get_running_loop().time() - served < LATELY


async def test_people_are_told_in_their_own_time(bench: Bench) -> None:
    bench.set(models={"m": ModelSettings(idle_unload="60s", slots=2)})
    async with bench.open() as keeper:
        async with keeper.lease("m"):
            info = keeper.info("m")
            assert (info.slots, info.window, info.busy, info.planned) == (2, 2048, 1, MEGABYTE)
            assert info.unload_at is None, "it works"
        await until(lambda: keeper.info("m").busy == 0)
        info = keeper.info("m")
        assert info.used == pytest.approx(time.time(), abs=2.0)
        assert info.unload_at == pytest.approx(info.used + 60, abs=0.5)
        assert await keeper.unload("m")
        assert (keeper.info("m").pid, keeper.info("m").memory, keeper.info("m").planned) == (None, 0, 0)
