"""Everything that can go wrong with one model, each with a real process: a clear error, and all others work on.

When what was wrong is put right, the model works, too.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import psutil
import pytest

from landbridge.engines.keeper import Keeper
from landbridge.errors import Crashed, EngineFault, ModelUnusable, StartFailed
from tests.engines.bench import Bench, generate, use

pytestmark = [pytest.mark.io, pytest.mark.anyio]


@asynccontextmanager
async def working(bench: Bench) -> AsyncIterator[Keeper]:
    """A keeper with a model `good` that answers before, after and while the test does something to `m`."""
    bench.put("good")
    async with bench.open() as keeper, asyncio.timeout(30):
        async with keeper.lease("good") as lease:
            yield keeper
            assert "[DONE]" in await generate(lease)
        assert keeper.info("good").last_fault == ""
    assert len(bench.pids("good")) == 1


async def answers(keeper: Keeper, name: str = "m") -> None:
    async with keeper.lease(name) as lease:
        assert "[DONE]" in await generate(lease)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def overwrite(path: Path) -> None:
    path.write_bytes(b"<html>404</html>".ljust(path.stat().st_size, b" "))


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ("--crash-at-load", "did not start (exit code 1): llama_model_load: error loading model"),
        ("--killed-at-load", "did not start (signal SIGKILL)"),
    ],
    ids=["a crash while it loads", "no memory while it loads"],
)
async def test_a_start_that_fails(bench: Bench, flags: str, words: str) -> None:
    async with working(bench) as keeper:
        bench.put("m", flags)
        with pytest.raises(StartFailed) as caught:
            await use(keeper)
        assert words in caught.value.message
        assert "memory" in caught.value.remedy
        assert caught.value.origin == "engine:m"
        bench.put("m")
        await answers(keeper)


@pytest.mark.parametrize(
    ("spoil", "words"), [(cut, "is not whole"), (overwrite, "is not a GGUF model"), (Path.unlink, "cannot be read")]
)
async def test_a_file_that_is_damaged(bench: Bench, spoil: Callable[[Path], None], words: str) -> None:
    async with working(bench) as keeper:
        spoil(bench.models["m"].path)
        with pytest.raises(ModelUnusable) as caught:
            await use(keeper)
        assert words in caught.value.message
        assert "landbridge models pull m" in caught.value.remedy
        assert bench.pids() == [], "no process was started for it"
        bench.put("m")
        await answers(keeper)


async def test_a_crash_while_it_works(bench: Bench) -> None:
    async with working(bench) as keeper:
        async with keeper.lease("m") as lease:
            os.kill(bench.pids()[0], signal.SIGSEGV)
            with pytest.raises(aiohttp.ClientError):
                await generate(lease)
            fault = await lease.post_mortem(5.0)
            assert isinstance(fault, Crashed)
            assert "SIGSEGV" in fault.message
            assert "Try again" in fault.remedy
        await answers(keeper)


async def test_one_that_hangs(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbridge.engines.attendant.HANGING", 0.2)
    monkeypatch.setattr("landbridge.engines.control.HEALTH_TIMEOUT", 0.2)
    async with working(bench) as keeper:
        async with keeper.lease("m") as lease:
            psutil.Process(bench.pids()[0]).suspend()
            with suppress(aiohttp.ClientError, TimeoutError):
                async with asyncio.timeout(0.2):  # its user has no more patience
                    await generate(lease)
        await answers(keeper)
        assert len(bench.pids()) == 2


async def test_a_full_disk(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    async with working(bench) as keeper:
        with monkeypatch.context() as patch, pytest.raises(StartFailed) as caught:
            patch.setattr("landbridge.engines.start.write_private", full)
            await use(keeper)
        assert "No space left on device" in caught.value.message
        assert "disk space" in caught.value.remedy
        await answers(keeper)


async def test_no_place_for_saved_prompts_is_no_reason_not_to_work(bench: Bench) -> None:
    (bench.folder / "prompts").write_text("a file, where a folder should be")
    async with working(bench) as keeper:
        await answers(keeper)


async def test_no_failure_of_one_makes_another_wait(bench: Bench) -> None:
    bench.put("m", "--unhealthy")
    async with working(bench) as keeper:
        bench.set(start_timeout=2.0)
        failing = asyncio.ensure_future(use(keeper))
        for _ in range(5):
            async with asyncio.timeout(0.5), keeper.lease("good", light=True):
                pass
        with pytest.raises(EngineFault, match="not ready after 2 s"):
            await failing
