"""Engines without processes, in time that runs as fast as it is waited for: the true keeper, owners, lines and desks.

    asyncio.Runner(loop_factory=VirtualLoop).run(...)

A loop that waits for nothing that could ever happen raises `Deadlock`. What no engine may ever suffer is asserted where
it would happen: `Machine` is the memory, and knows who works.
"""

from __future__ import annotations

import asyncio
import random
import selectors
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from landbridge.config import Config, ModelSettings
from landbridge.engines.control import Found
from landbridge.engines.lease import Live
from landbridge.engines.process import Ending
from landbridge.engines.room import Room
from landbridge.errors import NoMemory, StartFailed
from landbridge.neutral.traits import Traits
from tests.engines.bench import Plan

EPOCH = 1000.0
"""When the loop begins."""


class Deadlock(Exception):
    """Everybody waits, and nothing is left that could happen."""


class _Selector(selectors.DefaultSelector):
    """Does not wait: lets the time pass."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found and timeout is None:
            raise Deadlock
        if not found and timeout:
            self.loop.now += timeout
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.now = EPOCH
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now


class Log:
    def last_words(self) -> str:
        return "simulated"


class Process:
    """One that runs in the machine's memory until it is killed or told to stop."""

    def __init__(self, machine: Machine, name: str, memory: int) -> None:
        machine.pids += 1
        self.machine, self.name, self.memory, self.pid = machine, name, memory, 2**30 + machine.pids
        self.ended: Ending | None = None
        self.log, self.hangs, self.held = Log(), False, 0
        self._gone = asyncio.Event()
        machine.begin(self)

    async def wait(self) -> Ending:
        await self._gone.wait()
        assert self.ended is not None
        return self.ended

    async def ends_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self.wait()
        except TimeoutError:
            return False
        return True

    async def stop(self, grace: float) -> None:
        if self.ended is None:
            self.machine.check_stop(self)
            await asyncio.sleep(grace if self.hangs else self.machine.chance.random() * 0.2)
            self.end(0)

    def kill(self) -> None:
        self.end(-9)

    def end(self, code: int) -> None:
        if self.ended is None:
            self.ended = Ending(code)
            self.machine.running.discard(self)
            self._gone.set()


class Control:
    def __init__(self, process: Process) -> None:
        self.url, self.headers, self._process = "http://simulated", dict[str, str](), process

    async def healthy(self) -> bool:
        await asyncio.sleep(0.001)
        return self._process.ended is None and not self._process.hangs


class Slots:
    sent = reused = 0

    def holds(self, who: str) -> int:
        return 0

    async def close(self) -> None:
        await asyncio.sleep(0.05)


class Machine:
    """The memory, and what may not happen to those who are in it."""

    def __init__(self, seed: int, limit: int, sizes: Mapping[str, int], config: Config) -> None:
        self.chance = random.Random(seed)
        self.limit, self.sizes, self.config = limit, sizes, config
        self.running: set[Process] = set()
        self.pids = self.evictions = 0
        self.closing = False
        self.forced: Counter[str] = Counter()
        """Models whose user has them unloaded now."""
        self.pinned: Callable[[str], bool] = lambda name: False
        self.wrong: list[str] = []
        """What must never happen, and did."""
        self.troubles = 0.0
        """Share of starts that fail."""

    def begin(self, process: Process) -> None:
        taken = sum(each.memory for each in self.running)
        if taken + process.memory > self.limit:
            self.wrong.append(f"{process.name} was started with {taken} of {self.limit} taken")
        if process.name in {each.name for each in self.running}:
            self.wrong.append(f"{process.name} was started twice")
        self.running.add(process)

    def check_stop(self, process: Process) -> None:
        self.evictions += 1
        if not self.closing and not self.forced[process.name]:
            if process.held:
                self.wrong.append(f"{process.name} was stopped and worked for somebody")
            if self.pinned(process.name):
                self.wrong.append(f"{process.name} was stopped and is pinned")

    async def start(self, name: str, memory: int) -> Live:
        process = Process(self, name, memory)
        try:
            await asyncio.sleep(self.chance.choice([0.05, 0.5, 3.0]))
        except asyncio.CancelledError:
            process.end(-15)
            if not self.closing and not self.forced[name]:
                self.wrong.append(f"{name} was stopped while it loaded")
            raise
        if self.chance.random() < self.troubles:
            process.end(1)
            raise StartFailed("It did not start, by chance.")
        wished = self.config.models[name].slots if name == "wide" else 1
        found = Found(window=4096, slots=1 if wished == "auto" else wished, traits=Traits())
        return Live(name, process, Control(process), found, Slots())  # type: ignore[arg-type]  # as far as they are used

    def process_of(self, name: str) -> Process | None:
        return next((each for each in self.running if each.name == name), None)


def launcher(machine: Machine) -> Callable[..., SimulatedLauncher]:
    """What stands in for `Launcher` in the keeper."""
    return lambda library, settings, run_dir, ask, room, planner: SimulatedLauncher(machine, room)


class SimulatedLauncher:
    def __init__(self, machine: Machine, room: Room) -> None:
        self._machine, self._room = machine, room

    def settings_of(self, name: str) -> ModelSettings:
        return self._machine.config.models.get(name, ModelSettings())

    def wish(self, name: str) -> object:
        return self.settings_of(name).context

    def cause(self, name: str) -> object:
        return self.wish(name)

    def embeds(self, name: str) -> bool:
        return False

    async def launch(self, name: str, take: Callable[[Callable[[int], Plan]], Awaitable[Plan]]) -> Live:
        needed = self._machine.sizes[name]

        def fit(free: int) -> Plan:
            if needed > free:
                raise NoMemory(f"'{name}' needs {needed}, {free} are free.")
            return Plan(context=4096, threads=1, batch=1, gpu_layers=0, memory=needed)

        try:
            return await self._machine.start(name, (await take(fit)).memory)
        except BaseException:
            self._room.release(name)
            raise


class Files:
    """A library in which every model has a file."""

    def find(self, name: str) -> Any:
        return object()
