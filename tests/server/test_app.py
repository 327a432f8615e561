"""Paths lead to their handlers, on each face; what is refused is refused in the caller's dialect."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from landbridge.errors import UnknownModel
from landbridge.gateway.call import Sink
from tests.fakes.caller import Caller, post
from tests.fakes.provider import Answer, Provider, Reply
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]

ASK: dict[str, Any] = {"model": "lab/m", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}
VERSION = {"anthropic-version": "2023-06-01"}
MODELS = "models = ['m', 'org/deep/m', 'odd name', '100%41']"


def settings(provider: Provider, more: str = MODELS) -> str:
    return f'[providers.lab]\ndialect = "openai_chat"\nbase_url = "{provider.base_url("openai_chat")}"\n{more}\n'


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/anthropic/v1/messages", "message"),
        ("/anthropic/v1/messages?beta=true", "message"),
        ("/anthropic/v1/v1/messages", "message"),
        ("/v1/messages", "message"),
        ("/v1/chat/completions", "chat.completion"),
        ("/v1/chat/completions?api-version=1", "chat.completion"),
    ],
)
async def test_generation(tmp_path: Path, path: str, answer: str) -> None:
    async with Provider(Reply(text="Hello")) as provider, Running(tmp_path, settings(provider)) as gateway:
        reply = await gateway.post(path, ASK)
    assert reply.status == 200
    assert answer in (reply.json.get("type"), reply.json.get("object"))


@pytest.mark.parametrize("prefix", ["/anthropic/v1", "/anthropic/v1/v1", "/v1"])
async def test_counting(tmp_path: Path, prefix: str) -> None:
    async with Provider() as provider, Running(tmp_path, settings(provider)) as gateway:
        reply = await gateway.post(f"{prefix}/messages/count_tokens?beta=true", ASK)
    assert (reply.status, list(reply.json)) == (200, ["input_tokens"])


@pytest.mark.parametrize(
    ("path", "headers", "anthropic"),
    [
        ("/anthropic/v1/models", {}, True),
        ("/anthropic/v1/models?limit=1000", {}, True),
        ("/anthropic/v1/v1/models", {}, True),
        ("/v1/models", VERSION, True),
        ("/v1/models", {}, False),
    ],
)
async def test_lists_of_models(tmp_path: Path, path: str, headers: dict[str, str], anthropic: bool) -> None:
    async with Provider() as provider, Running(tmp_path, settings(provider)) as gateway:
        reply = await gateway.get(path, headers)
    assert reply.status == 200
    assert ("has_more" in reply.json) is anthropic
    assert reply.json["data"][0]["id"] == "lab/m"


@pytest.mark.parametrize("name", ["lab/m", "lab/org/deep/m", "lab/odd name", "lab/100%41"])
async def test_one_model_whatever_its_name(tmp_path: Path, name: str) -> None:
    path = name.replace("%", "%25").replace(" ", "%20")
    async with Provider() as provider, Running(tmp_path, settings(provider)) as gateway:
        for base in ("/v1/models/", "/anthropic/v1/models/", "/anthropic/v1/v1/models/"):
            async with Caller(gateway.url) as caller:
                await caller.send(f"GET {base}{path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
                heard = await caller.listen()
            assert (heard.status, heard.json["id"]) == (200, name)


@pytest.mark.parametrize("path", ["/", "/anthropic", "/anthropic/", "/api/hello", "/anthropic/api/hello", "/health"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_probes_of_clients(tmp_path: Path, path: str, method: str) -> None:
    async with Running(tmp_path) as gateway, Caller(gateway.url) as caller:
        await caller.send(f"{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".encode())
        while await caller.read():
            pass
    head, _, body = caller.raw.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert bool(body) is (method == "GET")
    assert b"content-length: 0" not in head


async def test_the_openai_face_has_v1_only(tmp_path: Path) -> None:
    async with Provider(Reply(text="a")) as provider, Running(tmp_path, settings(provider)) as gateway:
        assert (await gateway.get("/v1/models", base=gateway.openai)).status == 200
        assert (await gateway.get("/v1/models/lab/m", base=gateway.openai)).status == 200
        assert (await gateway.get("/", base=gateway.openai)).status == 200
        for path in ("/anthropic/v1/models", "/anthropic", "/anthropic/v1/models/lab/m"):
            reply = await gateway.get(path, base=gateway.openai)
            assert reply.status == 404
            assert "/anthropic/v1/messages" not in reply.json["error"]["message"].partition("serves")[2]
        async with gateway.session.post(gateway.openai + "/v1/messages", json=ASK) as refused:
            assert refused.status == 404
        async with gateway.session.post(gateway.openai + "/v1/chat/completions", json=ASK) as answer:
            assert answer.status == 200


@pytest.mark.parametrize(
    ("path", "headers", "form"),
    [
        ("/anthropic/v2/messages", {}, "anthropic"),
        ("/v1/messages/batches", {}, "anthropic"),
        ("/v1/complete", VERSION, "anthropic"),
        ("/v1/images/generations", {}, "openai"),
        ("/favicon.ico", {}, "openai"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_unknown_paths_say_what_there_is(
    tmp_path: Path, path: str, headers: dict[str, str], form: str, method: str
) -> None:
    async with Running(tmp_path) as gateway:
        reply = await (gateway.get(path, headers) if method == "GET" else gateway.post(path, ASK, headers))
    assert reply.status == 404
    assert (reply.json.get("type") == "error") is (form == "anthropic")
    assert f"There is no {method} {path} here." in reply.json["error"]["message"]
    assert "/v1/chat/completions" in reply.json["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/chat/completions", "POST"),
        ("PUT", "/v1/models", "GET, HEAD"),
        ("DELETE", "/anthropic/v1/messages", "POST"),
    ],
)
async def test_the_wrong_method_is_a_405(tmp_path: Path, method: str, path: str, allowed: str) -> None:
    async with Running(tmp_path) as gateway, gateway.session.request(method, gateway.url + path) as answer:
        assert answer.status == 405
        assert answer.headers["allow"] == allowed
        assert f"takes {allowed.partition(',')[0]}, not {method}" in (await answer.json())["error"]["message"]


async def test_errors_carry_an_id_and_whether_to_try_again(tmp_path: Path) -> None:
    async with Running(tmp_path) as gateway:
        reply = await gateway.get("/nowhere")
    assert reply.headers["request-id"].startswith("req_")
    assert reply.headers["x-should-retry"] == "false"
    assert reply.headers["x-landbridge-origin"] == "landbridge"


async def test_a_body_for_nobody_does_not_break_the_answer(tmp_path: Path) -> None:
    async with Running(tmp_path) as gateway, Caller(gateway.url) as caller:
        await caller.send(post("/nowhere", b"x" * 1000, length=5_000_000))
        heard = await caller.listen()
        assert (heard.status, heard.whole, heard.headers["connection"]) == (404, True, "close")
        for _ in range(499):
            await caller.send(b"x" * 10_000)


async def test_a_defect_is_logged_and_said_without_its_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with Running(tmp_path) as gateway:

        def broken() -> None:
            raise RuntimeError("secret inside")

        monkeypatch.setattr(gateway.health, "report", broken)
        with caplog.at_level(logging.ERROR):
            reply = await gateway.get("/health")
        assert (await gateway.get("/")).status == 200
    assert reply.status == 500
    assert "defect of landbridge" in reply.json["error"]["message"]
    assert b"secret inside" not in reply.body
    assert "secret inside" in caplog.text


async def test_an_error_after_the_answer_has_begun_breaks_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def half(call: object, sink: Sink) -> None:
        await sink.start(200, {"content-type": "text/plain"})
        await sink.write(b"half")
        raise UnknownModel("gone")

    gateway = Running(tmp_path)
    monkeypatch.setattr(gateway.health, "answer", half)
    async with gateway, Caller(gateway.url) as caller:
        await caller.send(b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n")
        heard = await caller.listen()
    assert (heard.status, heard.body, heard.whole) == (200, b"half", False)


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/chat/completions"])
async def test_whoever_waits_when_landbridge_stops_is_told(tmp_path: Path, path: str) -> None:
    async with Provider(Answer(wait=3600)) as provider, Running(tmp_path, settings(provider)) as gateway:
        asking = asyncio.ensure_future(gateway.post(path, ASK))
        received = await provider.received()
        await gateway.listeners.close(0.1)
        reply = await asking
        assert await received.left() > 0
        assert gateway.journal.latest[0].outcome == "cancelled"
    assert reply.status == 503
    assert reply.headers["retry-after"] == "5"
    assert "landbridge is stopping. Start it again." in reply.json["error"]["message"]
    assert (reply.json.get("type") == "error") is (path == "/v1/messages")


async def test_a_stream_under_way_when_landbridge_stops_is_broken_off(tmp_path: Path) -> None:
    reply = Reply(text="It goes on and on. " * 50, pace=0.05)
    async with (
        Provider(reply) as provider,
        Running(tmp_path, settings(provider)) as gateway,
        Caller(gateway.url) as caller,
    ):
        await caller.send(post("/v1/messages", {**ASK, "stream": True}))
        await caller.read_to(b"content_block_delta")
        await gateway.listeners.close(0.1)
        heard = await caller.listen()
    assert heard.status == 200
    assert not heard.whole
    assert b"message_stop" not in heard.body


async def test_anything_but_http_is_left_alone(tmp_path: Path) -> None:
    async with Running(tmp_path) as gateway, Caller(gateway.url) as caller:
        upgrade = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: eA==\r\nsec-websocket-version: 13"
        await caller.send(f"GET / HTTP/1.1\r\nhost: localhost\r\n{upgrade}\r\n\r\n".encode())
        assert (await caller.listen()).status == 200
        assert (await gateway.get("/")).json == {"landbridge": "ok"}
