"""The built-in engine making embeddings: with a model made for it, and with one that was made to chat."""

from __future__ import annotations

import math
from pathlib import Path

import aiohttp
import pytest

from landbridge.config import ModelSettings
from landbridge.engines.lease import Lease
from landbridge.engines.library import Library
from landbridge.engines.plan import plan
from tests.engines.bench import MEGABYTE, Bench

pytestmark = [pytest.mark.e2e, pytest.mark.anyio]


async def embed(lease: Lease, *texts: str) -> list[list[float]]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(lease.url + "/v1/embeddings", json={"input": texts}, headers=lease.headers) as answer,
    ):
        assert answer.status == 200, await answer.text()
        return [entry["embedding"] for entry in (await answer.json())["data"]]


def likeness(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


async def test_a_model_made_for_it(bench: Bench, minilm: Path) -> None:
    bench.set(models={"minilm": ModelSettings(threads=1)}, command=None, start_timeout=60.0)
    async with bench.open(Library(minilm.parent), plan) as keeper:
        assert keeper.embeds("minilm")
        async with keeper.lease("minilm") as lease:
            cat, kitten, stocks = await embed(lease, "cat", "kitten", "stocks")
            assert (len(cat), round(math.hypot(*cat), 4)) == (384, 1.0)
            assert likeness(cat, kitten) > 0.7 > 0.3 > likeness(cat, stocks)
            assert len(await embed(lease, "word " * 505)) == 1, "a whole window in one batch"
            assert lease.window == 512
            (info,) = keeper.snapshot()
            assert info.memory < 250 * MEGABYTE


async def test_a_model_made_to_chat(bench: Bench, smollm2: Path) -> None:
    settings = ModelSettings(threads=1, embeddings=True, context=1024)
    bench.set(models={"smollm2": settings}, command=None, start_timeout=60.0)
    async with bench.open(Library(smollm2.parent), plan) as keeper:
        assert keeper.embeds("smollm2")
        async with keeper.lease("smollm2") as lease:
            one, again, other = await embed(lease, "A cat sat.", "A cat sat.", "Stocks fell.")
            assert len(one) == 576
            assert likeness(one, again) > 0.999 > likeness(one, other)
            assert len(await embed(lease, "word " * 700)) == 1
