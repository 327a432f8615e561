"""Nothing stays behind when the router is killed outright: not the engine, not what the engine started."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
import pytest

from tests.engines.bench import FAKE, Bench, alive

ROUTER = """
import asyncio, json, sys
from pathlib import Path
from tests.engines.bench import Bench, ModelFile, generate, until_slots_are

async def main() -> None:
    order = json.loads(sys.argv[1])
    bench = Bench(Path(order["folder"]))
    bench.set(command=order["command"])
    path = Path(order["model"])
    bench.models["m"] = ModelFile(path, path.stat().st_size, 10**6)
    async with bench.open() as keeper, keeper.lease("m") as lease:
        if order["words"]:
            story = {"messages": [{"role": "user", "content": "Count."}], "max_tokens": order["words"], "stream": True}
            answering = asyncio.ensure_future(generate(lease, story))
            await until_slots_are(lease, 1)
        print("ready", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""
ROOT = Path(__file__).parents[2]


def start_router(bench: Bench, model: Path, command: Sequence[str] | None, words: int = 0) -> subprocess.Popen[bytes]:
    """A router with a lease on a ready engine, which writes an answer of so many words."""
    order = {"folder": str(bench.folder), "model": str(model), "command": command, "words": words}
    return subprocess.Popen([sys.executable, "-c", ROUTER, json.dumps(order)], cwd=ROOT, stdout=subprocess.PIPE)


def until(true: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (now := true()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return now


def descendants(router: subprocess.Popen[bytes]) -> list[int]:
    return [child.pid for child in psutil.Process(router.pid).children(recursive=True)]


def kill(router: subprocess.Popen[bytes]) -> None:
    router.send_signal(signal.SIGKILL)
    router.communicate()


@pytest.mark.io
@pytest.mark.parametrize("flags", ["", "--ignore-term --fork"])
def test_a_killed_router_leaves_no_foreign_engine(bench: Bench, flags: str) -> None:
    model = bench.put("m", flags).path
    router = start_router(bench, model, [sys.executable, str(FAKE)])
    assert router.stdout is not None
    assert router.stdout.readline() == b"ready\n"
    pids = {*descendants(router), *bench.pids("m")}
    assert len(pids) == (3 if "--fork" in flags else 2)
    kill(router)
    assert until(lambda: not any(map(alive, pids)), 2.0), "an engine outlived the router"


@pytest.mark.io
def test_p86_a_router_killed_in_the_middle_of_an_answer_leaves_no_engine(bench: Bench) -> None:
    model = bench.put("m", "--fork --ignore-term --token-delay 0.05").path
    router = start_router(bench, model, [sys.executable, str(FAKE)], words=2000)
    assert router.stdout is not None
    assert router.stdout.readline() == b"ready\n"
    pids = {*descendants(router), *bench.pids("m")}
    kill(router)
    assert until(lambda: not any(map(alive, pids)), 2.0), "an engine wrote on for nobody"


@pytest.mark.io
@pytest.mark.parametrize("pause", [0.0, 0.3])
def test_an_engine_killed_while_it_serves_and_then_its_router_leave_nothing(bench: Bench, pause: float) -> None:
    model = bench.put("m", "--fork --token-delay 0.05").path
    router = start_router(bench, model, [sys.executable, str(FAKE)], words=2000)
    assert router.stdout is not None
    assert router.stdout.readline() == b"ready\n"
    engine, grandchild = bench.pids("m")
    pids = {*descendants(router), engine, grandchild}
    os.kill(engine, signal.SIGKILL)
    time.sleep(pause)
    kill(router)
    assert until(lambda: not any(map(alive, pids)), 2.0)


@pytest.mark.io
def test_a_router_killed_while_an_engine_loads_leaves_none(bench: Bench) -> None:
    model = bench.put("m", "--unhealthy --fork").path
    router = start_router(bench, model, [sys.executable, str(FAKE)])
    assert until(lambda: len(bench.pids("m")) == 2, 10.0)
    pids = {*descendants(router), *bench.pids("m")}
    kill(router)
    assert until(lambda: not any(map(alive, pids)), 2.0)


@pytest.mark.io
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing ends a child whose supervisor alone is killed")
def test_a_killed_supervisor_leaves_no_engine_and_the_keeper_notices(bench: Bench) -> None:
    model = bench.put("m", "--fork").path
    router = start_router(bench, model, [sys.executable, str(FAKE)])
    assert router.stdout is not None
    assert router.stdout.readline() == b"ready\n"
    supervisor = psutil.Process(router.pid).children()[0]
    pids = bench.pids("m")
    supervisor.kill()
    try:
        assert until(lambda: not any(map(alive, pids)), 2.0)
    finally:
        kill(router)


@pytest.mark.e2e
@pytest.mark.parametrize("moment", ["loading", "ready", "answering"])
def test_a_killed_router_leaves_no_llama(bench: Bench, smollm2: Path, moment: str) -> None:
    router = start_router(bench, smollm2, None, words=2000 if moment == "answering" else 0)
    assert router.stdout is not None
    if moment != "loading":
        assert router.stdout.readline() == b"ready\n"
    else:
        assert until(lambda: bool(descendants(router)), 10.0)
        # As soon as it works on the model: llama.cpp lets no Python code run then.
        assert until(lambda: any(psutil.Process(pid).memory_info().rss > 10**8 for pid in descendants(router)), 10.0)
    pids = descendants(router)
    assert pids
    kill(router)
    assert until(lambda: not any(map(alive, pids)), 2.0)
