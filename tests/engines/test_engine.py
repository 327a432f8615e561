"""The owner of one engine over real processes: turns, crashes, pauses, unloading. Tests have the trouble's name."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress

import aiohttp
import msgspec
import pytest

from landbridge.config import ModelSettings
from landbridge.engines.keeper import Keeper
from landbridge.engines.states import State
from landbridge.errors import ConfigFault, Crashed, RateLimited, StartFailed
from tests.engines.bench import HELLO, MEGABYTE, Bench, generate, hold, state, until, until_gone, use

pytestmark = [pytest.mark.io, pytest.mark.anyio]


# -- waiting -----------------------------------------------------------------------------------------------------------


async def test_p92_two_waiters_for_a_loading_model_are_both_served_by_one_process(bench: Bench) -> None:
    bench.put("m", "--load-seconds 0.3")
    done = asyncio.Event()
    done.set()
    async with bench.open() as keeper, asyncio.timeout(5):
        await asyncio.gather(*(hold(keeper, "m", done) for _ in range(4)))
    assert len(bench.pids("m")) == 1


async def test_p92_waiters_of_a_failed_start_all_get_its_reason(bench: Bench) -> None:
    bench.put("m", "--crash-at-load --load-seconds 0.2")
    async with bench.open() as keeper, asyncio.timeout(5):
        outcomes = await asyncio.gather(*(hold(keeper, "m", asyncio.Event()) for _ in range(3)), return_exceptions=True)
    for outcome in outcomes:
        assert isinstance(outcome, StartFailed)
        assert "exit code 1" in outcome.message
        assert "the fake was told to fail" in outcome.message
        assert outcome.origin == "engine:m"


async def test_one_at_a_time_in_order(bench: Bench) -> None:
    order: list[int] = []

    async def work(keeper: Keeper, number: int) -> None:
        async with keeper.lease("m"):
            order.append(number)
            assert keeper.snapshot()[0].busy == 1
            await asyncio.sleep(0.01)

    async with bench.open() as keeper, asyncio.TaskGroup() as group:
        for number in range(6):
            group.create_task(work(keeper, number))
    assert order == list(range(6))


async def test_as_many_at_once_as_there_are_slots(bench: Bench) -> None:
    bench.set(models={"m": ModelSettings(slots=2)})
    async with bench.open() as keeper, keeper.lease("m") as one, keeper.lease("m"):
        assert (one.slots, one.window) == (2, 2048)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1), keeper.lease("m"):
                pass


async def test_counting_does_not_wait_for_a_slot(bench: Bench) -> None:
    async with bench.open() as keeper, keeper.lease("m"), keeper.lease("m", light=True) as counting:
        assert await counting.count(msgspec.json.encode(HELLO)) == 5


async def test_p90_a_full_queue_is_said_at_once_with_a_time_to_come_again(bench: Bench) -> None:
    bench.set(max_queue=1)
    done = asyncio.Event()
    async with bench.open() as keeper, keeper.lease("m"), asyncio.TaskGroup() as group:
        waiter = group.create_task(hold(keeper, "m", done))
        await until(lambda: keeper.snapshot()[0].waiting == 1)
        with pytest.raises(RateLimited, match="1 requests wait") as caught:
            async with asyncio.timeout(0.5), keeper.lease("m"):
                pass
        assert caught.value.retry_after is not None
        waiter.cancel()


async def test_p86_a_waiter_who_leaves_stops_no_load_and_takes_no_turn(bench: Bench) -> None:
    bench.put("m", "--load-seconds 0.3")
    done = asyncio.Event()
    done.set()
    async with bench.open() as keeper, asyncio.timeout(5):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1), keeper.lease("m"):
                pass
        async with keeper.lease("m"):
            (info,) = keeper.snapshot()
            assert (info.busy, info.waiting) == (1, 0)
    assert len(bench.pids("m")) == 1


async def test_p86_cancelled_in_the_moment_of_its_turn_the_next_one_is_served(bench: Bench) -> None:
    async with bench.open() as keeper, asyncio.timeout(5):
        async with keeper.lease("m"):
            one = asyncio.ensure_future(hold(keeper, "m", asyncio.Event()))
            got, done = asyncio.Event(), asyncio.Event()
            two = asyncio.ensure_future(hold(keeper, "m", done, got))
            await until(lambda: keeper.snapshot()[0].waiting == 2)
        for _ in range(3):
            await asyncio.sleep(0)
        one.cancel()
        await got.wait()
        done.set()
        await two
        with suppress(asyncio.CancelledError):
            await one


# -- crashes -----------------------------------------------------------------------------------------------------------


async def test_a_crash_is_told_with_its_signal_and_the_next_lease_works(bench: Bench) -> None:
    once = bench.folder / "crashed"
    bench.put("m", f"--crash-after 2 --crash-once {once}")
    async with bench.open() as keeper:
        async with keeper.lease("m") as lease:
            with pytest.raises(aiohttp.ClientError):
                await generate(lease)
            fault = await lease.post_mortem()
            assert isinstance(fault, Crashed)
            assert "signal SIGKILL" in fault.message
            assert fault == lease.fault()
        async with keeper.lease("m") as lease:
            assert "[DONE]" in await generate(lease)
        assert "SIGKILL" in keeper.snapshot()[0].last_fault
    assert len(bench.pids("m")) == 2


async def test_those_who_wait_when_it_crashes_get_the_next_engine(bench: Bench) -> None:
    once = bench.folder / "crashed"
    bench.put("m", f"--crash-after 2 --crash-once {once}")
    done = asyncio.Event()
    done.set()
    async with bench.open() as keeper, asyncio.timeout(5), asyncio.TaskGroup() as group, keeper.lease("m") as lease:
        group.create_task(hold(keeper, "m", done))
        with pytest.raises(aiohttp.ClientError):
            await generate(lease)
    assert len(bench.pids("m")) == 2


async def crash_until_it_fails(keeper: Keeper, times: int) -> StartFailed:
    for _ in range(times):
        with pytest.raises(StartFailed, match="did not start"):
            await use(keeper)
    with pytest.raises(StartFailed, match=f"failed {times} times in a row") as caught:
        await use(keeper)
    return caught.value


async def test_after_too_many_crashes_it_is_not_started_until_the_file_changes(bench: Bench) -> None:
    bench.set(max_restarts=2)
    bench.put("m", "--crash-at-load")
    async with bench.open() as keeper:
        fault = await crash_until_it_fails(keeper, 2)
        assert "the fake was told to fail" in fault.message
        assert fault.retry_after is not None
        assert state(keeper) is State.FAILED
        bench.put("m")
        async with keeper.lease("m") as lease:
            assert lease.fault() is None


async def test_after_too_many_crashes_changed_settings_forgive(bench: Bench) -> None:
    bench.set(max_restarts=1)
    bench.put("m", "--crash-at-load")
    async with bench.open() as keeper:
        await crash_until_it_fails(keeper, 1)
        bench.set(models={"m": ModelSettings(context=100)}, max_restarts=1)
        await crash_until_it_fails(keeper, 1)


async def test_after_too_many_crashes_some_minutes_forgive(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbridge.engines.strikes.FORGIVEN_AFTER", 0.2)
    bench.set(max_restarts=1)
    bench.put("m", "--crash-at-load")
    async with bench.open() as keeper:
        await crash_until_it_fails(keeper, 1)
        await until(lambda: state(keeper) is State.STOPPED)


async def test_a_request_that_always_kills_the_engine_is_not_forgiven_by_its_own_lease(bench: Bench) -> None:
    bench.set(max_restarts=2)
    bench.put("m", "--crash-after 0")
    async with bench.open() as keeper:
        for _ in range(2):
            async with keeper.lease("m") as lease:
                with pytest.raises(aiohttp.ClientError):
                    await generate(lease)
        with pytest.raises(StartFailed, match="2 times in a row"):
            await use(keeper)


async def test_p88_who_leaves_in_the_pause_after_a_crash_is_gone_at_once_and_nothing_is_started_for_him(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landbridge.engines.strikes.FIRST_REST", 0.6)
    bench.put("m", "--crash-after 0")
    async with bench.open() as keeper:
        async with keeper.lease("m") as lease:
            with pytest.raises(aiohttp.ClientError):
                await generate(lease)
            await lease.post_mortem()
        await until(lambda: state(keeper) is State.RESTING)
        waiters = [asyncio.ensure_future(use(keeper)) for _ in range(3)]
        await until(lambda: keeper.snapshot()[0].waiting == 3)
        for waiter in waiters:
            waiter.cancel()
        async with asyncio.timeout(0.2):
            await asyncio.gather(*waiters, return_exceptions=True)
            await until(lambda: keeper.snapshot()[0].waiting == 0)
        assert state(keeper) is State.RESTING
        await until(lambda: state(keeper) is State.STOPPED)
        await asyncio.sleep(0.1)
        assert state(keeper) is State.STOPPED
    assert len(bench.pids()) == 1


async def test_p88_who_stays_in_the_pause_after_a_crash_is_served_after_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landbridge.engines.strikes.FIRST_REST", 0.3)
    bench.put("m", f"--crash-after 0 --crash-once {bench.folder / 'crashed'}")
    async with bench.open() as keeper:
        async with keeper.lease("m") as lease:
            with pytest.raises(aiohttp.ClientError):
                await generate(lease)
            await lease.post_mortem()
        leaving, staying = asyncio.ensure_future(use(keeper)), asyncio.ensure_future(use(keeper))
        await until(lambda: keeper.snapshot()[0].waiting == 2)
        leaving.cancel()
        async with asyncio.timeout(5):
            await staying
        assert leaving.cancelled()
    assert len(bench.pids()) == 2


async def test_p88_stopping_does_not_wait_for_a_pause_to_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbridge.engines.strikes.FIRST_REST", 60.0)
    bench.put("m", "--crash-at-load")
    async with bench.open() as keeper:
        with pytest.raises(StartFailed):
            await use(keeper)
        waiter = asyncio.ensure_future(use(keeper))
        await until(lambda: keeper.snapshot()[0].waiting == 1)
        async with asyncio.timeout(1.0):
            await keeper.close()
            with pytest.raises(StartFailed, match="being stopped"):
                await waiter


# -- unloading ---------------------------------------------------------------------------------------------------------


async def test_an_idle_engine_is_unloaded_and_comes_back(bench: Bench) -> None:
    bench.set(models={"m": ModelSettings(idle_unload="0.2s")})
    async with bench.open() as keeper:
        async with keeper.lease("m"):
            await asyncio.sleep(0.4)
            assert state(keeper) is State.READY
        await until(lambda: state(keeper) is State.STOPPED)
        await use(keeper)
    assert len(bench.pids("m")) == 2


async def test_changed_settings_drain_then_swap(bench: Bench) -> None:
    async with bench.open() as keeper, asyncio.timeout(5):
        async with keeper.lease("m") as old:
            bench.set(models={"m": ModelSettings(context=1000)})
            next_lease = keeper.lease("m")
            entering = asyncio.ensure_future(next_lease.__aenter__())
            await until(lambda: state(keeper) is State.DRAINING)
            assert "[DONE]" in await generate(old)
        new = await entering
        assert (old.window, new.window) == (4096, 1000)
        await next_lease.__aexit__(None, None, None)


async def test_an_engine_that_is_used_is_not_idle(bench: Bench) -> None:
    bench.set(models={"m": ModelSettings(idle_unload="0.3s")})
    async with bench.open() as keeper:
        for _ in range(4):
            await use(keeper)
            await asyncio.sleep(0.15)
    assert len(bench.pids()) == 1


async def test_settings_that_need_no_restart_cause_none(bench: Bench) -> None:
    async with bench.open() as keeper:
        await use(keeper)
        bench.set(models={"m": ModelSettings(idle_unload="0.2s")}, max_queue=1)
        await use(keeper)
        await until(lambda: state(keeper) is State.STOPPED)
    assert len(bench.pids()) == 1


async def test_a_longer_idle_time_counts_for_what_is_idle_already(bench: Bench) -> None:
    bench.set(models={"m": ModelSettings(idle_unload="0.2s")})
    async with bench.open() as keeper:
        await use(keeper)
        bench.set(models={"m": ModelSettings(idle_unload="60s")})
        await asyncio.sleep(0.5)
        assert state(keeper) is State.READY


async def test_settings_that_become_unreadable_leave_a_running_engine_alone(bench: Bench) -> None:
    async with bench.open() as keeper:
        async with keeper.lease("m") as lease:
            bench.set(models={"m": ModelSettings(idle_unload="soon")})
            assert "[DONE]" in await generate(lease)
        with pytest.raises(ConfigFault, match="soon"):
            await use(keeper)
        bench.set()
        await use(keeper)
    assert len(bench.pids()) == 1


async def test_unloading_what_does_not_run_says_so(bench: Bench) -> None:
    async with bench.open() as keeper:
        await use(keeper)
        assert await keeper.unload("m")
        assert not await keeper.unload("m")


async def test_those_who_wait_for_the_unloading_are_told_even_if_it_crashes(bench: Bench) -> None:
    async with bench.open() as keeper, keeper.lease("m"):
        unloading = asyncio.ensure_future(keeper.unload("m"))
        await until(lambda: state(keeper) is State.DRAINING)
        os.kill(bench.pids()[0], signal.SIGKILL)
        async with asyncio.timeout(3):
            assert await unloading


async def test_unloading_while_it_loads_tells_those_who_wait_and_ends_the_loading(bench: Bench) -> None:
    bench.put("m", "--load-seconds 60")
    async with bench.open() as keeper, asyncio.timeout(10):
        waiter = asyncio.ensure_future(use(keeper))
        await until(lambda: bool(bench.pids()))
        unloading = asyncio.ensure_future(keeper.unload("m"))
        with pytest.raises(StartFailed, match="unloaded while it was loading"):
            await waiter
        assert await unloading
        assert state(keeper) is State.STOPPED
        await until_gone(*bench.pids())
        bench.put("m")
        await use(keeper)
    assert len(bench.pids()) == 2


async def test_who_comes_while_the_loading_is_ended_gets_the_next_engine(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landbridge.engines.start.STOP_GRACE", 0.3)
    bench.put("m", "--load-seconds 60 --ignore-term")
    async with bench.open() as keeper, asyncio.timeout(10):
        waiter = asyncio.ensure_future(use(keeper))
        await until(lambda: bool(bench.pids()))
        unloading = asyncio.gather(keeper.unload("m"), keeper.unload("m", now=True))
        with pytest.raises(StartFailed, match="unloaded while it was loading"):
            await waiter
        bench.put("m")
        late = asyncio.ensure_future(use(keeper))
        assert all(await unloading)
        await until_gone(bench.pids()[0])
        await late
    assert len(bench.pids()) == 2


async def test_unloading_before_anything_was_started_leaves_nothing_half_done(bench: Bench) -> None:
    async with bench.open() as keeper, asyncio.timeout(10):
        lease = asyncio.ensure_future(use(keeper))
        await asyncio.sleep(0)  # it asks, and the owner reads both questions in one go
        unloading = asyncio.ensure_future(keeper.unload("m"))
        await asyncio.gather(lease, return_exceptions=True)
        await unloading
        await use(keeper)


async def test_unloading_one_that_waits_for_memory_ends_its_waiting(bench: Bench) -> None:
    bench.set(memory_limit=5 * MEGABYTE)
    bench.put("m", memory=4 * MEGABYTE)
    bench.put("big", memory=4 * MEGABYTE)
    async with bench.open() as keeper, asyncio.timeout(10), keeper.lease("m") as busy:
        waiter = asyncio.ensure_future(use(keeper, "big"))
        await until(lambda: keeper.info("big").waits_for_memory)
        assert await keeper.unload("big")
        with pytest.raises(StartFailed, match="unloaded while it was loading"):
            await waiter
        assert "[DONE]" in await generate(busy)
        assert bench.pids("big") == []


async def test_who_comes_while_an_engine_steps_aside_gets_the_next_one(bench: Bench) -> None:
    bench.set(memory_limit=5 * MEGABYTE)
    bench.put("m", memory=4 * MEGABYTE)
    bench.put("big", memory=4 * MEGABYTE)
    async with bench.open() as keeper, asyncio.timeout(15):
        async with keeper.lease("m"):
            other = asyncio.ensure_future(use(keeper, "big"))
            await until(lambda: keeper.info("big").waits_for_memory)
            late = asyncio.ensure_future(use(keeper, "m"))
            await until(lambda: keeper.info("m").waiting == 1)
        await asyncio.gather(other, late)
    assert (len(bench.pids("m")), len(bench.pids("big"))) == (2, 1)


async def test_p83_what_was_learned_outlives_the_process_but_not_a_change_of_settings(bench: Bench) -> None:
    async with bench.open() as keeper:
        async with keeper.lease("m") as lease:
            assert lease.predict(1000) is None
            lease.learn(1000, 10.0)
        assert await keeper.unload("m")
        async with keeper.lease("m") as lease:
            assert lease.predict(1000) == pytest.approx(10.0)
        bench.set(models={"m": ModelSettings(batch=32)})
        async with keeper.lease("m") as lease:
            assert lease.predict(1000) is None
