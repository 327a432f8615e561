"""What is under way and what has ended is told to those who look on, and to nobody else."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from landbridge.gateway.call import Call
from landbridge.gateway.journal import Record
from landbridge.gateway.underway import Underway
from landbridge.server.hub import Hub
from landbridge.server.onlookers import ENDED, MOST, RUNNING, offer
from tests.fakes.provider import Answer, Provider, chat_stream
from tests.fakes.running import Running
from tests.fakes.script import SSE

pytestmark = [pytest.mark.io, pytest.mark.anyio]

ASKED = {"model": "lab/m", "messages": [{"role": "user", "content": "Hi"}], "stream": True}


def settings(provider: Provider) -> str:
    return (
        f'[providers.lab]\ndialect = "openai_chat"\nbase_url = "{provider.base_url("openai_chat")}"\nmodels = ["m"]\n'
    )


class Ear:
    """Hears one topic."""

    def __init__(self, hub: Hub, topic: str) -> None:
        self.said: list[Any] = []
        self._news = asyncio.Event()
        self._task = asyncio.ensure_future(self._listen(hub, topic))

    async def _listen(self, hub: Hub, topic: str) -> None:
        async for said in hub.listen([topic]):
            self.said += [json.loads(value) for name, value in said if name == topic]
            self._news.set()

    async def until(self, wanted: Any) -> Any:
        """The first thing said for which `wanted` holds."""
        async with asyncio.timeout(10):
            while not (found := [each for each in self.said if wanted(each)]):
                self._news.clear()
                await self._news.wait()
        return found[0]

    async def leave(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def test_an_exchange_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    slow = Answer(headers=SSE, body=chat_stream("Hello!"), stream=True, body_wait=1.2)
    async with Provider(slow) as provider, Running(tmp_path, settings(provider)) as running:
        offer(running.hub, running.gateway)
        under, ended = Ear(running.hub, RUNNING), Ear(running.hub, ENDED)
        asking = asyncio.ensure_future(
            running.post("/v1/chat/completions", ASKED, {"user-agent": "codex_cli/1", "x-claude-code-session-id": "s"})
        )
        state = await under.until(lambda said: said["running"] and said["running"][0]["target"])
        [seen] = state["running"]
        assert (seen["client"], seen["model"], seen["target"], seen["provider"]) == ("codex", "lab/m", "lab/m", "lab")
        assert (seen["phase"], seen["session"], seen["stream"], state["total"]) == ("waiting", "s", True, 1)
        assert (await asking).status == 200
        [row] = await ended.until(bool)
        assert (row["id"], row["client"], row["status"], row["bodies"]) == (seen["id"], "codex", 200, False)
        assert 0 <= row["at"] - row["seconds"] - seen["since"] + 0.2 < 1.5, "one clock for both"
        await under.until(lambda _: under.said[-1] == {"running": [], "total": 0})
        await under.leave()
        await ended.leave()


async def test_nothing_is_made_while_nobody_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Running(tmp_path) as running:
        offer(running.hub, running.gateway)

        def never(*_: object) -> None:
            raise AssertionError("nobody listens")

        monkeypatch.setattr("landbridge.store.rows.exchange_of", never)
        running.journal.add(Record(id="req_1", dialect="anthropic", model="m"))
        running.journal.flush()


async def test_many_are_counted(tmp_path: Path) -> None:
    async with Running(tmp_path) as running:
        offer(running.hub, running.gateway)
        for number in range(MOST + 5):
            record = Record(id=f"req_{number}", dialect="anthropic", model="m")
            running.gateway.underway[record.id] = Underway(record, Call("anthropic", b"", []), 0.0)
        ear = Ear(running.hub, RUNNING)
        state = await ear.until(bool)
        assert (len(state["running"]), state["total"]) == (MOST, MOST + 5)
        assert state["running"][0]["phase"] == "queued"
        await ear.leave()
