"""Downloads over HTTP: begun, seen, paused, taken up, given up."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from landbridge.server.admin_downloads import DOWNLOADS
from tests.fakes.gguf_model import write_model
from tests.fakes.running import Running
from tests.fakes.web import Web

from .test_admin_models import JSON, ask

pytestmark = [pytest.mark.io, pytest.mark.anyio]


HELD = 1_000_000
"""Bytes after which the server waits."""


async def until(running: Running, name: str, state: str, least: int = 0) -> Any:
    """The download, once it stands so and `least` bytes have come."""
    async with asyncio.timeout(10):
        while True:
            for each in (await running.get(DOWNLOADS)).json["downloads"]:
                if each["name"] == name and each["state"] == state and each["done"] >= least:
                    return each
            await asyncio.sleep(0.02)


async def test_a_download_from_its_beginning_to_its_end(tmp_path: Path, web: Web) -> None:
    model = write_model(tmp_path / "m.gguf", tensors=200).read_bytes()
    source = web.put("/tiny.gguf", model, etag='"1"', hold=HELD)
    async with Running(tmp_path) as running:
        assert (await running.post(DOWNLOADS, {"model": source}, JSON)).status == 401, "only the owner"
        begun = await ask(running, "POST", DOWNLOADS, {"model": source, "name": "mine"})
        assert (begun.status, begun.json["name"], begun.json["source"]) == (200, "mine", source)
        await until(running, "mine", "fetching", HELD)
        stopping = await ask(running, "POST", f"{DOWNLOADS}/mine/pause")
        assert stopping.json["state"] in ("stopping", "paused")
        web.go_on.set()
        paused = await until(running, "mine", "paused")
        assert running.works.library.names() == (), "nothing half-written"
        assert paused["fault"] == ""
        await ask(running, "POST", f"{DOWNLOADS}/mine/resume")
        done = await until(running, "mine", "done")
        assert (done["done"], done["total"]) == (len(model), len(model))
        assert [each.headers.get("range") for each in web.of("/tiny.gguf")][1], "it went on where it stopped"
        assert running.works.library.names() == ("mine",)
        await ask(running, "DELETE", f"{DOWNLOADS}/mine")
        assert (await running.get(DOWNLOADS)).json == {"downloads": []}
        assert running.works.library.names() == ("mine",), "a model that is there stays"


@pytest.mark.parametrize(
    ("body", "said"),
    [({"model": "smolm2"}, "Did you mean smollm2"), ({"model": "smollm2", "sha256": "x"}, "no sha256"), ({}, "model")],
)
async def test_what_cannot_be_fetched(tmp_path: Path, body: dict[str, str], said: str) -> None:
    async with Running(tmp_path) as running:
        refused = await ask(running, "POST", DOWNLOADS, body)
        assert (refused.status, said in refused.json["error"]["message"]) == (400, True), refused.body
        assert (await ask(running, "POST", f"{DOWNLOADS}/nobody/pause")).status == 404
