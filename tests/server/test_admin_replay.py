"""A kept request is sent again through the gateway, and both answers are told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from landbridge.gateway.capture import Capture
from landbridge.store.database import Database
from landbridge.store.exchanges import list_exchanges
from landbridge.store.location import locate
from landbridge.store.report import Filter
from tests.fakes.provider import Provider, Reply
from tests.fakes.running import Reply as Answer
from tests.fakes.running import Running

pytestmark = [pytest.mark.io, pytest.mark.anyio]

ASKED = {"model": "lab/m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}


@asynccontextmanager
async def keeping(folder: Path, provider: Provider, *, bodies: bool = True) -> AsyncIterator[Running]:
    """A router with a ledger that keeps what is said."""
    settings = f"""
        [store]
        bodies = {str(bodies).lower()}
        [providers.lab]
        dialect = "openai_chat"
        base_url = "{provider.base_url("openai_chat")}"
        models = ["m", "other"]
    """
    async with Running(folder, settings) as running:
        book = running.works.ledger
        book.start(locate("", folder, {}))
        running.journal.readers.append(book.take)
        if bodies:
            running.gateway.capture = Capture(book.queue, lambda: running.config.store)
        try:
            yield running
        finally:
            await book.close()


async def first(running: Running) -> str:
    """The id of the only exchange, once it is written."""
    async with asyncio.timeout(10):
        while True:
            reply = await running.works.ledger.ask(_all)
            if reply:
                return reply[0]
            await asyncio.sleep(0.02)


async def _all(database: Database) -> list[str]:
    return [each.id for each in (await list_exchanges(database, Filter(), 10)).exchanges]


async def replay(running: Running, id: str, body: dict[str, Any]) -> Answer:
    headers = {
        "content-type": "application/json",
        "authorization": f"Bearer {(running.works.data_dir / 'own.key').read_text().strip()}",
    }
    return await running.post(f"/api/v1/requests/{id}/replay", body, headers)


@pytest.mark.parametrize("stream", [False, True])
async def test_again_at_another_model(tmp_path: Path, stream: bool) -> None:
    async with (
        Provider([Reply(text="First."), Reply(text="Second.")]) as provider,
        keeping(tmp_path, provider) as running,
    ):
        await running.post("/v1/messages", {**ASKED, "stream": stream}, {"x-claude-code-session-id": "s-1"})
        id = await first(running)
        reply = await replay(running, id, {"model": "lab/other"})
        assert reply.status == 200, reply.body
        found = reply.json
        assert (found["before"]["text"], found["again"]["text"], found["same"]) == ("First.", "Second.", False)
        again = found["again"]["exchange"]
        assert (again["client"], again["target"], again["session"]) == ("landbridge-replay", "lab/other", "")
        assert json.loads(provider.requests[-1].body)["model"] == "other"
        same = (await replay(running, id, {})).json
        assert (same["again"]["exchange"]["model"], same["same"]) == ("lab/m", False)


async def test_what_cannot_be_asked_again(tmp_path: Path) -> None:
    async with Provider() as provider, keeping(tmp_path, provider, bodies=False) as running:
        await running.post("/v1/messages", ASKED)
        id = await first(running)
        reply = await replay(running, id, {})
        assert (reply.status, "not kept" in reply.json["error"]["message"]) == (400, True)
        assert (await replay(running, "req_none", {})).status == 404
        assert (await replay(running, id, {"modle": "x"})).status == 400
        stranger = await running.post(f"/api/v1/requests/{id}/replay", {}, {"content-type": "application/json"})
        assert stranger.status == 401
        export = await running.get(f"/api/v1/requests/{id}/export")
        assert export.status == 200
