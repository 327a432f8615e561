"""The keeper over real processes: the pretend engine, told to misbehave. Tests have the trouble's name."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Callable
from contextlib import suppress

import aiohttp
import msgspec
import psutil
import pytest

from landbridge.config import ModelSettings
from landbridge.engines.keeper import Keeper
from landbridge.engines.lease import Lease
from landbridge.engines.states import State
from landbridge.errors import (
    ConfigFault,
    Crashed,
    EngineMissing,
    GatewayError,
    ModelUnusable,
    NoMemory,
    RateLimited,
    StartFailed,
    UnknownModel,
)
from tests.engines.conftest import MEGABYTE, Bench

pytestmark = [pytest.mark.io, pytest.mark.anyio]

HELLO = {"messages": [{"role": "user", "content": "hello there"}], "max_tokens": 5, "stream": True}


async def hold(keeper: Keeper, name: str, until: asyncio.Event, got: asyncio.Event | None = None) -> None:
    async with keeper.lease(name):
        if got is not None:
            got.set()
        await until.wait()


async def ask(lease: Lease, body: dict[str, object] = HELLO) -> str:
    """The whole stream; raises `aiohttp.ClientError` where it breaks."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(lease.url + "/v1/chat/completions", json=body, headers=lease.headers) as answer,
    ):
        return await answer.text()


async def until(true: Callable[[], bool], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)


def state(keeper: Keeper, name: str = "m") -> State:
    return next(info.state for info in keeper.snapshot() if info.name == name)


# -- a lease -----------------------------------------------------------------------------------------------------------


async def test_a_lease_is_a_ready_engine_that_answers_and_counts(bench: Bench) -> None:
    async with bench.open() as keeper, keeper.lease("m") as lease:
        assert lease.url.startswith("http://127.0.0.1:")
        assert (lease.name, lease.window, lease.slots, lease.fault()) == ("m", 4096, 1, None)
        assert "data: [DONE]" in await ask(lease)
        assert await lease.count(msgspec.json.encode(HELLO)) == 5
        (info,) = keeper.snapshot()
        assert (info.state, info.pid is not None, info.window, info.busy) == (State.READY, True, 4096, 1)
        assert info.memory > MEGABYTE
        assert keeper.window("m") == 4096


async def test_ready_is_asked_not_assumed(bench: Bench) -> None:
    bench.put("m", "--load-seconds 0.5")
    async with bench.open() as keeper:
        began = asyncio.get_running_loop().time()
        async with keeper.lease("m") as lease:
            assert asyncio.get_running_loop().time() - began >= 0.5
            await ask(lease)


async def test_the_engine_is_private(bench: Bench) -> None:
    async with bench.open() as keeper, keeper.lease("m") as lease:
        async with aiohttp.ClientSession() as session, session.get(lease.url + "/props") as answer:
            assert answer.status == 401
        key = lease.headers["authorization"].removeprefix("Bearer ")
        (info,) = keeper.snapshot()
        supervisor = psutil.Process(info.pid)
        for process in (supervisor, *supervisor.children()):
            assert key not in " ".join(process.cmdline())
            assert key not in str(process.environ())
        assert not list(bench.run_dir.iterdir())


