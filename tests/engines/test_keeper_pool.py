"""The pool as a whole, 10,000 random steps in virtual time: leases of all kinds, cancellations, crashes, hangs, pins,
unloading, settings that change. No deadlock, nobody works on an engine that is stopped, no more memory than there is,
and everybody is answered.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from landbridge.config import Config, EngineSettings, ModelSettings
from landbridge.engines.keeper import Keeper
from landbridge.engines.states import State
from landbridge.errors import GatewayError, RateLimited, StartFailed
from tests.engines.simulation import Deadlock, Files, Machine, VirtualLoop, launcher

SIZES = {"a": 4, "b": 4, "big": 9, "small": 1, "wide": 5, "huge": 11}
LIMIT = 10
STEPS = 2500
LONGEST = 3600.0
"""Seconds nobody waits who does not give up: a line of 32 before each of the models that want the memory, too."""


class User:
    """What one did, and what became of it."""

    def __init__(self, patient: bool) -> None:
        self.patient = patient
        self.outcome = ""
        self.waited = 0.0


class Simulation:
    def __init__(self, seed: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.chance = random.Random(seed)
        models = {name: ModelSettings(idle_unload="30s", slots=3 if name == "wide" else 1) for name in SIZES}
        models["small"] = replace(models["small"], background=True)
        engine = EngineSettings(memory_limit=LIMIT, max_queue=32, max_restarts=4)
        self.machine = Machine(seed, LIMIT, SIZES, Config(models=models, engine=engine))
        monkeypatch.setattr("landbridge.engines.keeper.Launcher", launcher(self.machine))
        library: Any = Files()
        self.keeper = Keeper(library, lambda: self.machine.config, folder, _never, _asks_nobody)
        self.machine.pinned = self.keeper.pinned
        self.users: list[User] = []
        self.tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        self.machine.troubles = 0.05
        await self.keeper.start()
        for _ in range(STEPS):
            self.step()
            await asyncio.sleep(self.chance.choice([0.0, 0.0, 0.01, 0.3, self.chance.expovariate(1.0)]))
            self.check()
        self.machine.troubles = 0.0
        for name in SIZES:
            self.keeper.pin(name, False)
        await asyncio.gather(*self.tasks)
        self.check()
        self.machine.closing = True
        await self.keeper.close()
        assert not self.machine.running

    def step(self) -> None:
        name, roll = self.chance.choice(list(SIZES)), self.chance.random()
        process = self.machine.process_of(name)
        if roll < 0.85:
            self.spawn(self.use(name))
        elif roll < 0.88 and not self.keeper.pinned(name):
            self.spawn(self.unload(name, now=self.chance.random() < 0.3))
        elif roll < 0.92:
            self.pin(name)
        elif roll < 0.95 and process is not None:
            process.kill()
        elif roll < 0.96 and process is not None:
            process.hangs = True
        elif roll < 0.98 and name not in ("a", "small"):  # new settings end pinned ones, too
            models = self.machine.config.models
            context = self.chance.choice([1000, 2000])
            models = {**models, name: replace(models[name], context=context)}
            self.machine.config = replace(self.machine.config, models=models)

    def spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)

    def pin(self, name: str) -> None:
        """One at a time, so that there is room for the others."""
        for other in SIZES:
            if self.keeper.pinned(other):
                self.keeper.pin(other, False)
        going = self.keeper.info(name).state in (State.DRAINING, State.STOPPING)
        self.keeper.pin(name, self.chance.random() < 0.5 and name in ("a", "small") and not going)

    async def use(self, name: str) -> None:
        loop, patient = asyncio.get_running_loop(), self.chance.random() < 0.7
        user = User(patient)
        self.users.append(user)
        patience = None if patient else self.chance.choice([0.0, 0.1, 2.0, 20.0])
        light, background = self.chance.random() < 0.2, self.chance.random() < 0.2
        began, served = loop.time(), False
        try:
            async with asyncio.timeout(patience), self.keeper.lease(name, light=light, background=background) as lease:
                user.waited, served = loop.time() - began, True
                process: Any = lease._live.process
                process.held += 1
                try:
                    await self.work(process)
                finally:
                    process.held -= 1
            user.outcome = "crashed" if lease.fault() is not None else "served"
        except TimeoutError:
            user.outcome = "left"
        except GatewayError as error:
            assert not served
            user.outcome = type(error).__name__
            assert not isinstance(error, StartFailed) or "defect" not in error.remedy, error
            assert not isinstance(error, RateLimited) or error.retry_after is not None

    async def work(self, process: Any) -> None:
        ends_at = asyncio.get_running_loop().time() + self.chance.choice([0.0, 0.05, 1.0, self.chance.expovariate(0.3)])
        while process.ended is None and (left := ends_at - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(min(left, 1.0))

    async def unload(self, name: str, *, now: bool) -> None:
        self.machine.forced[name] += 1
        try:
            await self.keeper.unload(name, now=now)
        finally:
            self.machine.forced[name] -= 1

    def check(self) -> None:
        assert self.machine.wrong == []
        running = {each.name for each in self.machine.running}
        infos = self.keeper.snapshot()
        assert sum(info.planned for info in infos) <= LIMIT
        assert running <= {info.name for info in infos if info.planned}


def _never(*_: object) -> Any:
    raise AssertionError("nothing is planned in a simulation")


async def _asks_nobody(*_: object) -> Any:
    raise AssertionError("nothing is asked in a simulation")


@pytest.mark.parametrize("seed", range(4))
def test_p91_p92_p93_p95_whatever_happens_nobody_is_lost(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def simulate() -> Simulation:
        simulation = Simulation(seed, tmp_path, monkeypatch)
        await simulation.run()
        return simulation

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        simulation = runner.run(simulate())
    outcomes = Counter(user.outcome for user in simulation.users)
    assert outcomes[""] == 0, "everybody is answered"
    assert not [user for user in simulation.users if user.patient and user.outcome == "left"]
    assert outcomes["served"] > STEPS / 3, outcomes
    assert outcomes["NoMemory"] > 50, "what never fits is refused"
    assert {"left", "crashed", "StartFailed"} <= outcomes.keys()
    assert simulation.machine.evictions > 50
    assert max(user.waited for user in simulation.users) < LONGEST


def test_a_deadlock_is_noticed() -> None:
    async def wait() -> None:
        await asyncio.Event().wait()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner, pytest.raises(Deadlock):
        runner.run(wait())
