"""What a lease tells and does: the engine's address, exact counts, the reason of a death, what was learned."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import msgspec
import pytest

from landbridge.engines.lease import Lease
from landbridge.engines.speed import Speed
from landbridge.errors import Crashed, EngineFault
from landbridge.neutral.progress import Progress
from tests.engines.bench import HELLO, Bench, generate, until_slots_are

pytestmark = [pytest.mark.io, pytest.mark.anyio]

BODY = msgspec.json.encode(HELLO)


async def test_it_says_how_the_engine_is_reached_and_what_it_can(bench: Bench) -> None:
    async with bench.start(run=bench.run(slots=2)) as live:
        lease = Lease(live, Speed())
        assert (lease.name, lease.window, lease.slots) == ("m", 2048, 2)
        assert lease.url == live.process.log.url
        assert lease.traits is live.found.traits
        assert "[DONE]" in await generate(lease)
        assert await lease.count(BODY) == 5


async def test_p84_a_request_asks_for_progress_and_is_otherwise_what_it_was(bench: Bench) -> None:
    async with bench.start() as live:
        sent = msgspec.json.decode(Lease(live, Speed()).body(BODY))
    assert sent == {**HELLO, "return_progress": True}


async def test_p79_a_request_is_sent_to_the_slot_that_knows_its_prompt(bench: Bench) -> None:
    async with bench.start(run=bench.run(slots=2)) as live:
        lease = Lease(live, Speed())
        async with lease.turn(BODY) as turn:
            sent = msgspec.json.decode(lease.body(BODY, turn))
            turn.read(5, 0)
        assert sent == {**HELLO, "return_progress": True, "id_slot": turn.lane, "cache_prompt": True}
        assert lease.knows(BODY) == 1.0
        other = msgspec.json.encode({"messages": [{"role": "user", "content": "something else"}]})
        assert lease.knows(other) == 0.0
        async with lease.turn(other) as another, lease.turn(BODY) as again:
            assert again.lane == turn.lane != another.lane


async def test_how_far_its_prompt_is_read_is_seen_until_it_is_over(bench: Bench) -> None:
    async with bench.open() as keeper, keeper.lease("m") as one, keeper.lease("m", light=True) as other:
        one.learn(1000, 10.0)
        headway = one.read_on(Progress(1000, 0, 400, 4.0))
        assert headway.percent == 40 and headway.seconds is not None and 5 < headway.seconds < 8
        other.read_on(Progress(10, 0, 10, 1.0))
        assert [each.percent for each in keeper.snapshot()[0].progress] == [40, 100]
        other.read_all()
        one.read_on(Progress(1000, 0, 800, 8.0))
        assert [each.percent for each in keeper.snapshot()[0].progress] == [80]
        one.read_all()
        one.read_all()
        assert keeper.snapshot()[0].progress == ()


async def test_p79_what_is_known_of_a_conversation_is_not_foretold(bench: Bench) -> None:
    """So that a long conversation that goes on is served like a short prompt."""
    async with bench.open() as keeper, keeper.lease("m") as lease:
        engine = keeper._engine("m")
        assert engine.foretell(9000, "s") == 0.0, "nobody can tell"
        lease.learn(1000, 10.0)
        whole = engine.foretell(9000, "s")
        assert whole > 90
        async with lease.turn(BODY, "s") as turn:
            turn.read(8900, 0)
        assert 0 < engine.foretell(9000, "s") < whole / 10
        assert engine.foretell(9000, "another") == engine.foretell(9000, "") == whole
        assert engine.foretell(100, "s") == 0.0


async def test_p85_a_client_that_leaves_frees_the_slot(bench: Bench) -> None:
    bench.put("m", "--prefill-seconds 10")
    async with bench.open() as keeper, keeper.lease("m") as lease, asyncio.timeout(2):
        asking = asyncio.ensure_future(generate(lease))
        await until_slots_are(lease, 1)
        asking.cancel()
        await until_slots_are(lease, 0)


async def test_p83_what_one_lease_learns_the_next_one_knows(bench: Bench) -> None:
    async with bench.start() as live:
        speed = Speed()
        Lease(live, speed).learn(2000, 8.0)
        assert Lease(live, speed).predict(2000) == pytest.approx(8.0)
        assert Lease(live, Speed()).predict(2000) is None


async def test_the_death_of_the_engine_is_told_with_its_signal_and_last_words(bench: Bench) -> None:
    async with bench.start() as live:
        lease = Lease(live, Speed())
        assert lease.fault() is None
        os.kill(bench.pids()[0], signal.SIGKILL)
        fault = await lease.post_mortem()
        assert isinstance(fault, Crashed)
        assert "signal SIGKILL" in fault.message
        assert "listening on" in fault.message, "the last thing it said"
        assert fault.origin == "engine:m"
        assert lease.fault() == fault


async def test_no_death_is_waited_for_longer_than_asked(bench: Bench) -> None:
    async with bench.start() as live:
        began = time.monotonic()
        assert await Lease(live, Speed()).post_mortem(0.1) is None
        assert 0.1 <= time.monotonic() - began < 0.5


async def test_counting_under_a_dead_engine_says_that_it_died(bench: Bench) -> None:
    async with bench.start() as live:
        lease = Lease(live, Speed())
        os.kill(bench.pids()[0], signal.SIGKILL)
        with pytest.raises(Crashed, match="SIGKILL"):
            await lease.count(BODY)


async def test_counting_that_fails_under_a_living_engine_is_its_own_fault(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landbridge.engines.control.CONTROL_TIMEOUT", 0.1)
    async with bench.start() as live:
        lease = Lease(live, Speed())
        os.kill(bench.pids()[0], signal.SIGSTOP)
        try:
            with pytest.raises(EngineFault, match="does not answer") as caught:
                await lease.count(BODY)
        finally:
            os.kill(bench.pids()[0], signal.SIGCONT)
        assert not isinstance(caught.value, Crashed)


async def test_one_that_was_stopped_did_not_crash(bench: Bench) -> None:
    async with bench.start() as live:
        lease = Lease(live, Speed())
        await live.close()
        await live.close()
        fault = lease.fault()
        assert fault is not None
        assert fault.message == "The engine of 'm' was stopped."


async def test_one_that_crashed_and_is_then_closed_did_crash(bench: Bench) -> None:
    async with bench.start() as live:
        lease = Lease(live, Speed())
        os.kill(bench.pids()[0], signal.SIGKILL)
        await lease.post_mortem()
        await live.close()
        fault = lease.fault()
        assert fault is not None
        assert "SIGKILL" in fault.message
