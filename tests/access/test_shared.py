"""Limits that several routers count together, with a real server: one that hangs or is gone stops no request."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from landbridge.access import shared as module
from landbridge.access.grant import Grant
from landbridge.access.shared import Gone, Shared
from landbridge.errors import RateLimited
from tests.fakes.valkey import UNCLOSED, Valkey, running

pytestmark = [pytest.mark.io, pytest.mark.anyio, UNCLOSED]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    with running(tmp_path_factory.mktemp("valkey")) as valkey:
        yield valkey


@pytest.fixture(autouse=True)
def ample(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(module, "PATIENCE", 10.0)  # a busy machine is no server that hangs
    yield
    gc.collect()  # here, where their warnings are known, and not in somebody else's test


@asynccontextmanager
async def two(server: Valkey) -> AsyncIterator[tuple[Shared, Shared]]:
    both = Shared(server.url, "the store"), Shared(server.url, "the store")
    try:
        yield both
    finally:
        for each in both:
            await each.close()


def key(id: str, rpm: int | None = None, tpm: int | None = None) -> Grant:
    return Grant(id=id, name=id, rpm=rpm, tpm=tpm)


async def test_two_routers_count_together(server: Valkey) -> None:
    grant = key("together", rpm=3)
    async with two(server) as (one, other):
        await one.reserve(grant, 1)
        await other.reserve(grant, 1)
        await one.reserve(grant, 1)
        with pytest.raises(RateLimited, match="3 requests a minute") as caught:
            await other.reserve(grant, 1)
        assert 1 <= (caught.value.retry_after or 0) <= 120
        await other.reserve(key("somebody else", rpm=3), 1)


async def test_tokens_are_settled_in_their_minute(server: Valkey) -> None:
    grant = key("tokens", tpm=1000)
    async with two(server) as (one, other):
        while time.time() % 60 > 50:  # the test is about one minute
            await asyncio.sleep(0.1)
        minute = await one.reserve(grant, 900)
        with pytest.raises(RateLimited, match="1000 tokens a minute"):
            await other.reserve(grant, 200)
        one.settle(grant, minute, -800)
        await settled(one, other)
        await other.reserve(grant, 200)
        with pytest.raises(RateLimited):
            await one.reserve(grant, 800)


async def test_more_than_the_limit_goes_alone(server: Valkey) -> None:
    async with two(server) as (one, _):
        await one.reserve(key("alone", tpm=10), 5000)


async def test_no_limit_asks_nobody(server: Valkey) -> None:
    grant = key("free")
    async with two(server) as (one, _):
        one.settle(grant, await one.reserve(grant, 10), 5)
        assert one.fault == ""


async def settled(*routers: Shared) -> None:
    """Wait for what is counted in passing."""
    for router in routers:
        await asyncio.gather(*router._settling)


async def test_one_that_hangs_is_left_alone_and_comes_back(
    server: Valkey, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    router = Shared(server.url, "the store")
    grant = key("patient", rpm=100)
    await router.reserve(grant, 1)
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    server.hang()
    try:
        with pytest.raises(Gone):
            await router.reserve(grant, 1)
        assert router.fault == "no answer within 0.1 s"
        began = time.monotonic()
        for _ in range(100):  # nobody waits again
            with pytest.raises(Gone):
                await router.reserve(grant, 1)
        assert time.monotonic() - began < 5
    finally:
        server.go_on()
    monkeypatch.setattr(module, "PATIENCE", 10.0)
    router._again = 0.0
    with caplog.at_level(logging.WARNING):
        await router.reserve(grant, 1)
    assert router.fault == ""
    assert "answers again" in caplog.text
    await router.close()


async def test_one_that_is_gone_and_comes_back(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    server = Valkey(tmp_path)
    router = Shared(server.url, "the store")
    grant = key("k", rpm=2)
    try:
        with pytest.raises(Gone):
            await router.reserve(grant, 1)
        assert "the store cannot count the limits" in caplog.text
        server.start()
        router._again = 0.0
        await router.reserve(grant, 1)
        server.stop()
        with pytest.raises(Gone):
            await router.reserve(grant, 1)
    finally:
        await router.close()
        server.stop()
