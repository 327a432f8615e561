"""What an exchange held is free when it ends, not when the garbage collector comes: bodies are large."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.provider import Provider, Reply, chat_error, error
from tests.fakes.running import Running
from tests.fakes.script import Script

pytestmark = [pytest.mark.anyio, pytest.mark.io]

TOOL = {"name": "Read", "description": "Reads", "input_schema": {"type": "object"}}
CHAT_TOOL = {"type": "function", "function": {"name": "Read", "parameters": {"type": "object"}}}
ROUNDS = 20
KEPT = {"landbridge.store.record.Record", "landbridge.neutral.events.Usage"}
"""The journal keeps the latest records, and the originals keep arguments; both have their bounds."""


@pytest.fixture
def collector_off() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def ours() -> Counter[str]:
    """Objects of landbridge that are alive, by class."""
    return Counter(
        f"{kind.__module__}.{kind.__qualname__}"
        for kind in map(type, gc.get_objects())
        if str(kind.__module__).startswith("landbridge.")  # some types of C give no text
    )


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("dialect", ["openai_chat", "anthropic"])
@pytest.mark.parametrize("path", ["/anthropic/v1/messages", "/v1/chat/completions"])
async def test_nothing_of_an_exchange_outlives_it(
    tmp_path: Path, collector_off: None, path: str, dialect: str, stream: bool
) -> None:
    tool = TOOL if path.startswith("/anthropic") else CHAT_TOOL
    ask: dict[str, Any] = {"model": "lab/m", "max_tokens": 9, "stream": stream, "tools": [tool]}
    ask["messages"] = [{"role": "user", "content": "Hi"}]
    async with Provider(Reply(text="Hello", tools=(("Read", {}),))) as provider:
        settings = f'[providers.lab]\ndialect = "{dialect}"\nbase_url = "{provider.base_url(dialect)}"\nmodels = ["m"]'
        async with Running(tmp_path, settings) as gateway:
            await gateway.post(path, ask)
            gateway.journal.flush()
            before = ours()
            for _ in range(ROUNDS):
                assert (await gateway.post(path, ask)).status == 200
            after = ours()
    kept = {name: count - before[name] for name, count in after.items() if count - before[name] >= ROUNDS}
    assert kept.keys() <= KEPT


@pytest.mark.parametrize("model", ["fast", "busy/m"])
async def test_nothing_of_one_that_failed_somewhere_outlives_it(
    tmp_path: Path, collector_off: None, model: str
) -> None:
    """With tries at several targets, and at the same one again."""
    ask: dict[str, Any] = {"model": model, "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    busy = error(*chat_error(503, "busy"))
    script: Script = busy if model == "fast" else [busy, Reply(text="Hello")] * (ROUNDS + 1)
    async with Provider(script) as bad, Provider(Reply(text="Hello")) as good:
        text = '[aliases]\nfast = ["busy/m", "lab/m"]\n[breaker]\nfailures = 999\n[retries]\nfirst_pause = 0.001\n'
        for name, provider in (("busy", bad), ("lab", good)):
            text += f'[providers.{name}]\ndialect = "openai_chat"\nbase_url = "{provider.base_url("openai_chat")}"\n'
            text += 'models = ["m"]\n'
        async with Running(tmp_path, text) as gateway:
            await gateway.post("/v1/messages", ask)
            gateway.journal.flush()
            before = ours()
            for _ in range(ROUNDS):
                assert (await gateway.post("/v1/messages", ask)).status == 200
            after = ours()
    kept = {name: count - before[name] for name, count in after.items() if count - before[name] >= ROUNDS}
    assert kept.keys() <= KEPT