async def test_a_provider_key_does_not_reach_the_engine(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_API_KEY", "sk-secret")
    async with bench.open() as keeper, keeper.lease("m"):
        (info,) = keeper.snapshot()
        assert "sk-secret" not in str(psutil.Process(info.pid).environ())


async def test_unknown_models_are_said_and_kept_nowhere(bench: Bench) -> None:
    async with bench.open() as keeper:
        with pytest.raises(UnknownModel, match="nope"):
            async with keeper.lease("nope"):
                pass
        assert keeper.snapshot() == []


async def test_p85_a_client_that_leaves_frees_the_slot(bench: Bench) -> None:
    bench.put("m", "--prefill-seconds 10")
    async with bench.open() as keeper, keeper.lease("m") as lease, asyncio.timeout(2):
        asking = asyncio.ensure_future(ask(lease))
        while not await lease.busy_slots():
            await asyncio.sleep(0.01)
        asking.cancel()
        while await lease.busy_slots():
            await asyncio.sleep(0.01)


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
                await ask(lease)
            fault = await lease.post_mortem()
            assert isinstance(fault, Crashed)
            assert "signal SIGKILL" in fault.message
            assert fault == lease.fault()
        async with keeper.lease("m") as lease:
            assert "[DONE]" in await ask(lease)
        assert "SIGKILL" in keeper.snapshot()[0].last_fault
    assert len(bench.pids("m")) == 2


async def test_p93_one_crash_touches_no_other_model(bench: Bench) -> None:
    bench.put("bad", "--crash-after 1")
    async with bench.open() as keeper, keeper.lease("m") as good:
        async with keeper.lease("bad") as bad:
            with pytest.raises(aiohttp.ClientError):
                await ask(bad)
            await bad.post_mortem()
        assert good.fault() is None
        assert "[DONE]" in await ask(good)


async def test_those_who_wait_when_it_crashes_get_the_next_engine(bench: Bench) -> None:
    once = bench.folder / "crashed"
    bench.put("m", f"--crash-after 2 --crash-once {once}")
    done = asyncio.Event()
    done.set()
    async with bench.open() as keeper, asyncio.timeout(5), asyncio.TaskGroup() as group, keeper.lease("m") as lease:
        group.create_task(hold(keeper, "m", done))
        with pytest.raises(aiohttp.ClientError):
            await ask(lease)
    assert len(bench.pids("m")) == 2


async def crash_until_it_fails(keeper: Keeper, times: int) -> StartFailed:
    for _ in range(times):
        with pytest.raises(StartFailed, match="did not start"):
            async with keeper.lease("m"):
                pass
    with pytest.raises(StartFailed, match=f"failed {times} times in a row") as caught:
        async with keeper.lease("m"):
            pass
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
                    await ask(lease)
        with pytest.raises(StartFailed, match="2 times in a row"):
            async with keeper.lease("m"):
                pass


async def test_an_engine_that_hangs_is_killed_and_replaced(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbridge.engines.attendant.HANGING", 0.1)
    monkeypatch.setattr("landbridge.engines.control.HEALTH_TIMEOUT", 0.1)
    async with bench.open() as keeper, asyncio.timeout(5):
        async with keeper.lease("m"):
            psutil.Process(bench.pids("m")[0]).suspend()
        async with keeper.lease("m") as lease:
            assert "[DONE]" in await ask(lease)
    assert len(bench.pids("m")) == 2


# -- starting ----------------------------------------------------------------------------------------------------------


async def test_an_engine_that_never_becomes_ready_is_stopped_at_its_deadline(bench: Bench) -> None:
    bench.set(start_timeout=0.5)
    bench.put("m", "--unhealthy")
    async with bench.open() as keeper:
        with pytest.raises(StartFailed, match=r"not ready after 0\.5 s"):
            async with keeper.lease("m"):
                pass
        assert not any(psutil.pid_exists(pid) for pid in bench.pids("m"))


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "cannot be read"), (b"", "is empty"), (b"GGUF", "is not whole"), (b"PK!!", "not a GGUF")],
)
async def test_an_unusable_file_starts_nothing(bench: Bench, content: bytes | None, why: str) -> None:
    path = bench.put("m").path
    path.unlink() if content is None else path.write_bytes(content)
    async with bench.open() as keeper:
        with pytest.raises(ModelUnusable, match=why):
            async with keeper.lease("m"):
                pass
        assert state(keeper) is State.STOPPED
    assert bench.pids("m") == []


async def test_a_program_that_is_not_there_is_named(bench: Bench) -> None:
    bench.set(command=["/no/llama-server"])
    async with bench.open() as keeper:
        with pytest.raises(EngineMissing, match="/no/llama-server"):
            async with keeper.lease("m"):
                pass


async def test_a_program_that_cannot_be_run_is_named(bench: Bench) -> None:
    program = bench.folder / "llama-server"
    program.write_text("#!/no/interpreter\n")
    program.chmod(0o755)
    bench.set(command=[str(program)])
    async with bench.open() as keeper:
        with pytest.raises(EngineMissing, match="llama-server"):
            async with keeper.lease("m"):
                pass


@pytest.mark.parametrize("setting", ["api-key", "host", "port"])
async def test_extra_settings_cannot_open_the_engine_to_others(bench: Bench, setting: str) -> None:
    bench.set(models={"m": ModelSettings(extra={setting: "x"})})
    async with bench.open() as keeper:
        with pytest.raises(ConfigFault, match=setting):
            async with keeper.lease("m"):
                pass


async def test_a_length_of_time_that_cannot_be_meant_is_told_to_the_caller(bench: Bench) -> None:
    bench.set(models={"m": ModelSettings(idle_unload="soon")})
    async with bench.open() as keeper:
        with pytest.raises(ConfigFault, match="soon"):
            async with keeper.lease("m"):
                pass


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


# -- stopping ----------------------------------------------------------------------------------------------------------


async def test_closing_leaves_nothing_behind_not_even_what_ignores_to_be_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, alive: Callable[[int], bool]
) -> None:
    monkeypatch.setattr("landbridge.engines.lease.STOP_GRACE", 0.2)
    bench.put("m", "--ignore-term --fork")
    async with bench.open() as keeper, keeper.lease("m"):
        pids = bench.pids("m")
        assert len(pids) == 2
        assert all(map(alive, pids))
    await until(lambda: not any(map(alive, pids)), 1.0)


