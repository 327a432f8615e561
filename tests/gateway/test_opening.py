"""What many prompts begin with, read by itself: with the real engine and a model that cannot go back (P78)."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from landbridge.engines.chain import Chain
from landbridge.engines.lease import Lease
from landbridge.engines.slots import Turn
from landbridge.engines.speed import Speed
from landbridge.gateway.opening import read_opening
from landbridge.neutral.progress import Progress
from landbridge.upstream.client import Client
from tests.engines.bench import MEGABYTE, Bench, ModelFile, plan
from tests.fakes.running import Running
from tests.fakes.windowed import write_windowed

pytestmark = [pytest.mark.e2e, pytest.mark.anyio]

WORDS = ("alpha", "beta", "gamma", "delta", "house", "river", "stone", "cloud", "green", "table")
SYSTEM = " ".join(random.Random(1).choice(WORDS) for _ in range(400))


@pytest.fixture
def windowed(tmp_path: Path) -> Path:
    return write_windowed(tmp_path / "windowed.gguf")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path)
    made.set()
    made.put("m")
    return made


def real(folder: Path, model: Path, extra: str = "{ swa_full = true }") -> Running:
    bench = Bench(folder)
    bench.models["m"] = ModelFile(model, model.stat().st_size, 100 * MEGABYTE)
    settings = f"[models.m]\nthreads = 1\ncontext = 4096\nslots = 1\nextra = {extra}\n"
    return Running(folder, settings, library=bench, planner=plan, local=("m",))


async def ask(gateway: Running, *texts: str) -> tuple[int, int, str]:
    """Tokens that were read and that were known, and the answer."""
    messages = [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(texts)]
    body = {"model": "m", "max_tokens": 3, "temperature": 0, "system": SYSTEM, "messages": messages}
    reply = await gateway.post("/v1/messages", body)
    assert reply.status == 200, reply.body
    usage = reply.json["usage"]
    text = "".join(part.get("text", "") for part in reply.json["content"])
    return usage["input_tokens"], usage["cache_read_input_tokens"], text


async def test_p78_a_model_with_a_sliding_window_reads_the_system_prompt_once(tmp_path: Path, windowed: Path) -> None:
    async with real(tmp_path, windowed) as gateway:
        await ask(gateway, "I am A. " * 100)
    async with real(tmp_path, windowed) as gateway:
        _, known, _ = await ask(gateway, "I am B. " * 100)
        assert known < 2400, "it cannot go back far in what was saved of A"
        await ask(gateway, "I am C.")  # from now on the system prompt is saved by itself
    async with real(tmp_path, windowed) as gateway:
        read, known, text = await ask(gateway, "I am D.")
        assert known > 2400
        assert read < 40
        read, known, _ = await ask(gateway, "I am D.", text, "Go on.")
        assert known > 2400
        assert read < 80


async def test_p78_where_checkpoints_are_kept_they_are_saved_with_the_prompt(tmp_path: Path, windowed: Path) -> None:
    extra = "{ n_ctx_checkpoints = 16, checkpoint_min_step = 256 }"
    async with real(tmp_path, windowed, extra) as gateway:
        await ask(gateway, "I am A. " * 100)
    async with real(tmp_path, windowed, extra) as gateway:
        read, known, _ = await ask(gateway, "I am B.")
        assert known > 2000, "it goes on from the last checkpoint before the first difference"
        assert read < 600


async def test_where_nothing_is_to_be_read_apart_nobody_is_asked(bench: Bench) -> None:
    told: list[Progress] = []

    async def tell(progress: Progress) -> None:
        told.append(progress)

    kept: list[bool] = []

    async def keep() -> None:
        kept.append(True)

    client = Client()
    await client.start()
    try:
        async with bench.start() as live:
            turn = Turn(0, Chain(), 0)
            turn.keep = keep
            await read_opening(client, Lease(live, Speed()), turn, "engine:m", tell)
            assert kept == []
            turn.opening = b'{"prompt": [1, 2]}'  # which the pretend engine does not know
            await read_opening(client, Lease(live, Speed()), turn, "engine:m", tell)
    finally:
        await client.close()
    assert (told, kept) == ([], []), "what an engine refuses is read with the prompt"
