"""The engines, seen and steered over HTTP: what each route does, who may ask, and what the errors say."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from landbridge.errors import Forbidden
from landbridge.server.admin import check
from tests.engines.bench import until
from tests.fakes.local import local
from tests.fakes.running import Reply, Running

AT = "/api/v1/engines"
ASK = {"model": "m", "max_tokens": 4, "messages": [{"role": "user", "content": "hello"}]}
JSON = {"content-type": "application/json"}


async def send(gateway: Running, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()} or JSON
    async with gateway.session.request(method, gateway.url + AT + path, data=body, headers=named) as answer:
        content = await answer.read()
        return Reply(answer.status, {name.lower(): value for name, value in answer.headers.items()}, content)


@pytest.mark.io
@pytest.mark.anyio
async def test_load_look_pin_unload(tmp_path: Path) -> None:
    async with local(tmp_path, m="") as gateway:
        assert (await send(gateway, "GET", "")).json == {"engines": []}
        loaded = await send(gateway, "POST", "/m/load")
        assert (loaded.status, loaded.json["state"], loaded.json["window"]) == (200, "ready", 4096)
        assert loaded.json["pid"] > 0
        pinned = await send(gateway, "PUT", "/m/pin")
        assert (pinned.json["pinned"], pinned.json["unload_at"]) == (True, None)
        assert [each["pinned"] for each in (await send(gateway, "GET", "")).json["engines"]] == [True]
        free = await send(gateway, "DELETE", "/m/pin", x_landbridge="1")
        assert free.json["pinned"] is False
        gone = await send(gateway, "POST", "/m/unload", b"{}")
        assert (gone.json["unloaded"], gone.json["engine"]["state"], gone.json["engine"]["pid"]) == (
            True,
            "stopped",
            None,
        )
        assert (await send(gateway, "POST", "/m/unload")).json["unloaded"] is False
        assert (await send(gateway, "GET", "/m")).json["state"] == "stopped"


@pytest.mark.io
@pytest.mark.anyio
async def test_unloading_waits_for_what_runs_or_breaks_it_off(tmp_path: Path) -> None:
    async with local(tmp_path, m="--token-delay 0.2") as gateway:
        await send(gateway, "POST", "/m/load")
        running = asyncio.ensure_future(gateway.post("/v1/messages", ASK))
        await until(lambda: gateway.keeper.info("m").busy == 1)
        drained = asyncio.ensure_future(send(gateway, "POST", "/m/unload"))
        assert (await running).status == 200
        assert (await drained).json["unloaded"] is True
        running = asyncio.ensure_future(gateway.post("/v1/messages", {**ASK, "max_tokens": 100}))
        await until(lambda: gateway.keeper.info("m").busy == 1)
        assert (await send(gateway, "POST", "/m/unload", b'{"now": true}')).json["unloaded"] is True
        broken = await running
        assert broken.status == 502
        assert "was stopped" in broken.json["error"]["message"]


@pytest.mark.io
@pytest.mark.anyio
async def test_errors_say_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    lab = '[providers.lab]\ndialect = "openai_chat"\nbase_url = "http://127.0.0.1:9"\nmodels = ["x"]\n'
    async with local(tmp_path, lab, m="--crash-at-load") as gateway:
        failed = await send(gateway, "POST", "/m/load")
        assert (failed.status, "the fake was told to fail" in failed.json["error"]["message"]) == (503, True)
        assert (await send(gateway, "GET", "/m")).json["last_fault"]
        unknown = await send(gateway, "POST", "/nope/load")
        assert (unknown.status, "There is no model 'nope'." in unknown.json["error"]["message"]) == (404, True)
        other = await send(gateway, "PUT", "/lab/x/pin")
        assert (other.status, "nothing to load" in other.json["error"]["message"]) == (400, True)
        garbage = await send(gateway, "POST", "/m/unload", b'{"now": 5}')
        assert (garbage.status, "`now`" in garbage.json["error"]["message"]) == (400, True)


@pytest.mark.io
@pytest.mark.anyio
@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "", "GET, HEAD"),
        ("DELETE", "/m", "GET, HEAD"),
        ("GET", "/m/load", "POST"),
        ("POST", "/m/pin", "PUT, DELETE"),
    ],
)
async def test_other_methods_are_told_which_ones_there_are(tmp_path: Path, method: str, path: str, allow: str) -> None:
    async with local(tmp_path, m="") as gateway:
        reply = await send(gateway, method, path)
    assert (reply.status, reply.headers["allow"]) == (405, allow)


@pytest.mark.io
@pytest.mark.anyio
async def test_strangers_are_refused_in_words_and_nothing_happens(tmp_path: Path) -> None:
    async with local(tmp_path, m="") as gateway:
        for headers in (
            {"content_type": "text/plain"},
            {"content_type": "application/json", "origin": "https://evil.example"},
            {"content_type": "application/json", "host": "evil.example"},
        ):
            reply = await send(gateway, "POST", "/m/load", b"{}", **headers)
            assert reply.status == 403, headers
            assert reply.json["error"]["message"]
        assert gateway.keeper.snapshot() == []
        async with gateway.session.get(gateway.openai + AT) as answer:
            assert answer.status == 404, "the OpenAI endpoint has no such thing"


def scope(method: str = "POST", client: Any = ("127.0.0.1", 5), **headers: str) -> dict[str, Any]:
    named = {"host": "127.0.0.1:38080", "content_type": "application/json", **headers}
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in named.items() if value]
    return {"method": method, "client": client, "headers": pairs}


@pytest.mark.parametrize(
    "asked",
    [
        scope(),
        scope(client=("::1", 5), host="[::1]:38080"),
        scope(client=("::ffff:127.0.0.1", 5)),
        scope(host="localhost", content_type="application/json; charset=utf-8"),
        scope(content_type="", x_landbridge="1"),
        scope("GET", content_type=""),
        scope("PUT", origin="http://127.0.0.1:38090"),
    ],
)
def test_programs_of_this_machine_may_ask(asked: dict[str, Any]) -> None:
    check(asked)


@pytest.mark.parametrize(
    "asked",
    [
        scope("GET", client=("192.168.1.7", 5)),
        scope(client=None),
        scope("GET", host="evil.example"),
        scope(host=""),
        scope(host="["),
        scope(origin="null"),
        scope("GET", origin="http://127.0.0.1.evil.example"),
        scope(origin="http://["),
        scope(content_type="text/plain"),
        scope(content_type=""),
        scope("DELETE", content_type="application/x-www-form-urlencoded"),
    ],
)
def test_others_may_not(asked: dict[str, Any]) -> None:
    with pytest.raises(Forbidden) as caught:
        check(asked)
    assert caught.value.remedy
