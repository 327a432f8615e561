"""`PATCH /api/v1/settings`: checked, written, kept as a version and taken up before it is answered."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.fakes.service import InProcess

pytestmark = [pytest.mark.io, pytest.mark.anyio]

PATH = "/api/v1/settings"


async def test_what_is_answered_holds(tmp_path: Path) -> None:
    async with InProcess(tmp_path, "# mine\n[server]\nping_every = 5.0\n") as router:
        done = await router.control("PATCH", PATH, {"set": {"server.ping_every": 3, "default_model": "lab/m"}})
        assert (done.status, done.json["fault"], done.json["still_wrong"]) == (200, "", [])
        assert {each["key"] for each in done.json["changes"]} == {"server.ping_every", "default_model"}
        assert (router.service.config.server.ping_every, router.service.config.default_model) == (3.0, "lab/m")
        assert "# mine" in router.config.read_text()
        again = await router.control("PATCH", PATH, {"unset": ["default_model"], "set": {"server.ping_every": None}})
        assert again.json["version"] > done.json["version"]
        assert "ping_every" not in router.config.read_text()
        assert (router.service.config.server.ping_every, router.service.config.default_model) != (3.0, "lab/m")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "There is nothing to change."),
        ({"set": {"server.nothing": 1}}, "There is no setting 'server.nothing'."),
        ({"set": {"server.log_level": "loud"}}, "server.log_level"),
        ({"set": {"listeners.router.port": 70_000}}, "listeners.router.port"),
        ({"sett": {}}, "sett"),
        (b"{", "not JSON"),
    ],
)
async def test_what_cannot_be_meant_changes_nothing(tmp_path: Path, body: Any, said: str) -> None:
    async with InProcess(tmp_path) as router:
        before = router.config.read_text()
        refused = await router.control("PATCH", PATH, body)
        assert refused.status == 400
        assert said in refused.json["error"]["message"]
        assert router.config.read_text() == before


async def test_over_tcp_it_wants_the_own_key(tmp_path: Path) -> None:
    async with InProcess(tmp_path) as router:
        change = {"set": {"server.log_level": "warning"}}
        assert (await router.tcp("PATCH", PATH, change)).status == 401
        assert (await router.tcp("PATCH", PATH, change, {"content-type": "text/plain"})).status == 403
        assert "log_level" not in router.config.read_text()
        assert (await router.tcp("PATCH", PATH, change, router.owner())).status == 200
        assert router.service.config.server.log_level == "warning"


async def test_what_cannot_be_taken_up_is_said(tmp_path: Path) -> None:
    async with InProcess(tmp_path) as router:
        port = router.port("openai")
        done = await router.control("PATCH", PATH, {"set": {"listeners.router.port": port}})
        assert done.status == 200
        assert f"Port {port} on 127.0.0.1 is in use" in done.json["fault"]


async def test_a_change_that_closes_the_listener_it_came_by_is_taken_up_whole(tmp_path: Path) -> None:
    async with InProcess(tmp_path) as router:
        change = {"set": {"listeners.router.enabled": False, "server.ping_every": 3}}
        with contextlib.suppress(aiohttp.ClientError):
            await router.tcp("PATCH", PATH, change, router.owner())
        async with asyncio.timeout(5):
            while router.port():
                await asyncio.sleep(0.01)
        health = (await router.control("GET", "/health")).json
        assert health["parts"]["listener router"] == {"status": "off"}
        assert health["parts"]["settings"]["status"] == "ok"
        assert router.service.config.server.ping_every == 3
