"""A bench for engines: model files in a folder, settings that can change, a keeper over the pretend engine.

What goes wrong is ordered by flags in the model file (`tests/fakes/engine.py`).
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from landbridge.config import Config, EngineSettings, ModelSettings
from landbridge.engines.control import Ask
from landbridge.engines.hardware import Machine
from landbridge.engines.keeper import Keeper
from landbridge.engines.lease import Lease, Live
from landbridge.engines.llamacpp import Run
from landbridge.engines.plan import Plan as Plan  # tests make plans of their own
from landbridge.engines.start import Starter
from landbridge.engines.states import State
from landbridge.upstream.ask import ask
from landbridge.upstream.client import Client

FAKE = Path(__file__).parent.parent / "fakes" / "engine.py"
MEGABYTE = 10**6
HELLO = {"messages": [{"role": "user", "content": "hello there"}], "max_tokens": 5, "stream": True}
"""A chat request whose prompt has five words in the pretend engine's template."""


@dataclass(frozen=True)
class ModelFile:
    path: Path
    size: int
    facts: int
    """The pretend planner's fact: how many bytes the model takes."""
    template: str | None = None
    embeds: bool = False
    projector: Path | None = None


def plan(facts: int, settings: ModelSettings, memory: int, machine: Machine) -> Plan:
    context = 4096 if settings.context == "auto" else settings.context
    batch = 32 if settings.batch == "auto" else settings.batch  # a real engine is cancelled within a second (P84)
    slots = 1 if settings.slots == "auto" else settings.slots
    pooling = "mean" if settings.embeddings else ""
    return Plan(context=context, threads=1, batch=batch, gpu_layers=0, memory=facts, pooling=pooling, slots=slots)


@asynccontextmanager
async def asking() -> AsyncIterator[Ask]:
    """What carries questions to engines."""
    client = Client()
    await client.start()
    try:
        yield partial(ask, client)
    finally:
        await client.close()


@dataclass
class Bench:
    """`put` models, `set` settings, `open` a keeper; or `start` a single engine without one."""

    folder: Path
    config: Config = field(default_factory=Config)
    models: dict[str, ModelFile] = field(default_factory=dict)

    def find(self, name: str) -> ModelFile | None:
        return self.models.get(name)

    def put(self, name: str, flags: str = "", memory: int = MEGABYTE) -> ModelFile:
        """A model file that makes the pretend engine behave as `flags` say."""
        path = self.folder / f"{name}.gguf"
        path.write_text(f"GGUF {flags} --pid-file {self.pid_file(name)}")
        self.models[name] = ModelFile(path, path.stat().st_size, memory)
        return self.models[name]

    def set(self, models: dict[str, ModelSettings] | None = None, **engine: Any) -> None:
        """New settings for everything."""
        settings: dict[str, Any] = {"command": [sys.executable, str(FAKE)], "start_timeout": 10.0, **engine}
        self.config = Config(models=models or {}, engine=EngineSettings(**settings))

    @asynccontextmanager
    async def open(self, library: Any = None, planner: Any = plan) -> AsyncIterator[Keeper]:
        async with asking() as ask:
            keeper = Keeper(library or self, lambda: self.config, self.run_dir, planner, ask)
            await keeper.start()
            try:
                yield keeper
            finally:
                await keeper.close()

    def run(self, name: str = "m", *, pooling: str = "", **settings: Any) -> Run:
        """How to run a model that was put."""
        made = ModelSettings(**settings)
        path = self.models[name].path
        return Run(path, context=4096, threads=1, batch=512, gpu_layers=0, template="", settings=made, pooling=pooling,
                   slots=1 if made.slots == "auto" else made.slots)  # fmt: skip

    @asynccontextmanager
    async def start(self, name: str = "m", run: Run | None = None) -> AsyncIterator[Live]:
        """One ready engine."""
        self.run_dir.mkdir(exist_ok=True)
        async with asking() as ask:
            starter = Starter(lambda: self.config.engine, self.run_dir, ask)
            live = await starter.start(name, run or self.run(name), MEGABYTE, lambda pid: None)
            try:
                yield live
            finally:
                await live.close()

    @property
    def run_dir(self) -> Path:
        return self.folder / "run"

    def pid_file(self, name: str) -> Path:
        return self.folder / f"{name}.pids"

    def pids(self, name: str = "m") -> list[int]:
        """Processes that were ever started for `name`, oldest first."""
        file = self.pid_file(name)
        return [int(line) for line in file.read_text().split()] if file.exists() else []


def alive(pid: int) -> bool:
    """Whether a process lives; one that only waits to be reaped does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def until_gone(*pids: int) -> None:
    """Wait until they are gone: killed ones take a moment for it, when the machine is busy."""
    await until(lambda: not any(map(alive, pids)), 2.0)


async def hold(keeper: Keeper, name: str, until: asyncio.Event, got: asyncio.Event | None = None) -> None:
    """A lease from now until `until`."""
    async with keeper.lease(name):
        if got is not None:
            got.set()
        await until.wait()


async def use(keeper: Keeper, name: str = "m") -> None:
    """A lease for a moment."""
    async with keeper.lease(name):
        pass


async def generate(lease: Lease, body: dict[str, object] = HELLO) -> str:
    """The whole stream; raises `aiohttp.ClientError` where it breaks."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(lease.url + "/v1/chat/completions", json=body, headers=lease.headers) as answer,
    ):
        return await answer.text()


async def until(true: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)


async def until_slots_are(lease: Lease, busy: int, seconds: float = 5.0) -> None:
    """Wait until so many of the engine's slots work."""
    async with asyncio.timeout(seconds):
        while await lease.busy_slots() != busy:
            await asyncio.sleep(0.01)


async def refusal(waiting: Awaitable[object]) -> Exception:
    """What `waiting` raises."""
    (outcome,) = await asyncio.gather(waiting, return_exceptions=True)
    assert isinstance(outcome, Exception), outcome
    return outcome


def state(keeper: Keeper, name: str = "m") -> State:
    return next(info.state for info in keeper.snapshot() if info.name == name)
