"""How far an exchange is, told while it goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from landbridge.gateway.exchange import Gateway
from landbridge.gateway.underway import Standing
from tests.fakes.local import local
from tests.fakes.provider import Answer, Provider, anthropic_stream
from tests.fakes.running import Running
from tests.fakes.script import SSE

pytestmark = [pytest.mark.io, pytest.mark.anyio]

CHAT = "/v1/chat/completions"
SETTINGS = '[providers.lab]\ndialect = "anthropic"\nbase_url = "{}"\nmodels = ["m"]\n'


async def until(gateway: Gateway, phase: str) -> Standing:
    """The only exchange, once it is in that phase."""
    async with asyncio.timeout(15):
        while True:
            found = [each.standing(0.0) for each in gateway.underway.values()]
            if found and found[0].phase == phase:
                return found[0]
            await asyncio.sleep(0.01)


async def test_a_local_model(tmp_path: Path) -> None:
    flags = "--load-seconds 0.4 --prefill-seconds 1 --token-delay 0.2"
    async with local(tmp_path, m=flags) as running:
        body = {"model": "m", "messages": [{"role": "user", "content": "Hi there"}], "stream": True, "max_tokens": 8}
        asking = asyncio.ensure_future(running.post(CHAT, body))
        queued = await until(running.gateway, "queued")
        assert (queued.provider, queued.target, queued.tokens) == ("local", "m", None)
        await until(running.gateway, "prefill")
        streaming = await until(running.gateway, "streaming")
        assert streaming.tokens is not None and streaming.tokens >= 0
        assert (await asking).status == 200
    assert running.gateway.underway == {}


async def test_what_passes_through_has_no_tokens(tmp_path: Path) -> None:
    slow = Answer(headers=SSE, body=anthropic_stream("Hello!"), stream=True, delay=0.2)
    async with Provider(slow) as provider:
        settings = SETTINGS.format(provider.base_url("anthropic"))
        async with Running(tmp_path, settings) as running:
            body = {"model": "lab/m", "messages": [{"role": "user", "content": "Hi"}], "stream": True, "max_tokens": 9}
            asking = asyncio.ensure_future(running.post("/v1/messages", body))
            streaming = await until(running.gateway, "streaming")
            assert (streaming.tokens, streaming.target) == (None, "lab/m")
            await asking
            assert running.gateway.underway == {}


async def test_whoever_leaves_is_gone(tmp_path: Path) -> None:
    async with Provider(Answer(wait=60)) as provider:
        settings = SETTINGS.format(provider.base_url("anthropic"))
        async with Running(tmp_path, settings) as running:
            body = {"model": "lab/m", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 9}
            asking = asyncio.ensure_future(running.post("/v1/messages", body))
            await until(running.gateway, "waiting")
            asking.cancel()
            async with asyncio.timeout(5):
                while running.gateway.underway:
                    await asyncio.sleep(0.01)
