"""All engines together, over real processes: leases, memory, the end. Tests have the trouble's name."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

import aiohttp
import msgspec
import psutil
import pytest

from landbridge.config import ModelSettings
from landbridge.engines.keeper import Keeper
from landbridge.engines.states import State
from landbridge.errors import ConfigFault, GatewayError, NoMemory, StartFailed, UnknownModel
from tests.engines.bench import HELLO, MEGABYTE, Bench, alive, generate, hold, state, until, until_gone, use

pytestmark = [pytest.mark.io, pytest.mark.anyio]


# -- a lease -----------------------------------------------------------------------------------------------------------


async def test_a_lease_is_a_ready_engine_that_answers_and_counts(bench: Bench) -> None:
    async with bench.open() as keeper, keeper.lease("m") as lease:
        assert lease.url.startswith("http://127.0.0.1:")
        assert (lease.name, lease.window, lease.slots, lease.fault()) == ("m", 4096, 1, None)
        assert "data: [DONE]" in await generate(lease)
        assert await lease.count(msgspec.json.encode(HELLO)) == 5
        (info,) = keeper.snapshot()
        assert (info.state, info.pid is not None, info.window, info.busy) == (State.READY, True, 4096, 1)
        assert info.memory > MEGABYTE
        assert keeper.window("m") == 4096


async def test_what_a_model_is_for_is_known_before_it_runs_and_as_soon_as_the_settings_say(bench: Bench) -> None:
    bench.models["e"] = replace(bench.put("e"), embeds=True)
    async with bench.open() as keeper:
        assert [keeper.embeds(name) for name in ("m", "e", "nope")] == [False, True, False]
        assert keeper.snapshot() == [], "asking starts nothing"
        bench.set(models={"m": ModelSettings(embeddings=True), "e": ModelSettings(embeddings=False)})
        assert [keeper.embeds(name) for name in ("m", "e")] == [True, False]
        async with keeper.lease("m"):
            bench.set()
            bench.models["m"] = replace(bench.models["m"], embeds=False)
            assert keeper.embeds("m"), "what runs is what it was started as"
        async with keeper.lease("m"):
            assert not keeper.embeds("m"), "the settings have changed, so it was started anew"


async def test_unknown_models_are_said_and_kept_nowhere(bench: Bench) -> None:
    async with bench.open() as keeper:
        with pytest.raises(UnknownModel, match="nope"):
            await use(keeper, "nope")
        assert keeper.snapshot() == []


async def test_a_length_of_time_that_cannot_be_meant_is_told_to_the_caller(bench: Bench) -> None:
    bench.set(models={"m": ModelSettings(idle_unload="soon")})
    async with bench.open() as keeper:
        with pytest.raises(ConfigFault, match="soon"):
            await use(keeper)


async def test_p93_one_crash_touches_no_other_model(bench: Bench) -> None:
    bench.put("bad", "--crash-after 1")
    async with bench.open() as keeper, keeper.lease("m") as good:
        async with keeper.lease("bad") as bad:
            with pytest.raises(aiohttp.ClientError):
                await generate(bad)
            await bad.post_mortem()
        assert good.fault() is None
        assert "[DONE]" in await generate(good)


async def test_unload_waits_for_those_who_use_it(bench: Bench) -> None:
    async with bench.open() as keeper:
        assert not await keeper.unload("m")
        async with keeper.lease("m") as lease:
            unloading = asyncio.ensure_future(keeper.unload("m"))
            await until(lambda: state(keeper) is State.DRAINING)
            assert "[DONE]" in await generate(lease)
        assert await unloading
        assert state(keeper) is State.STOPPED


def test_a_router_without_engines_loads_nothing_that_only_engines_need() -> None:
    """What is not loaded costs no time at the start and no memory."""
    ours = "landbridge.engines.keeper, landbridge.engines.library, landbridge.engines.plan"
    script = f"import sys, {ours}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    costly = {"aiohttp", "gguf", "huggingface_hub", "numpy", "pip", "psutil", "rich", "xllamacpp"}
    assert not costly & set(done.stdout.split())


# -- the end -----------------------------------------------------------------------------------------------------------


async def test_closing_leaves_nothing_behind_not_even_what_ignores_to_be_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landbridge.engines.lease.STOP_GRACE", 0.2)
    bench.put("m", "--ignore-term --fork")
    async with bench.open() as keeper, keeper.lease("m"):
        pids = bench.pids("m")
        assert len(pids) == 2
        assert all(map(alive, pids))
    await until_gone(*pids)


async def test_closing_while_it_loads_leaves_nothing_behind_and_tells_the_waiter(bench: Bench) -> None:
    bench.put("m", "--unhealthy")
    async with bench.open() as keeper:
        waiter = asyncio.ensure_future(hold(keeper, "m", asyncio.Event()))
        await until(lambda: bool(bench.pids("m")))
        await keeper.close()
        with pytest.raises(StartFailed, match="being stopped"):
            await waiter
    await until_gone(*bench.pids())


async def test_a_lease_held_while_everything_stops_says_so(bench: Bench) -> None:
    async with bench.open() as keeper, keeper.lease("m") as lease:
        await keeper.close()
        fault = lease.fault()
        assert fault is not None
        assert "was stopped" in fault.message
        with pytest.raises(StartFailed, match="stopping"):
            await use(keeper)


async def test_files_of_a_router_that_was_killed_are_removed(bench: Bench) -> None:
    bench.run_dir.mkdir()
    dead = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await dead.wait()
    stale, ours = bench.run_dir / f"engine-{dead.pid}-1.key", bench.run_dir / "engine-1-1.key"
    for path in (stale, ours):
        path.write_text("key")
    async with bench.open():
        assert not stale.exists()
        assert ours.exists()


# -- memory ------------------------------------------------------------------------------------------------------------


async def test_p91_the_idle_engine_used_longest_ago_makes_room(bench: Bench) -> None:
    bench.set(memory_limit=10 * MEGABYTE)
    for name in "abc":
        bench.put(name, memory=4 * MEGABYTE)
    async with bench.open() as keeper:
        for name in "aba":
            async with keeper.lease(name):
                pass
        async with keeper.lease("c"):
            assert {info.name: info.state for info in keeper.snapshot()} == {
                "a": State.READY,
                "b": State.STOPPED,
                "c": State.READY,
            }


async def test_p91_a_busy_engine_is_never_evicted_who_needs_its_memory_waits(bench: Bench) -> None:
    bench.set(memory_limit=5 * MEGABYTE)
    bench.put("big", memory=4 * MEGABYTE)
    bench.put("m", memory=2 * MEGABYTE)
    async with bench.open() as keeper, asyncio.timeout(10):
        async with keeper.lease("m") as busy:
            waiting = asyncio.ensure_future(use(keeper, "big"))
            await until(lambda: keeper.info("big").waits_for_memory)
            assert "[DONE]" in await generate(busy)
            assert busy.fault() is None
            assert not bench.pids("big")
        await waiting
        assert (state(keeper, "m"), state(keeper, "big")) == (State.STOPPED, State.READY)


async def test_what_can_never_fit_is_said_at_once_with_both_numbers_and_what_is_pinned(bench: Bench) -> None:
    bench.set(memory_limit=5 * MEGABYTE, models={"m": ModelSettings(pin=True)})
    bench.put("big", memory=4 * MEGABYTE)
    bench.put("huge", memory=6 * MEGABYTE)
    bench.put("m", memory=2 * MEGABYTE)
    async with bench.open() as keeper, asyncio.timeout(5):
        with pytest.raises(NoMemory, match="needs 6 MB of memory, 5 MB are free"):
            await use(keeper, "huge")
        await use(keeper, "m")
        with pytest.raises(NoMemory, match="needs 4 MB of memory, 3 MB are free") as caught:
            await use(keeper, "big")
        assert "m is pinned" in caught.value.remedy
        keeper.pin("m", False)
        await use(keeper, "big")
    assert (len(bench.pids("m")), len(bench.pids("big"))) == (1, 1)


async def test_p91_a_loading_engine_is_never_evicted(bench: Bench) -> None:
    bench.set(memory_limit=5 * MEGABYTE)
    bench.put("big", memory=4 * MEGABYTE)
    bench.put("m", "--load-seconds 0.4", memory=2 * MEGABYTE)
    order: list[str] = []

    async def note(name: str) -> None:
        await use(keeper, name)
        order.append(name)

    async with bench.open() as keeper, asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(note("m"))
        await until(lambda: bool(bench.pids("m")))
        group.create_task(note("big"))
    assert order == ["m", "big"]
    assert (len(bench.pids("m")), len(bench.pids("big"))) == (1, 1)


async def test_p91_two_models_in_turn_with_room_for_one_both_answer(bench: Bench) -> None:
    bench.set(memory_limit=5 * MEGABYTE)
    for name in "ab":
        bench.put(name, memory=4 * MEGABYTE)
    async with bench.open() as keeper, asyncio.timeout(10):
        for name in "abab":
            async with keeper.lease(name) as lease:
                assert "[DONE]" in await generate(lease)


async def test_without_a_limit_the_machine_says_what_is_free(bench: Bench) -> None:
    bench.put("m", memory=psutil.virtual_memory().total * 2)
    async with bench.open() as keeper:
        with pytest.raises(NoMemory):
            await use(keeper)


async def test_p93_memory_is_promised_again_only_when_the_old_engine_is_really_gone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landbridge.engines.lease.STOP_GRACE", 0.4)
    bench.set(memory_limit=5 * MEGABYTE)
    bench.put("old", "--ignore-term", memory=4 * MEGABYTE)
    bench.put("new", memory=4 * MEGABYTE)
    async with bench.open() as keeper:
        await use(keeper, "old")
        entering = asyncio.ensure_future(use(keeper, "new"))
        await until(lambda: state(keeper, "old") is State.STOPPING)
        while alive(bench.pids("old")[0]):
            assert not bench.pids("new")
            await asyncio.sleep(0.02)
        await entering
    assert len(bench.pids("new")) == 1


async def test_p92_a_model_just_loaded_is_not_evicted_before_its_first_request(bench: Bench) -> None:
    bench.set(memory_limit=5 * MEGABYTE)
    bench.put("a", "--load-seconds 0.2", memory=4 * MEGABYTE)
    bench.put("b", memory=4 * MEGABYTE)

    async def first(keeper: Keeper) -> str:
        async with keeper.lease("a") as lease:
            return await generate(lease)

    async with bench.open() as keeper, asyncio.timeout(10):
        answer = asyncio.ensure_future(first(keeper))
        await until(lambda: bool(bench.pids("a")))
        others = [asyncio.ensure_future(use(keeper, "b")) for _ in range(3)]
        assert "[DONE]" in await answer
        await asyncio.gather(*others)
    assert (len(bench.pids("a")), len(bench.pids("b"))) == (1, 1)


async def test_p91_two_models_that_are_both_in_use_take_turns_and_serve_their_lines(bench: Bench) -> None:
    bench.set(memory_limit=5 * MEGABYTE, max_queue=100)
    for name in "ab":
        bench.put(name, memory=4 * MEGABYTE)
    order: list[str] = []

    async def work(keeper: Keeper, name: str) -> None:
        for _ in range(3):
            async with keeper.lease(name) as lease:
                order.append(name)
                assert "[DONE]" in await generate(lease)

    async with bench.open() as keeper, asyncio.timeout(20), asyncio.TaskGroup() as group:
        for _ in range(4):
            for name in "ab":
                group.create_task(work(keeper, name))
    assert order.count("a") == order.count("b") == 12
    swaps = sum(one != other for one, other in pairwise(order))
    assert swaps <= 6, f"each serves the four in its line before the other comes: {order}"


async def test_who_no_longer_waits_for_memory_pushes_nobody_out(bench: Bench) -> None:
    bench.set(memory_limit=5 * MEGABYTE)
    for name in "ab":
        bench.put(name, memory=4 * MEGABYTE)
    async with bench.open() as keeper, asyncio.timeout(5):
        async with keeper.lease("a") as lease:
            impatient = asyncio.ensure_future(use(keeper, "b"))
            await until(lambda: keeper.info("b").waits_for_memory)
            later = asyncio.ensure_future(use(keeper, "a"))
            impatient.cancel()
            await until(lambda: state(keeper, "b") is State.STOPPED)
            assert lease.fault() is None
        await later
        assert keeper.info("b").last_fault == ""
    assert (len(bench.pids("a")), bench.pids("b")) == (1, [])


# -- the background ----------------------------------------------------------------------------------------------------


async def test_a_call_in_the_background_pushes_out_no_model_used_lately_and_is_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landbridge.engines.allotment.PATIENCE", 0.3)
    bench.set(memory_limit=5 * MEGABYTE, models={"tiny": ModelSettings(background=True)})
    bench.put("main", memory=4 * MEGABYTE)
    bench.put("small", memory=2 * MEGABYTE)
    bench.put("tiny", memory=2 * MEGABYTE)
    async with bench.open() as keeper, asyncio.timeout(10):
        await use(keeper, "main")
        with pytest.raises(NoMemory, match="main would have to go for it, and was used lately"):
            async with keeper.lease("small", background=True):
                pass
        with pytest.raises(NoMemory, match="in the background"):
            await use(keeper, "tiny")
        assert state(keeper, "main") is State.READY
        monkeypatch.setattr("landbridge.engines.eviction.LATELY", 0.0)
        async with keeper.lease("small", background=True):
            assert state(keeper, "main") is State.STOPPED


async def test_a_call_in_the_background_that_fits_beside_the_others_is_served(bench: Bench) -> None:
    bench.set(memory_limit=5 * MEGABYTE)
    bench.put("main", memory=3 * MEGABYTE)
    bench.put("small", memory=2 * MEGABYTE)
    async with bench.open() as keeper, asyncio.timeout(5), keeper.lease("main"):
        quiet = keeper.lease("small", background=True)
        assert "[DONE]" in await generate(await quiet.__aenter__())
        await quiet.__aexit__(None, None, None)


async def test_somebody_in_the_foreground_makes_a_waiting_background_model_a_main_one(bench: Bench) -> None:
    bench.set(memory_limit=5 * MEGABYTE)
    bench.put("main", memory=4 * MEGABYTE)
    bench.put("small", memory=2 * MEGABYTE)

    async def in_background(keeper: Keeper) -> None:
        async with keeper.lease("small", background=True):
            pass

    async with bench.open() as keeper, asyncio.timeout(5):
        await use(keeper, "main")
        quiet = asyncio.ensure_future(in_background(keeper))
        await until(lambda: keeper.info("small").waits_for_memory)
        await use(keeper, "small")
        await quiet


# -- pins --------------------------------------------------------------------------------------------------------------


async def test_a_pinned_model_is_neither_unloaded_when_idle_nor_evicted_until_it_is_unpinned(bench: Bench) -> None:
    idle = ModelSettings(idle_unload="0.1s")
    bench.set(memory_limit=5 * MEGABYTE, models={"a": idle, "b": ModelSettings(pin=True, idle_unload="0.1s")})
    for name in "abc":
        bench.put(name, memory=2 * MEGABYTE)
    async with bench.open() as keeper, asyncio.timeout(10):
        await use(keeper, "b")
        await use(keeper, "a")
        await until(lambda: state(keeper, "a") is State.STOPPED)
        assert (state(keeper, "b"), keeper.info("b").pinned) == (State.READY, True)
        await use(keeper, "a")
        await use(keeper, "c")
        assert (state(keeper, "a"), state(keeper, "b")) == (State.STOPPED, State.READY)
        keeper.pin("b", False)
        await until(lambda: state(keeper, "b") is State.STOPPED)
    assert len(bench.pids("b")) == 1


async def test_a_pin_that_is_set_needs_no_restart_and_its_user_may_unload_it(bench: Bench) -> None:
    async with bench.open() as keeper, asyncio.timeout(5):
        async with keeper.lease("m") as lease:
            bench.set(models={"m": ModelSettings(pin=True)})
            assert keeper.info("m").pinned
            assert lease.fault() is None
        await use(keeper)
        assert keeper.info("m").unload_at is None
        assert len(bench.pids()) == 1
        assert await keeper.unload("m")
        with pytest.raises(UnknownModel):
            keeper.pin("nope", True)


async def test_unloading_now_breaks_off_what_runs_and_says_so(bench: Bench) -> None:
    bench.put("m", "--token-delay 0.5")
    async with bench.open() as keeper, asyncio.timeout(5), keeper.lease("m") as lease:
        answer = asyncio.ensure_future(generate(lease))
        await asyncio.sleep(0.1)
        assert await keeper.unload("m", now=True)
        with pytest.raises(aiohttp.ClientError):
            await answer
        fault = lease.fault()
        assert fault is not None
        assert "was stopped" in fault.message


# -- everything at once ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
async def test_p95_starts_stops_crashes_and_cancellations_in_any_order_end_in_peace(bench: Bench, seed: int) -> None:
    chance = random.Random(seed)
    bench.set(memory_limit=3 * MEGABYTE, max_queue=3, max_restarts=2)
    bench.put("a", memory=2 * MEGABYTE)
    bench.put("b", f"--crash-after 3 --crash-once {bench.folder / 'b'}", memory=MEGABYTE)
    bench.put("c", "--load-seconds 0.1", memory=2 * MEGABYTE)

    async def one(keeper: Keeper) -> None:
        name, patience = chance.choice("abc"), chance.choice([0.05, 0.3, 5.0])
        await asyncio.sleep(chance.random())
        if chance.random() < 0.2:
            await keeper.unload(name)
            return
        with suppress(GatewayError, TimeoutError, aiohttp.ClientError):
            async with asyncio.timeout(patience), keeper.lease(name) as lease:
                await generate(lease)

    async with bench.open() as keeper:
        async with asyncio.timeout(15), asyncio.TaskGroup() as group:
            for _ in range(25):
                group.create_task(one(keeper))
        await until(lambda: all(info.busy == info.waiting == 0 for info in keeper.snapshot()))
    started = [pid for name in "abc" for pid in bench.pids(name)]
    assert started
    await until_gone(*started)
