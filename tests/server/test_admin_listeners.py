"""`/api/v1/listeners`: what is changed holds at once and is kept; what cannot be had changes nothing."""

from __future__ import annotations

import asyncio
import socket
import tomllib
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from landbridge.server.admin_listeners import own_addresses, url_of
from tests.fakes.service import InProcess

pytestmark = [pytest.mark.io, pytest.mark.anyio]

PATH = "/api/v1/listeners"


def free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def kept(router: InProcess, name: str = "router") -> dict[str, Any]:
    """What the settings file says."""
    found: dict[str, Any] = tomllib.loads(router.config.read_text())["listeners"][name]
    return found


def info(told: dict[str, Any], name: str = "router") -> dict[str, Any]:
    return next(each for each in told["listeners"] if each["name"] == name)


async def answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def test_off_on_and_to_another_port(tmp_path: Path) -> None:
    async with InProcess(tmp_path) as router:
        told = (await router.control("GET", PATH)).json
        before = router.port()
        assert info(told) == {
            "name": "router", "enabled": True, "host": "127.0.0.1", "port": 0, "url": f"http://127.0.0.1:{before}",
            "external": False, "needs_key": False, "fixed": {}, "fault": "", "remedy": "",
        }  # fmt: skip
        off = await router.control("PATCH", PATH, {"router": {"enabled": False}, "how": "a test"})
        assert (info(off.json)["url"], info(off.json)["enabled"], await answers(before)) == ("", False, False)
        assert kept(router)["enabled"] is False
        port = free()
        on = await router.control("PATCH", PATH, {"router": {"enabled": True, "port": port}})
        assert info(on.json)["url"] == f"http://127.0.0.1:{port}"
        assert (await router.tcp("GET", "/v1/models")).status == 200
        moved = await router.control("PATCH", PATH, {"router": {"port": free()}, "openai": {"enabled": False}})
        assert router.port() == info(moved.json)["port"] == kept(router)["port"] and not await answers(port)
        assert kept(router, "openai")["enabled"] is False


async def test_a_port_that_somebody_has(tmp_path: Path) -> None:
    async with InProcess(tmp_path) as router:
        text, before = router.config.read_text(), router.port()
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            refused = await router.control("PATCH", PATH, {"router": {"port": port}})
            assert refused.status == 400
            assert f"Port {port} on 127.0.0.1 is in use by another program." in refused.json["error"]["message"]
        for name in ("openai", "router"):
            ours = router.port("router" if name == "openai" else "openai")
            refused = await router.control("PATCH", PATH, {name: {"port": ours}})
            assert f"Port {ours} is the" in refused.json["error"]["message"]
        assert (router.port(), router.config.read_text()) == (before, text)
        assert (await router.control("GET", "/health")).json["parts"]["settings"]["status"] == "ok"


async def test_what_cannot_be_had_after_all_is_taken_back(tmp_path: Path) -> None:
    async with InProcess(tmp_path) as router:
        port = free()
        assert (await router.control("PATCH", PATH, {"router": {"port": port}})).status == 200
        text = router.config.read_text()
        refused = await router.control("PATCH", PATH, {"router": {"host": "192.0.2.1"}})
        assert refused.status == 400
        assert "This machine has no address 192.0.2.1." in refused.json["error"]["message"]
        assert (router.port(), router.config.read_text()) == (port, text)
        assert (await router.control("GET", "/health")).json["parts"]["settings"]["status"] == "ok"


async def test_a_port_that_is_free_again_is_tried_again(tmp_path: Path) -> None:
    async with InProcess(tmp_path) as router:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            by_hand = {"set": {"listeners.router.port": port}}
            assert "in use" in (await router.control("PATCH", "/api/v1/settings", by_hand)).json["fault"]
            told = info((await router.control("GET", PATH)).json)
            assert "in use" in told["fault"] and told["port"] == port and told["url"] != f"http://127.0.0.1:{port}"
            refused = await router.control("PATCH", PATH, {"router": {"port": port}})
            assert "in use" in refused.json["error"]["message"]
        again = await router.control("PATCH", PATH, {"router": {"port": port}})
        assert info(again.json)["url"] == f"http://127.0.0.1:{port}" and not info(again.json)["fault"]


async def test_open_to_others_needs_keys(tmp_path: Path) -> None:
    async with InProcess(tmp_path) as router:
        external = (await router.control("PATCH", PATH, {"openai": {"host": "0.0.0.0"}})).json
        assert (info(external, "openai")["external"], info(external, "openai")["needs_key"]) == (True, True)
        assert (info(external)["external"], info(external)["needs_key"], external["keys"]) == (False, False, 0)
        assert external["addresses"] == own_addresses()
        await router.control("POST", "/api/v1/keys", {"name": "ann"})
        told = (await router.control("GET", PATH)).json
        assert (info(told)["needs_key"], told["keys"], told["required"]) == (True, 1, "auto")
        await router.control("POST", "/api/v1/keys/ann/revoke")
        told = (await router.control("GET", PATH)).json
        assert (info(told)["needs_key"], told["keys"]) == (True, 0), "revoking opens nothing"


async def test_what_a_flag_says_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANDBRIDGE_LISTENERS__OPENAI__ENABLED", "false")
    async with InProcess(tmp_path, listeners__router__port=0) as router:
        told = (await router.control("GET", PATH)).json
        assert info(told)["fixed"] == {"port": "command line"}
        assert info(told, "openai")["fixed"] == {"enabled": "LANDBRIDGE_LISTENERS__OPENAI__ENABLED"}
        for name, change in (("router", {"port": free()}), ("openai", {"enabled": True})):
            refused = await router.control("PATCH", PATH, {name: change})
            assert refused.status == 400 and "wins over the settings file" in refused.json["error"]["message"]


@pytest.mark.parametrize(
    ("body", "said"),
    [({}, "nothing to change"), ({"router": {"port": 70_000}}, "65535"), ({"dashboard": {}}, "dashboard")],
)
async def test_what_cannot_be_meant(tmp_path: Path, body: dict[str, Any], said: str) -> None:
    async with InProcess(tmp_path) as router:
        refused = await router.control("PATCH", PATH, body)
        assert refused.status == 400
        assert said in refused.json["error"]["message"]


async def test_over_tcp_the_own_key_is_needed_and_may_close_what_it_came_by(tmp_path: Path) -> None:
    async with InProcess(tmp_path) as router:
        off = {"router": {"enabled": False}}
        assert (await router.tcp("PATCH", PATH, off)).status == 401
        before = router.port()
        with pytest.raises((aiohttp.ClientError, AssertionError)):
            answer = await router.tcp("PATCH", PATH, off, router.owner())
            assert answer.status == 200, "its listener was closed under it"
        async with asyncio.timeout(5):
            while (await router.control("GET", "/health")).json["parts"]["listener router"]["status"] != "off":
                await asyncio.sleep(0.02)
        assert not await answers(before)
        assert kept(router)["enabled"] is False


def test_urls() -> None:
    assert url_of("0.0.0.0", 1) == "http://127.0.0.1:1"
    assert url_of("::1", 2) == "http://[::1]:2"
    assert "127.0.0.1" not in own_addresses()
