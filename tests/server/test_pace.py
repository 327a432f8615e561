"""How fast the router works: tokens are counted when they came, not when their exchange ended."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from landbridge.neutral.events import Usage
from landbridge.server.pace import PACE, Span, offer, pace, rate
from landbridge.store.record import Record
from tests.fakes.provider import Provider, Reply
from tests.fakes.running import Running


@pytest.mark.parametrize(
    ("span", "tokens"),
    [
        (Span(95.0, 100.0, 50), 10.0),
        (Span(90.0, 100.0, 100), 10.0),
        (Span(99.0, 100.0, 50), 10.0),
        (Span(100.0, 100.0, 50), 10.0),
        (Span(80.0, 95.0, 500), 0.0),
        (Span(94.0, 96.0, 100), 10.0),
    ],
)
def test_tokens_of_the_last_seconds(span: Span, tokens: float) -> None:
    assert rate([span], 95.0, 100.0) == pytest.approx(tokens)
    assert rate([span, span], 95.0, 100.0) == pytest.approx(2 * tokens)


def record(at: float, output: int | None = 10) -> Record:
    return Record(id="req", dialect="anthropic", model="m", at=at, seconds=1.0, usage=Usage(output=output))


@pytest.mark.io
@pytest.mark.anyio
async def test_what_has_ended_is_looked_at_as_far_back_as_is_remembered(tmp_path: Path) -> None:
    async with Running(tmp_path) as running:
        gateway, ledger = running.gateway, running.works.ledger
        now = time.time()
        latest = gateway.journal.latest
        latest.extend([record(now - 60), record(now - 2), record(now - 1), record(now - 0.5, None)])
        assert pace(gateway, ledger, now).tokens == 4.0
        latest.extend(record(now) for _ in range(latest.maxlen or 0))
        assert pace(gateway, ledger, now).tokens == 2000.0, "all that is remembered is of the last second"


@pytest.mark.io
@pytest.mark.anyio
async def test_what_runs_counts_as_it_comes(tmp_path: Path) -> None:
    async with Provider(Reply(text="so many words of an answer " * 8, pace=0.05), models=["m"]) as provider:
        settings = f"""
            [providers.lab]
            dialect = "openai_chat"
            base_url = "{provider.base_url("openai_chat")}"
            models = ["m"]
        """
        async with Running(tmp_path, settings) as running:
            offer(running.hub, running.gateway, running.works.ledger)
            offer(running.hub, running.gateway, running.works.ledger)
            assert running.hub.topics.count(PACE) == 1

            def now() -> float:
                found = pace(running.gateway, running.works.ledger, time.time())
                return found.tokens * found.running

            assert now() == 0
            body = {"model": "lab/m", "max_tokens": 99, "stream": True, "messages": [{"role": "user", "content": "?"}]}
            asked = asyncio.ensure_future(running.post("/v1/messages", body))
            while not now():
                assert not asked.done(), "it was never seen under way"
                await asyncio.sleep(0.02)
            assert (await asked).status == 200
            found = pace(running.gateway, running.works.ledger, time.time())
            assert (found.running, found.ended, found.tokens > 0) == (0, 1, True)
