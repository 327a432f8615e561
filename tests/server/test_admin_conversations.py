"""The chat's conversations over HTTP: for who has the router's own key, and told to all who look on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from landbridge.store.location import locate
from tests.fakes.running import Running

pytestmark = [pytest.mark.io, pytest.mark.anyio]

PATH = "/api/v1/conversations"
SAID = {"models": ["m"], "turns": [{"id": "1", "text": "Why?"}]}


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with Running(tmp_path) as running:
        running.works.ledger.start(locate("", tmp_path, {}))
        yield running
        await running.works.ledger.close()


async def ask(running: Running, method: str, path: str, body: object = None, *, key: bool = True) -> tuple[int, Any]:
    headers = {"content-type": "application/json"}
    if key:
        headers["authorization"] = f"Bearer {(running.works.data_dir / 'own.key').read_text().strip()}"
    data = None if body is None else json.dumps(body)
    async with running.session.request(method, running.url + path, data=data, headers=headers) as answer:
        return answer.status, await answer.json()


async def test_a_conversation_from_first_to_last(running: Running) -> None:
    status, kept = await ask(running, "PUT", f"{PATH}/c-1", SAID)
    assert (status, kept["id"], kept["title"], kept["model"], kept["version"]) == (200, "c-1", "Why?", "m", 1)
    status, found = await ask(running, "GET", f"{PATH}/c-1")
    assert (status, found["turns"][0]["text"], found["version"], found["id"]) == (200, "Why?", 1, "c-1")
    status, again = await ask(running, "PUT", f"{PATH}/c-1", {**SAID, "version": 1})
    assert (status, again["version"]) == (200, 2)
    status, refused = await ask(running, "PUT", f"{PATH}/c-1", {**SAID, "version": 1})
    assert (status, "has changed meanwhile" in refused["error"]["message"]) == (409, True)
    assert (await ask(running, "PATCH", f"{PATH}/c-1", {"title": "Because"}))[1]["title"] == "Because"
    await ask(running, "PUT", f"{PATH}/c-2", SAID)
    listed = (await ask(running, "GET", f"{PATH}?limit=1"))[1]
    assert ([each["id"] for each in listed["conversations"]], listed["more"]) == (["c-2"], "c-2")
    older = (await ask(running, "GET", f"{PATH}?limit=1&before=c-2"))[1]
    assert ([each["id"] for each in older["conversations"]], older["more"]) == (["c-1"], "")
    found = (await ask(running, "GET", f"{PATH}?search=becau"))[1]
    assert [each["title"] for each in found["conversations"]] == ["Because"]
    assert await ask(running, "DELETE", f"{PATH}/c-1") == (200, {"id": "c-1", "deleted": True})
    assert (await ask(running, "GET", f"{PATH}/c-1"))[0] == 404


async def test_without_the_key_nobody_reads_or_writes(running: Running) -> None:
    await ask(running, "PUT", f"{PATH}/c-1", SAID)
    for method, path in (("GET", PATH), ("GET", f"{PATH}/c-1"), ("PUT", f"{PATH}/c-1"), ("DELETE", f"{PATH}/c-1")):
        status, body = await ask(running, method, path, {} if method == "PUT" else None, key=False)
        assert (status, "own key" in body["error"]["message"]) == (401, True)
    assert (await ask(running, "GET", f"{PATH}/c-1"))[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("PUT", f"{PATH}/a%20b", SAID, "up to 64 letters"),
        ("PUT", f"{PATH}/{'x' * 65}", SAID, "up to 64 letters"),
        ("PUT", f"{PATH}/c", {"turns": [{"text": "no id"}]}, "cannot be meant"),
        ("PATCH", f"{PATH}/c", {"name": "x"}, "cannot be meant"),
        ("GET", f"{PATH}?limit=0", None, "limit must be"),
        ("GET", f"{PATH}?like=x", None, "no parameter 'like'"),
    ],
)
async def test_what_cannot_be_meant_is_said(running: Running, method: str, path: str, body: object, words: str) -> None:
    status, refused = await ask(running, method, path, body)
    assert status == 400
    assert words in refused["error"]["message"]


async def test_who_looks_on_is_told(running: Running) -> None:
    await ask(running, "GET", PATH)
    heard: list[dict[str, Any]] = []

    async def listen() -> None:
        async for said in running.hub.listen(["conversations"]):
            heard.extend(json.loads(value) for _, value in said)
            if len(heard) == 3:
                return

    listening = asyncio.create_task(listen())  # noqa: TID251 - awaited below
    await asyncio.sleep(0)
    await ask(running, "PUT", f"{PATH}/c-1", SAID)
    await ask(running, "PATCH", f"{PATH}/c-1", {"title": "New"})
    await ask(running, "DELETE", f"{PATH}/c-1")
    await asyncio.wait_for(listening, 5)
    assert [each["summary"] and each["summary"]["title"] for each in heard] == ["Why?", "New", None]
    assert {each["id"] for each in heard} == {"c-1"}
