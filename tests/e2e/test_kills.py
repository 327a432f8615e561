"""Something dies in the middle: the client is told, nothing is left behind, the rest goes on."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path

import anthropic
import psutil
import pytest
from anthropic.types import MessageParam

from tests.fakes.answers import records
from tests.fakes.landbridge import Served
from tests.fakes.provider import Answer, Provider, Reply, chat_stream

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]

LONG: list[MessageParam] = [
    {"role": "user", "content": "Write a long story about an old lighthouse keeper and the sea."}
]
GREEDILY = {"temperature": 0}
"""Now and then an answer that is drawn is over before its engine is killed."""
LOCAL = """
    [models.smollm2]
    threads = 1
"""


def sdk(served: Served) -> anthropic.AsyncAnthropic:
    return anthropic.AsyncAnthropic(base_url=served.router + "/anthropic", api_key="any", max_retries=0)


def engines(served: Served) -> list[psutil.Process]:
    """Processes the router has started."""
    return psutil.Process(served.pid).children(recursive=True)


async def gone(processes: list[psutil.Process], seconds: float) -> bool:
    """Whether all of them end in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes):
            return True
        await asyncio.sleep(0.05)
    return False


async def test_engine_killed_in_the_middle_of_a_stream(tmp_path: Path, models: Path) -> None:
    async with Served(tmp_path, LOCAL, models=models) as served, sdk(served) as client:
        with pytest.raises(anthropic.APIStatusError) as caught:
            async with client.messages.stream(
                model="smollm2", max_tokens=2000, messages=LONG, extra_body=GREEDILY
            ) as stream:
                async for event in stream:
                    if event.type == "content_block_delta":
                        for process in engines(served):
                            process.kill()
        assert "smollm2" in str(caught.value)
        assert (await served.get("/health"))[0] in (200, 503), "the router is alive"
        message = await client.messages.create(model="smollm2", max_tokens=5, messages=LONG)
        assert message.usage.output_tokens > 0, "the next request starts the engine again"


async def test_router_killed_leaves_no_engine(tmp_path: Path, models: Path) -> None:
    served = await Served(tmp_path, LOCAL, models=models).__aenter__()
    async with sdk(served) as client:
        await client.messages.create(model="smollm2", max_tokens=5, messages=LONG)
    running = engines(served)
    assert running, "an engine runs as a process of its own"
    await served.stop(signal.SIGKILL)
    assert await gone(running, 5.0), "the engine ended with its router"


async def test_ctrl_c_ends_everything(tmp_path: Path, models: Path) -> None:
    served = Served(tmp_path, LOCAL, models=models)
    async with served, sdk(served) as client:
        await client.messages.create(model="smollm2", max_tokens=5, messages=LONG)
        running = engines(served)
        began = time.monotonic()
        assert await served.stop() == 0
        assert time.monotonic() - began < 5, "nothing runs, so nothing is waited for"
        assert await gone(running, 1.0)


async def test_p9_upstream_killed_in_the_middle_of_a_stream(tmp_path: Path) -> None:
    whole = chat_stream(text="It goes on and on and on and on.")
    step = Answer(stream=True, headers={"content-type": "text/event-stream"}, body=whole, until=700, ending="reset")
    async with Provider([step, Reply(text="Back.")]) as provider:
        settings = f"""
            [providers.lab]
            dialect = "openai_chat"
            base_url = "{provider.base_url("openai_chat")}"
            models = ["m"]
        """
        async with Served(tmp_path, settings) as served, sdk(served) as client:
            with pytest.raises(anthropic.APIStatusError):
                async with client.messages.stream(model="lab/m", max_tokens=100, messages=LONG) as stream:
                    async for _ in stream:
                        pass
            message = await client.messages.create(model="lab/m", max_tokens=100, messages=LONG)
            assert message.content[0].type == "text"


async def test_p85_client_gone_means_upstream_gone(tmp_path: Path) -> None:
    endless = Answer(
        stream=True,
        headers={"content-type": "text/event-stream"},
        body=records(chat_stream(text="start", usage=None))[0],
        repeat=b'data: {"choices":[{"index":0,"delta":{"content":"more "}}]}\n\n',
        delay=0.02,
    )
    hanging = Answer(wait=3600)
    async with Provider([endless, hanging]) as provider:
        settings = f"""
            [providers.lab]
            dialect = "openai_chat"
            base_url = "{provider.base_url("openai_chat")}"
            models = ["m"]
        """
        async with Served(tmp_path, settings) as served, sdk(served) as client:
            async with client.messages.stream(model="lab/m", max_tokens=100, messages=LONG) as stream:
                async for event in stream:
                    if event.type == "content_block_delta":
                        break
            left = time.monotonic()
            assert await (await provider.received(1)).left() - left < 1.0
            whole = asyncio.ensure_future(client.messages.create(model="lab/m", max_tokens=100, messages=LONG))
            second = await provider.received(2)
            await asyncio.sleep(0.3)
            whole.cancel()
            left = time.monotonic()
            assert await second.left() - left < 1.0, "not streamed: the same"