async def test_closing_while_it_loads_leaves_nothing_behind_and_tells_the_waiter(bench: Bench) -> None:
    bench.put("m", "--unhealthy")
    async with bench.open() as keeper:
        waiter = asyncio.ensure_future(hold(keeper, "m", asyncio.Event()))
        await until(lambda: bool(bench.pids("m")))
        await keeper.close()
        with pytest.raises(StartFailed, match="being stopped"):
            await waiter
    assert not psutil.pid_exists(bench.pids("m")[0])


async def test_a_lease_held_while_everything_stops_says_so(bench: Bench) -> None:
    async with bench.open() as keeper, keeper.lease("m") as lease:
        await keeper.close()
        fault = lease.fault()
        assert fault is not None
        assert "was stopped" in fault.message
        with pytest.raises(StartFailed, match="stopping"):
            async with keeper.lease("m"):
                pass


async def test_what_a_crashed_engine_started_is_gone_too(bench: Bench, alive: Callable[[int], bool]) -> None:
    bench.put("m", "--fork --crash-after 1")
    async with bench.open() as keeper, keeper.lease("m") as lease:
        with suppress(aiohttp.ClientError):
            await ask(lease)
        await lease.post_mortem()
        await until(lambda: not any(map(alive, bench.pids("m"))), 1.0)


async def test_an_idle_engine_is_unloaded_and_comes_back(bench: Bench) -> None:
    bench.set(models={"m": ModelSettings(idle_unload="0.2s")})
    async with bench.open() as keeper:
        async with keeper.lease("m"):
            await asyncio.sleep(0.4)
            assert state(keeper) is State.READY
        await until(lambda: state(keeper) is State.STOPPED)
        async with keeper.lease("m"):
            pass
    assert len(bench.pids("m")) == 2


async def test_unload_waits_for_those_who_use_it(bench: Bench) -> None:
    async with bench.open() as keeper:
        assert not await keeper.unload("m")
        async with keeper.lease("m") as lease:
            unloading = asyncio.ensure_future(keeper.unload("m"))
            await until(lambda: state(keeper) is State.DRAINING)
            assert "[DONE]" in await ask(lease)
        assert await unloading
        assert state(keeper) is State.STOPPED


async def test_changed_settings_drain_then_swap(bench: Bench) -> None:
    async with bench.open() as keeper, asyncio.timeout(5):
        async with keeper.lease("m") as old:
            bench.set(models={"m": ModelSettings(context=1000)})
            next_lease = keeper.lease("m")
            entering = asyncio.ensure_future(next_lease.__aenter__())
            await until(lambda: state(keeper) is State.DRAINING)
            assert "[DONE]" in await ask(old)
        new = await entering
        assert (old.window, new.window) == (4096, 1000)
        await next_lease.__aexit__(None, None, None)


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


async def test_p91_a_busy_engine_is_never_evicted(bench: Bench) -> None:
    bench.set(memory_limit=5 * MEGABYTE)
    bench.put("big", memory=4 * MEGABYTE)
    bench.put("m", memory=2 * MEGABYTE)
    async with bench.open() as keeper, keeper.lease("m") as busy:
        with pytest.raises(NoMemory, match="needs 4 MB of memory, 3 MB are free"):
            async with keeper.lease("big"):
                pass
        assert busy.fault() is None


async def test_p91_a_loading_engine_is_never_evicted(bench: Bench) -> None:
    bench.set(memory_limit=5 * MEGABYTE)
    bench.put("big", memory=4 * MEGABYTE)
    bench.put("m", "--load-seconds 0.4", memory=2 * MEGABYTE)
    done = asyncio.Event()
    done.set()
    async with bench.open() as keeper, asyncio.TaskGroup() as group:
        loading = group.create_task(hold(keeper, "m", done))
        await until(lambda: bool(bench.pids("m")))
        with pytest.raises(NoMemory):
            async with keeper.lease("big"):
                pass
        await loading
    assert len(bench.pids("m")) == 1


async def test_p91_two_models_in_turn_with_room_for_one_both_answer(bench: Bench) -> None:
    bench.set(memory_limit=5 * MEGABYTE)
    for name in "ab":
        bench.put(name, memory=4 * MEGABYTE)
    async with bench.open() as keeper, asyncio.timeout(10):
        for name in "abab":
            async with keeper.lease(name) as lease:
                assert "[DONE]" in await ask(lease)


async def test_without_a_limit_the_machine_says_what_is_free(bench: Bench) -> None:
    bench.put("m", memory=psutil.virtual_memory().total * 2)
    async with bench.open() as keeper:
        with pytest.raises(NoMemory):
            async with keeper.lease("m"):
                pass


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
                await ask(lease)

    async with bench.open() as keeper:
        async with asyncio.timeout(15), asyncio.TaskGroup() as group:
            for _ in range(25):
                group.create_task(one(keeper))
        await until(lambda: all(info.busy == info.waiting == 0 for info in keeper.snapshot()))
    started = [pid for name in "abc" for pid in bench.pids(name)]
    assert started
    assert not any(psutil.pid_exists(pid) for pid in started)
