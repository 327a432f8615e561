"""What shows only over many requests: prompts stay read, memory stays flat."""

from __future__ import annotations

import asyncio
import json
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

from bench.soak import soak
from tests.fakes.landbridge import Served
from tests.fakes.provider import Provider, Reply

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(240)]

LOCAL = """
    [models.smollm2]
    threads = 1
    context = 2048
"""
GROWTH = 6_000_000
"""Bytes the router may grow by in the second half of a soak; an exchange that stayed would be many times that."""


def conversation(topic: str, *turns: str) -> dict[str, Any]:
    """A request whose system text is long and of this topic alone."""
    messages = [{"role": "user" if at % 2 == 0 else "assistant", "content": text} for at, text in enumerate(turns)]
    return {"model": "smollm2", "max_tokens": 4, "system": f"{topic} is all you know. " * 60, "messages": messages}


async def test_p79_other_conversations_do_not_push_a_prompt_out(tmp_path: Path, models: Path) -> None:
    """One slot, three conversations in turn, as a main one with its titles and subagents: each comes back read."""
    async with Served(tmp_path, LOCAL, models=models) as served:
        for topic in ("Chess", "Bread", "Rain"):
            status, first = await served.post("/v1/messages", conversation(topic, "Tell me."))
            assert status == 200, first
        for topic in ("Chess", "Bread", "Rain", "Chess"):
            status, later = await served.post("/v1/messages", conversation(topic, "Tell me.", "I will.", "Go on."))
            usage = later["usage"]
            assert status == 200, later
            assert usage["cache_read_input_tokens"] > 8 * usage["input_tokens"], (topic, usage)


async def test_p96_memory_does_not_grow_with_requests(tmp_path: Path) -> None:
    body = {"model": "lab/m", "max_tokens": 9, "messages": [{"role": "user", "content": "x" * 20_000}]}
    async with Provider(Reply(text="y" * 5_000, piece=500)) as provider:
        settings = f"""
            [providers.lab]
            dialect = "openai_chat"
            base_url = "{provider.base_url("openai_chat")}"
            models = ["m"]
        """
        async with Served(tmp_path, settings) as served:
            router = psutil.Process(served.pid)

            async def ask(count: int) -> None:
                async with aiohttp.ClientSession() as session:
                    for number in range(count):
                        asked = {**body, "stream": number % 2 == 0}
                        async with session.post(served.router + "/v1/messages", json=asked) as answer:
                            assert answer.status == 200
                            assert "yyyy" in await answer.text()

            sizes = []
            for _ in range(3):
                await asyncio.gather(*(ask(60) for _ in range(8)))
                provider.requests.clear()
                sizes.append(router.memory_info().rss)
            assert sizes[2] - sizes[1] < GROWTH, sizes


async def streamed(served: Served, text: str, tokens: int, came: list[float]) -> None:
    """When each piece of an answer comes."""
    ask = {"model": "smollm2", "max_tokens": tokens, "temperature": 0, "stream": True, "ignore_eos": True}
    body = {**ask, "messages": [{"role": "user", "content": text}]}
    async with (
        aiohttp.ClientSession() as session,
        session.post(served.router + "/v1/chat/completions", json=body) as answer,
    ):
        assert answer.status == 200
        async for line in answer.content:
            if line.startswith(b"data: {"):
                choices = json.loads(line[6:]).get("choices")
                if choices and choices[0]["delta"].get("content"):
                    came.append(time.monotonic())


async def test_a_long_prompt_does_not_starve_a_stream_beside_it(tmp_path: Path, models: Path) -> None:
    settings = "[models.smollm2]\nthreads = 1\nslots = 2\ncontext = 4096\n"
    running: list[float] = []
    read: list[float] = []
    async with Served(tmp_path, settings, models=models) as served:
        stream = asyncio.ensure_future(streamed(served, "Count to a thousand in words.", 300, running))
        async with asyncio.timeout(60):
            while len(running) < 5:
                await asyncio.sleep(0.02)
        began = time.monotonic()
        await streamed(served, "one two three four five six seven eight nine ten " * 80, 1, read)
        stream.cancel()
        await asyncio.gather(stream, return_exceptions=True)
    beside = [at for at in running if began < at < read[0]]
    assert len(beside) > 800 / 64 / 2, "a token for nearly every batch of the prompt"
    assert max(later - at for at, later in pairwise(beside)) < (read[0] - began) / 3


@pytest.mark.timeout(600)
def test_nothing_is_lost_when_clients_leave_and_engines_die(tmp_path: Path, models: Path) -> None:
    """A small one of those that `bench.soak` runs; the models are in their cache by now."""
    table = soak(tmp_path, 24, seed=1)
    assert not [row for row in table if row["as it should be"] == "no"], table
