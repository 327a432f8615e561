"""A child process heard out, ended, and never left behind, whatever it does."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import psutil
import pytest

from landbridge.engines.process import Ending, Job, Process, remove_stale
from tests.engines.bench import Bench, generate, until_gone

pytestmark = [pytest.mark.io, pytest.mark.anyio]

LISTEN = "print('listening on http://127.0.0.1:7', flush=True); import time; time.sleep(60)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + LISTEN
POLITE = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(7)); " + LISTEN


@asynccontextmanager
async def running(code: str) -> AsyncIterator[Process]:
    """A worker with a Python program beneath it."""
    process = await Process.spawn(Job(parent=os.getpid(), command=(sys.executable, "-c", code)))
    try:
        yield process
    finally:
        await process.stop(0.0)


def family(process: Process) -> list[int]:
    return [process.pid, *(child.pid for child in psutil.Process(process.pid).children(recursive=True))]


@pytest.mark.parametrize(
    ("code", "words"),
    [(0, "exit code 0"), (3, "exit code 3"), (-9, "signal SIGKILL"), (-6, "signal SIGABRT"), (-99, "signal 99")],
)
def test_an_ending_in_words(code: int, words: str) -> None:
    assert str(Ending(code)) == words


async def test_where_it_listens_is_heard(bench: Bench) -> None:
    async with running(LISTEN) as process, asyncio.timeout(5):
        assert await process.url() == "http://127.0.0.1:7"
        assert process.ended is None


async def test_one_that_ends_before_it_listens_has_no_address_but_last_words() -> None:
    async with running("import sys; sys.exit('error: out of luck')") as process, asyncio.timeout(5):
        assert await process.url() == ""
        assert await process.wait() == process.ended == Ending(1)
        assert process.log.last_words() == "error: out of luck"


async def test_all_of_a_long_output_is_heard_though_it_ends_at_once() -> None:
    async with running("print('x' * 999); print('y\\n' * 300, end=''); print('error: last')") as process:
        await process.wait()
        assert process.log.lines[-1] == "error: last"
        assert len(process.log.lines) > 300


async def test_how_it_died_is_known() -> None:
    async with running("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)") as process:
        assert str(await process.wait()) == "signal SIGSEGV"


async def test_told_to_end_it_may_do_so_in_its_own_way() -> None:
    async with running(POLITE) as process:
        await process.url()
        await process.stop(5.0)
        assert process.ended == Ending(7)


async def test_one_that_ignores_being_told_is_killed_when_its_time_is_up() -> None:
    async with running(DEAF) as process:
        await process.url()
        pids, began = family(process), time.monotonic()
        await process.stop(0.3)
        assert 0.3 <= time.monotonic() - began < 2.0
        await until_gone(*pids)
        assert process.ended is not None


async def test_without_grace_it_is_killed_at_once() -> None:
    async with running(POLITE) as process:
        await process.url()
        pids = family(process)
        await process.stop(0.0)
        await until_gone(*pids)
        assert process.ended == Ending(-signal.SIGKILL)


async def test_stopping_twice_and_at_the_same_time_is_stopping() -> None:
    async with running(LISTEN) as process, asyncio.timeout(5):
        await process.url()
        await asyncio.gather(process.stop(1.0), process.stop(1.0), process.wait())
        await process.stop(1.0)
        process.kill()


async def test_a_stop_that_is_cancelled_kills() -> None:
    async with running(DEAF) as process:
        await process.url()
        pids = family(process)
        stopping = asyncio.ensure_future(process.stop(60.0))
        await asyncio.sleep(0.05)
        stopping.cancel()
        with suppress(asyncio.CancelledError):
            await stopping
        await until_gone(*pids)


async def test_who_stops_waiting_does_not_stop_others_from_hearing_the_end() -> None:
    async with running(LISTEN) as process:
        impatient, patient = asyncio.ensure_future(process.wait()), asyncio.ensure_future(process.wait())
        await process.url()
        impatient.cancel()
        process.kill()
        async with asyncio.timeout(5):
            assert await patient == Ending(-signal.SIGKILL)


async def test_an_end_is_waited_for_only_so_long() -> None:
    async with running(LISTEN) as process:
        assert not await process.ends_within(0.05)
        process.kill()
        assert await process.ends_within(5.0)


async def test_a_grandchild_that_escaped_and_holds_the_output_holds_nobody_up() -> None:
    escape = "import subprocess, sys; subprocess.Popen(['sleep', '6'], start_new_session=True); sys.exit(3)"
    async with running(escape) as process:
        began = time.monotonic()
        assert await process.wait() == Ending(3)
        assert time.monotonic() - began < 5.0


async def test_a_system_that_cannot_start_processes_costs_no_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    before = psutil.Process().num_fds()
    monkeypatch.setattr(sys, "executable", "/no/python")
    for _ in range(3):
        with pytest.raises(OSError, match="/no/python"):
            await Process.spawn(Job(parent=os.getpid(), command=("true",)))
    assert psutil.Process().num_fds() == before


async def test_an_ended_process_costs_no_descriptors() -> None:
    async with running("pass") as process:
        await process.wait()
    before = psutil.Process().num_fds()
    for _ in range(3):
        async with running("pass") as process:
            await process.wait()
    await asyncio.sleep(0.05)
    assert psutil.Process().num_fds() <= before


async def test_a_provider_key_does_not_reach_the_engine(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LAB_API_KEY", "hf_token", "MY_SECRET", "DB_PASSWORD"):
        monkeypatch.setenv(name, "sk-private")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    async with bench.start() as live:
        for pid in family(live.process):
            environment = psutil.Process(pid).environ()
            assert "sk-private" not in environment.values()
            assert environment["OMP_NUM_THREADS"] == "1"


async def test_what_a_crashed_engine_started_is_gone_too(bench: Bench) -> None:
    bench.put("m", "--fork --crash-after 1")
    async with bench.open() as keeper, keeper.lease("m") as lease:
        with suppress(aiohttp.ClientError):
            await generate(lease)
        await lease.post_mortem()
        await until_gone(*bench.pids())


def test_files_of_dead_routers_are_removed_and_no_others(tmp_path: Path) -> None:
    ours, init, other = f"engine-{os.getpid()}-a.key", "engine-1-a.jinja", "engines.txt"
    dead = ["engine-4194305-a.key", "engine--a.key", "engine-x-a.key", "engine-99999999999999999999-a.key"]
    for name in (ours, init, other, *dead):
        (tmp_path / name).touch()
    remove_stale(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {ours, init, other}
    remove_stale(tmp_path / "none")
