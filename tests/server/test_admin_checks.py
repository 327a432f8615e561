"""Doctor's findings and the connection test over HTTP, from the router that is looked at."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from landbridge.access.known import own_key
from landbridge.server.admin_checks import CHECKS
from tests.fakes.provider import Provider, Received, Reply
from tests.fakes.running import Running

pytestmark = [pytest.mark.io, pytest.mark.anyio]


def script(request: Received) -> Reply:
    return Reply(text="Hello there.")


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider(script, models=["m"]) as provider:
        yield provider


@pytest.fixture
async def running(tmp_path: Path, provider: Provider) -> AsyncIterator[Running]:
    settings = f"""
        default_model = "lab/m"
        [providers.lab]
        dialect = "openai_chat"
        base_url = "{provider.base_url("openai_chat")}"
        models = ["m"]
    """
    env = {"PATH": str(tmp_path), "HOME": str(tmp_path), "ANTHROPIC_BASE_URL": "https://api.anthropic.com"}
    async with Running(tmp_path, settings, env=env) as running:
        yield running


async def test_the_router_looks_at_itself(running: Running, provider: Provider) -> None:
    found = {each["check"]: each for each in (await running.get(CHECKS)).json["findings"]}
    assert found["router"]["finding"].startswith(f"up at {running.url.removeprefix('http://')}")
    assert found["model"]["finding"].startswith("lab/m: remote")
    assert found["claude points"]["verdict"] == "ok", "the router's own variables are no shell's"
    assert "answer" not in found
    assert provider.requests == [], "nothing is loaded or paid for to look"
    found = {each["check"]: each for each in (await running.get(f"{CHECKS}?answer=true")).json["findings"]}
    assert found["answer"]["verdict"] == "ok"
    found = {each["check"]: each for each in (await running.get(f"{CHECKS}?model=nobody")).json["findings"]}
    assert found["model"]["verdict"] == "fail"


async def events(running: Running, folder: Path, client: str, body: object) -> list[dict[str, Any]]:
    headers = {"content-type": "application/json", "authorization": f"Bearer {own_key(folder)}"}
    reply = await running.post(f"/api/v1/clients/{client}/test", body, headers)
    assert reply.status == 200, reply.body
    assert reply.headers["content-type"] == "text/event-stream"
    blocks = reply.body.decode().strip().split("\n\n")
    assert all(block.startswith("event: step\ndata: ") for block in blocks)
    return [json.loads(block.partition("data: ")[2]) for block in blocks]


async def test_an_exchange_is_told_step_by_step(running: Running, tmp_path: Path, provider: Provider) -> None:
    told = await events(running, tmp_path, "gemini", {})
    assert [(each["name"], each["state"]) for each in told] == [
        (name, state) for name in ("reach", "key", "model", "first", "whole") for state in ("running", "ok")
    ]
    assert told[-1]["detail"].endswith("Hello there.")
    assert len(provider.requests) == 1
    running.journal.flush()
    told = await events(running, tmp_path, "gemini", {"model": "nobody"})
    assert (told[-1]["name"], told[-1]["state"]) == ("model", "failed")


async def test_it_costs_something_and_wants_the_key(running: Running) -> None:
    headers = {"content-type": "application/json"}
    assert (await running.post("/api/v1/clients/claude/test", {}, headers)).status == 401
