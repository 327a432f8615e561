"""Servers of models' own: the life of our engines, and no question that only llama.cpp understands."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from landbridge.config import ModelSettings
from landbridge.engines.foreign import USUAL_WINDOW
from landbridge.engines.states import State
from landbridge.errors import ConfigFault, EngineFault, EngineMissing, NoMemory, StartFailed
from tests.engines.bench import MEGABYTE, Bench, alive, generate, state, until, until_gone, use
from tests.fakes.running import Running

pytestmark = [pytest.mark.io, pytest.mark.anyio]

SERVER = str(Path(__file__).parents[1] / "fakes" / "openai_server.py")
ASKED = {"model": "org/name", "messages": [{"role": "user", "content": "hello"}], "stream": True}


def command(bench: Bench, *flags: str, port: str = "{port}") -> list[str]:
    return [sys.executable, SERVER, "--port", port, "--pid-file", str(bench.pid_file("s")), *flags]


def declare(bench: Bench, *flags: str, memory: int = MEGABYTE, **more: Any) -> None:
    """The model `s`, which has a server of its own."""
    settings = ModelSettings(command=command(bench, *flags), memory=memory, **more)
    bench.set(models={"s": settings}, memory_limit=5 * MEGABYTE)


async def test_it_is_loaded_on_demand_asked_and_unloaded_when_idle(bench: Bench) -> None:
    declare(bench, "--load-seconds", "0.2", idle_unload="0.3s")
    async with bench.open() as keeper:
        assert keeper.snapshot() == []
        async with keeper.lease("s") as lease:
            assert (lease.name, lease.model, lease.window) == ("s", "org/name", 5000)
            assert not lease.counts
            assert lease.predict(10**6) is None
            answer = await generate(lease, ASKED)
            assert "[DONE]" in answer
            assert keeper.info("s").planned == MEGABYTE
            with pytest.raises(EngineFault, match="does not count"):
                await lease.count(b"{}")
        pids = bench.pids("s")
        await until(lambda: state(keeper, "s") is State.STOPPED)
        await until_gone(*pids)
        await use(keeper, "s")
        assert len(bench.pids("s")) == 2


async def test_what_is_sent_names_the_model_as_the_server_does_and_nothing_of_llama_cpp(bench: Bench) -> None:
    declare(bench)
    async with bench.open() as keeper, keeper.lease("s") as lease:
        body = b'{"model": "s", "messages": [], "stream": true}'
        async with lease.turn(body) as turn:
            sent = json.loads(lease.body(body, turn))
    assert sent == {"model": "org/name", "messages": [], "stream": True}


async def test_the_settings_say_more_than_the_server(bench: Bench) -> None:
    declare(bench, "--no-list", context=1234, slots=3, serves="mine", max_output=9)
    async with bench.open() as keeper, keeper.lease("s") as lease:
        assert (lease.window, lease.slots, lease.model, lease.traits.max_output) == (1234, 3, "mine", 9)


async def test_one_that_lists_nothing_is_taken_as_it_comes(bench: Bench) -> None:
    declare(bench, "--no-list")
    async with bench.open() as keeper, keeper.lease("s") as lease:
        assert (lease.window, lease.model) == (USUAL_WINDOW, "s")


async def test_a_key_and_another_health_path(bench: Bench) -> None:
    declare(bench, "--key", "{key}", "--health", "/ready", health="/ready")
    async with bench.open() as keeper, keeper.lease("s") as lease:
        assert "[DONE]" in await generate(lease, ASKED)


async def test_p91_it_takes_turns_with_llama_cpp_for_memory(bench: Bench) -> None:
    declare(bench, memory=4 * MEGABYTE)
    bench.put("m", memory=3 * MEGABYTE)
    async with bench.open() as keeper, asyncio.timeout(20):
        for name in ("s", "m", "s"):
            await use(keeper, name)
        assert (state(keeper, "m"), state(keeper, "s")) == (State.STOPPED, State.READY)


async def test_one_that_can_never_fit_is_not_started(bench: Bench) -> None:
    declare(bench, memory=6 * MEGABYTE)
    async with bench.open() as keeper:
        with pytest.raises(NoMemory, match="'s' needs 6 MB of memory, 5 MB are free"):
            await use(keeper, "s")
    assert bench.pids("s") == []


async def test_a_crash_is_told_and_the_next_request_gets_a_new_one(bench: Bench) -> None:
    declare(bench)
    async with bench.open() as keeper, asyncio.timeout(10):
        async with keeper.lease("s") as lease:
            os.kill(bench.pids("s")[0], signal.SIGKILL)
            fault = await lease.post_mortem(5.0)
            assert fault is not None
            assert "SIGKILL" in fault.message
        async with keeper.lease("s") as lease:
            assert "[DONE]" in await generate(lease, ASKED)


async def test_why_it_did_not_start_is_told_in_its_own_words(bench: Bench) -> None:
    declare(bench, "--crash-at-load")
    async with bench.open() as keeper:
        with pytest.raises(StartFailed, match=r"'s' did not start \(exit code 7\): .*CUDA out of memory"):
            await use(keeper, "s")


async def test_one_that_never_says_that_it_is_ready_is_stopped_at_its_deadline(bench: Bench) -> None:
    declare(bench, health="/nowhere")
    bench.set(models=bench.config.models, start_timeout=0.8)
    async with bench.open() as keeper:
        with pytest.raises(StartFailed, match=r"did not answer 200 at http://127.0.0.1:\d+/nowhere within 0.8 s"):
            await use(keeper, "s")
        await until_gone(*bench.pids("s"))


async def test_a_program_that_is_not_there(bench: Bench) -> None:
    bench.set(models={"s": ModelSettings(command=["/no/vllm", "{port}"], memory=1)})
    async with bench.open() as keeper:
        with pytest.raises(EngineMissing, match="no program '/no/vllm', which is to run 's'"):
            await use(keeper, "s")


async def test_another_program_on_its_port_is_not_taken_for_it(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        settings = ModelSettings(command=command(bench, port=str(port)), memory=1, port=port)
        bench.set(models={"s": settings})
        async with bench.open() as keeper:
            with pytest.raises(ConfigFault, match=f"Port {port}, where the server of 's' is to listen, is taken"):
                await use(keeper, "s")
    assert bench.pids("s") == []


async def test_closing_leaves_nothing_behind_also_while_it_loads(bench: Bench) -> None:
    declare(bench, "--load-seconds", "60")
    async with bench.open() as keeper:
        waiter = asyncio.ensure_future(use(keeper, "s"))
        await until(lambda: bool(bench.pids("s")))
        assert alive(bench.pids("s")[0])
        await keeper.close()
        with pytest.raises(StartFailed, match="being stopped"):
            await waiter
    await until_gone(*bench.pids("s"))


# -- through the gateway -----------------------------------------------------------------------------------------------


async def test_clients_of_all_dialects_reach_it_and_counts_are_estimates(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    words = json.dumps([sys.executable, SERVER, "--port", "{port}", "--asked", str(asked)])
    text = f"[models.s]\ncommand = {words}\nmemory = 1000\n"
    said = [{"role": "user", "content": "hello " * 3000}]
    async with Running(tmp_path, text, local=("s",)) as gateway:
        whole = await gateway.post("/v1/chat/completions", {"model": "s", "messages": said})
        message = await gateway.post("/v1/messages", {"model": "s", "messages": said, "max_tokens": 9})
        count = await gateway.post("/v1/messages/count_tokens", {"model": "s", "messages": said})
        listed = await gateway.get("/anthropic/v1/models/s")
    assert whole.json["choices"][0]["message"]["content"] == "one two three four five"
    assert message.json["content"][0]["text"] == "one two three four five"
    assert message.json["usage"]["input_tokens"] == 7
    assert count.headers["x-landbridge-count"] == "estimated"
    assert listed.json["max_input_tokens"] == 5000
    assert not asked.exists(), "nothing else was asked of it"


async def test_one_may_make_embeddings(tmp_path: Path) -> None:
    words = json.dumps([sys.executable, SERVER, "--port", "{port}"])
    text = f"[models.s]\ncommand = {words}\nmemory = 1000\nembeddings = true\n"
    async with Running(tmp_path, text, local=("s",)) as gateway:
        made = await gateway.post("/v1/embeddings", {"model": "s", "input": ["a", "b"]})
    assert [each["embedding"] for each in made.json["data"]] == [[0.5, -0.5], [0.5, -0.5]]
