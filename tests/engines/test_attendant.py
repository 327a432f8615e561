"""The work beside an owner: what it reports, in which order, and that nothing is left when it is closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import psutil
import pytest

from landbridge.engines.attendant import Asked, Attendant, Dead, Dropped, Gone, NotStarted, Report, Started
from landbridge.engines.lease import Live
from landbridge.errors import StartFailed
from tests.engines.bench import Bench, generate, until, until_gone, use

pytestmark = [pytest.mark.io, pytest.mark.anyio]


class Owner:
    """Collects reports."""

    def __init__(self, bench: Bench, stack: AsyncExitStack) -> None:
        self._bench, self._stack = bench, stack
        self.reports: list[Report] = []
        self.attendant = Attendant("m", self._launch, self.reports.append)

    async def _launch(self, name: str) -> Live:
        return await self._stack.enter_async_context(self._bench.start(name))

    async def started(self) -> Live:
        self.attendant.start()
        await self.told(1)
        (report,) = self.reports
        assert isinstance(report, Started)
        return report.live

    async def told(self, count: int) -> None:
        await until(lambda: len(self.reports) >= count)

    @property
    def kinds(self) -> list[type[Report]]:
        return [type(report) for report in self.reports]


@asynccontextmanager
async def owning(bench: Bench) -> AsyncIterator[Owner]:
    async with AsyncExitStack() as stack:
        owner = Owner(bench, stack)
        yield owner
        await owner.attendant.close(None)


async def test_a_start_is_reported_and_later_the_end(bench: Bench) -> None:
    async with owning(bench) as owner:
        live = await owner.started()
        assert owner.attendant.sound(live)
        live.process.kill()
        await owner.told(2)
        assert owner.reports[1] == Dead(live)
        assert not owner.attendant.sound(live)


async def test_a_failed_start_is_reported_with_its_reason(bench: Bench) -> None:
    bench.put("m", "--crash-at-load")
    async with owning(bench) as owner:
        owner.attendant.start()
        await owner.told(1)
        (report,) = owner.reports
        assert isinstance(report, NotStarted)
        assert "the fake was told to fail" in report.fault.message


async def test_a_defect_of_ours_is_reported_as_one_and_logged(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(name: str) -> Live:
        raise KeyError(name)

    reports: list[Report] = []
    attendant = Attendant("m", broken, reports.append)
    attendant.start()
    await until(lambda: bool(reports))
    await attendant.close(None)
    (report,) = reports
    assert isinstance(report, NotStarted)
    assert isinstance(report.fault, StartFailed)
    assert "defect" in report.fault.remedy
    assert "Traceback" in caplog.text


async def test_a_start_that_is_broken_off_is_reported_once_even_if_it_had_not_begun(bench: Bench) -> None:
    bench.put("m", "--load-seconds 60")
    async with owning(bench) as owner:
        owner.attendant.start()
        owner.attendant.break_off()
        await owner.told(1)
        assert bench.pids() == []
        owner.attendant.start()
        await until(lambda: bool(bench.pids()))
        owner.attendant.break_off()
        owner.attendant.break_off()
        await owner.told(2)
        await until_gone(*bench.pids())
        assert owner.kinds == [Dropped, Dropped]


async def test_what_has_started_is_not_broken_off(bench: Bench) -> None:
    async with owning(bench) as owner:
        live = await owner.started()
        owner.attendant.break_off()
        await asyncio.sleep(0.05)
        assert owner.kinds == [Started]
        assert owner.attendant.sound(live)


async def test_a_stop_is_reported_when_the_process_is_gone(bench: Bench) -> None:
    async with owning(bench) as owner:
        live = await owner.started()
        owner.attendant.stop(live)
        await owner.told(3)
        assert not psutil.pid_exists(live.process.pid)
        assert set(owner.kinds[1:]) == {Gone, Dead}


async def test_after_a_lease_came_back_it_is_asked_once_and_then_sound(bench: Bench) -> None:
    async with owning(bench) as owner:
        live = await owner.started()
        owner.attendant.lease_back()
        assert not owner.attendant.sound(live)
        assert not owner.attendant.sound(live)
        await owner.told(2)
        assert owner.kinds == [Started, Asked]
        assert owner.attendant.sound(live)


async def test_a_lease_that_came_back_long_ago_is_no_reason_to_ask(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landbridge.engines.attendant.DOUBT", 0.05)
    async with owning(bench) as owner:
        live = await owner.started()
        owner.attendant.lease_back()
        await asyncio.sleep(0.06)
        assert owner.attendant.sound(live)


async def test_one_that_says_nothing_is_killed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbridge.engines.attendant.HANGING", 0.1)
    monkeypatch.setattr("landbridge.engines.control.HEALTH_TIMEOUT", 0.1)
    async with owning(bench) as owner:
        live = await owner.started()
        psutil.Process(bench.pids()[0]).suspend()
        owner.attendant.lease_back()
        assert not owner.attendant.sound(live)
        await owner.told(3)
        assert set(owner.kinds[1:]) == {Asked, Dead}
        await until_gone(*bench.pids())


async def test_closed_while_it_starts_it_leaves_nothing_and_says_nothing(bench: Bench) -> None:
    bench.put("m", "--unhealthy")
    async with owning(bench) as owner:
        owner.attendant.start()
        await until(lambda: bool(bench.pids()))
        await owner.attendant.close(None)
        await until_gone(*bench.pids())
        assert owner.reports == []


async def test_closed_in_the_moment_it_became_ready_the_process_is_stopped(bench: Bench) -> None:
    async with owning(bench) as owner:
        live = await owner.started()
        await owner.attendant.close(None)  # its owner never read the report
        assert live.process.ended is not None


async def test_closed_while_it_asks_or_stops_everything_ends(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbridge.engines.lease.STOP_GRACE", 30.0)
    bench.put("m", "--ignore-term")
    async with owning(bench) as owner, asyncio.timeout(5):
        live = await owner.started()
        owner.attendant.lease_back()
        owner.attendant.sound(live)
        owner.attendant.stop(live)
        await asyncio.sleep(0.05)
        await owner.attendant.close(live)
        await until_gone(*bench.pids())


async def test_an_engine_that_hangs_is_killed_and_replaced(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbridge.engines.attendant.HANGING", 0.1)
    monkeypatch.setattr("landbridge.engines.control.HEALTH_TIMEOUT", 0.1)
    async with bench.open() as keeper, asyncio.timeout(5):
        async with keeper.lease("m"):
            psutil.Process(bench.pids("m")[0]).suspend()
        async with keeper.lease("m") as lease:
            assert "[DONE]" in await generate(lease)
    assert len(bench.pids("m")) == 2


async def test_p82_a_long_silent_prompt_is_not_taken_for_a_hang(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbridge.engines.attendant.HANGING", 0.2)
    bench.put("m", "--prefill-seconds 1 -np 2")
    async with bench.open() as keeper, keeper.lease("m") as lease:
        prompt = asyncio.ensure_future(generate(lease))
        for _ in range(3):
            await asyncio.sleep(0.2)
            await use(keeper)  # comes back, so that the engine is asked before the next
        assert not prompt.done()
        assert "[DONE]" in await prompt
    assert len(bench.pids()) == 1
