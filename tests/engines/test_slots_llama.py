"""Slots and saved prompts with the real engine and a real model: what is read is counted by the engine itself."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.engines.bench import MEGABYTE, Bench, ModelFile, plan
from tests.fakes.running import Running

pytestmark = [pytest.mark.e2e, pytest.mark.anyio]

WORDS = ("alpha", "beta", "gamma", "delta", "house", "river", "stone", "cloud", "green", "table")


def words(seed: str, count: int) -> str:
    chosen = random.Random(seed)
    return " ".join(chosen.choice(WORDS) for _ in range(count))


SYSTEM = words("system", 120)


class Talk:
    """A conversation, in Anthropic's words or OpenAI's."""

    def __init__(self, name: str, system: str = SYSTEM, *, stream: bool = False) -> None:
        self.said: list[dict[str, str]] = [{"role": "user", "content": f"{name} {words(name, 20)}"}]
        self.system, self.stream = system, stream
        self.prompt = self.cached = 0

    async def turn(self, gateway: Running) -> int:
        """Say something, hear the answer; tokens that were read although they had been read before."""
        before = self.prompt
        body = {"model": "m", "max_tokens": 3, "temperature": 0, "system": self.system, "messages": self.said}
        reply = await gateway.post("/v1/messages", body)
        assert reply.status == 200, reply.body
        usage = reply.json["usage"]
        self.cached = usage["cache_read_input_tokens"]
        self.prompt = usage["input_tokens"] + self.cached
        assert reply.headers["x-landbridge-cached"] == f"{self.cached}/{self.prompt}"
        text = "".join(part["text"] for part in reply.json["content"])
        self.said += [{"role": "assistant", "content": text}, {"role": "user", "content": words(text, 5)}]
        return max(0, before - self.cached)


@asynccontextmanager
async def real(folder: Path, model: Path, settings: str = "") -> AsyncIterator[Running]:
    bench = Bench(folder)
    bench.models["m"] = ModelFile(model, model.stat().st_size, 300 * MEGABYTE)
    text = f"[models.m]\nthreads = 1\ncontext = 2048\nslots = 1\n{settings}"
    async with Running(folder, text, library=bench, planner=plan, local=("m",)) as running:
        yield running


async def test_p79_conversations_take_turns_and_nothing_is_read_twice_not_even_after_a_restart(
    tmp_path: Path, smollm2: Path
) -> None:
    one, two = Talk("one"), Talk("two")
    title = Talk("title", "Make a title. " * 5)
    async with real(tmp_path, smollm2) as gateway:
        await one.turn(gateway)
        assert await two.turn(gateway) == 0
        assert two.cached > 100, "what they share was brought in"
        for talk in (title, one, two, title, one):
            assert await talk.turn(gateway) == 0
        record = gateway.journal.latest[-1]
        assert (record.usage.cache_read, record.usage.prompt) == (one.cached, one.prompt)
        (info,) = gateway.keeper.snapshot()
        assert 0.5 * info.prompts < info.reused < info.prompts
    files = sorted((tmp_path / "prompts").glob("*.kv"))
    assert len(files) >= 2
    async with real(tmp_path, smollm2) as gateway:
        assert await two.turn(gateway) == 0
        assert await one.turn(gateway) == 0


async def test_a_damaged_file_is_removed_and_the_prompt_is_read(tmp_path: Path, smollm2: Path) -> None:
    talk = Talk("one")
    async with real(tmp_path, smollm2) as gateway:
        await talk.turn(gateway)
    (file,) = (tmp_path / "prompts").glob("*.kv")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 255
    file.write_bytes(content)
    async with real(tmp_path, smollm2) as gateway:
        await talk.turn(gateway)
        assert talk.cached == 0
        assert not file.exists()


async def test_the_openai_formats_say_it_too(tmp_path: Path, smollm2: Path) -> None:
    chat = {"model": "m", "max_tokens": 2, "messages": [{"role": "user", "content": SYSTEM}]}
    responses = {"model": "m", "max_output_tokens": 2, "input": SYSTEM}
    contents = {"contents": [{"role": "user", "parts": [{"text": SYSTEM}]}]}
    gemini: dict[str, Any] = {**contents, "generationConfig": {"maxOutputTokens": 2}}
    async with real(tmp_path, smollm2) as gateway:
        first = (await gateway.post("/v1/chat/completions", chat)).json["usage"]
        assert first["prompt_tokens_details"]["cached_tokens"] == 0
        again = (await gateway.post("/v1/chat/completions", chat)).json["usage"]
        cached = again["prompt_tokens_details"]["cached_tokens"]
        assert cached == again["prompt_tokens"] - 1, "one token is always read"
        usage = (await gateway.post("/v1/responses", responses)).json["usage"]
        assert usage["input_tokens_details"]["cached_tokens"] == cached
        usage = (await gateway.post("/gemini/v1beta/models/m:generateContent", gemini)).json["usageMetadata"]
        assert usage["cachedContentTokenCount"] == cached
