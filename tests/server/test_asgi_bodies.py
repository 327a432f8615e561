"""Bodies no honest client sends, over real connections: each is refused in the caller's dialect or tolerated."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import psutil
import pytest

from landbridge.server import asgi
from tests.fakes.caller import Caller, Heard, chunk, post
from tests.fakes.landbridge import Served
from tests.fakes.provider import JSON, Answer, Provider, Reply
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]

PATHS = {"anthropic": "/anthropic/v1/messages?beta=true", "openai_chat": "/v1/chat/completions"}
clients = pytest.mark.parametrize("client", list(PATHS))
providers = pytest.mark.parametrize("dialect", list(PATHS))
MB = 1 << 20
ASK: dict[str, Any] = {"model": "lab/m", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}


def settings(provider: Provider, dialect: str = "openai_chat", more: str = "") -> str:
    return f"""
        {more}
        [providers.lab]
        dialect = "{dialect}"
        base_url = "{provider.base_url(dialect)}"
        models = ["m"]
    """


def check_refusal(heard: Heard, client: str, status: int = 400) -> str:
    """A whole error answer in the client's dialect; its message."""
    assert (heard.status, heard.whole) == (status, True), heard
    error = heard.json["error"]
    if client == "anthropic":
        kinds = {400: "invalid_request_error", 413: "request_too_large"}
        assert (heard.json["type"], error["type"]) == ("error", kinds[status])
    else:
        assert set(error) >= {"message", "type", "code"}
    message: str = error["message"]
    return message


async def ask(url: str, path: str, body: bytes) -> Heard:
    async with Caller(url) as caller:
        await caller.send(post(path, body))
        return await caller.listen(30)


NOT_JSON = (
    b"", b"not json", b"{", b'{"model": "lab/m", ', b"\0\0\0\0", b"\xff\xfe{\0}\0", b"<html></html>", b"null", b"[]",
    b'"text"', b"5", b"{}", b'{"model": 5}', b'{"model": null, "messages": []}', b'{"model": "lab/m", "stream": "yes"}',
    b'{"model": "lab/m"} trailing', b"NaN", b'{"model": "lab/m", "x": NaN}', b"\xef\xbb\xbf{}",
)  # fmt: skip


@clients
@providers
async def test_what_is_no_json_request(tmp_path: Path, client: str, dialect: str) -> None:
    async with Provider() as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
        for body in NOT_JSON:
            message = check_refusal(await ask(gateway.url, PATHS[client], body), client)
            assert message.endswith("."), message
        assert provider.requests == []


WRONG_SHAPE: tuple[dict[str, Any], ...] = (
    {"messages": None}, {"messages": "Hi"}, {"messages": {}}, {"messages": [5]}, {"messages": ["Hi"]},
    {"messages": [{"role": 5, "content": "Hi"}]}, {"messages": [{"role": "user", "content": 5}]},
    {"messages": [{"role": "user", "content": [5]}]},
    {"messages": [{"role": "user", "content": [{"type": "text", "text": 5}]}]},
    {"max_tokens": "five"}, {"max_tokens": [1]}, {"tools": "none"}, {"tools": [5]}, {"temperature": "hot"},
)  # fmt: skip


@clients
async def test_json_of_the_wrong_shape(tmp_path: Path, client: str) -> None:
    dialect = "openai_chat" if client == "anthropic" else "anthropic"
    async with Provider() as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
        for wrong in WRONG_SHAPE:
            heard = await ask(gateway.url, PATHS[client], json.dumps({**ASK, **wrong}).encode())
            message = check_refusal(heard, client)
            assert next(iter(wrong)) in message, "the message names the place"
        assert provider.requests == []


@clients
@providers
async def test_invalid_utf_8(tmp_path: Path, client: str, dialect: str) -> None:
    indifferent = Answer(headers=JSON, body=b"{}")
    async with Provider(indifferent) as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
        for text in (b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"\xc0\xaf"):
            body = json.dumps(ASK).encode().replace(b"Hi", text)
            heard = await ask(gateway.url, PATHS[client], body)
            if client == dialect:
                assert heard.status in (200, 400), "passed through as it is, or refused"
            else:
                check_refusal(heard, client)
            heard = await ask(gateway.url, PATHS[client], json.dumps(ASK).encode().replace(b"lab/m", text))
            check_refusal(heard, client)


def nested(depth: int, opening: str, closing: str, core: str = "1") -> str:
    return opening * depth + core + closing * depth


DEEP = {
    "an unknown field": '"odd": %s',
    "a list of content": '"messages": [{"role": "user", "content": %s}]',
    "a schema": '"tools": [{"name": "t", "input_schema": %s, "type": "function", "function": {"name": "t"}}]',
    "the metadata": '"metadata": %s',
}


@clients
@providers
@pytest.mark.parametrize("place", list(DEEP))
@pytest.mark.parametrize("depth", [900, 100_000])
async def test_deep_nesting(tmp_path: Path, client: str, dialect: str, place: str, depth: int) -> None:
    async with Provider(Reply(text="fine")) as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
        for opening, closing in (("[", "]"), ('{"a":', "}")):
            field = DEEP[place] % nested(depth, opening, closing)
            start = json.dumps(ASK)[:-1]
            heard = await ask(gateway.url, PATHS[client], f"{start}, {field}}}".encode())
            assert heard.status in ((200, 400) if depth < 1000 else (400,)), heard
            if heard.status == 400:
                check_refusal(heard, client)
        assert (await ask(gateway.url, PATHS[client], json.dumps(ASK).encode())).status == 200


@pytest.mark.parametrize("depth", [50, 400, 5000])
async def test_blocks_within_blocks(tmp_path: Path, depth: int) -> None:
    inner = nested(depth, '[{"type": "tool_result", "tool_use_id": "t", "content": ', "}]", '"core"')
    body = json.dumps(ASK)[:-1] + f', "messages": [{{"role": "user", "content": {inner}}}]}}'
    async with Provider(Reply(text="fine")) as provider, Running(tmp_path, settings(provider)) as gateway:
        for path in (PATHS["anthropic"], "/v1/messages/count_tokens"):
            heard = await ask(gateway.url, path, body.encode())
            assert heard.status in (200, 400), heard


@clients
@providers
async def test_ten_thousand_messages(tmp_path: Path, client: str, dialect: str) -> None:
    messages = [{"role": ("user", "assistant")[n % 2], "content": f"number {n}"} for n in range(9_999)]
    async with Provider(Reply(text="fine")) as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
        heard = await ask(gateway.url, PATHS[client], json.dumps({**ASK, "messages": messages}).encode())
        assert heard.status == 200
        assert len(provider.requests[0].json["messages"]) == 9_999
        assert "number 9998" in str(provider.requests[0].json["messages"][-1])


UNKNOWN: dict[str, tuple[dict[str, Any], ...]] = {
    "anthropic": (
        {"messages": [{"role": "user", "content": [{"type": "hologram", "x": 1}, {"type": "text", "text": "Hi"}]}]},
        {"messages": [{"role": "narrator", "content": "Once"}, *ASK["messages"]]},
        {"messages": [{"role": "user", "content": "Hi", "mood": "good"}], "brand_new": {"deep": [1]}},
        {"system": [{"type": "scent", "note": "rose"}, {"type": "text", "text": "Be brief."}]},
        {"tools": [{"type": "telepathy_20300101", "name": "mind"}, {"name": "t", "input_schema": {}, "odd": 1}]},
        {"thinking": {"type": "cosmic"}, "service_tier": "gold"},
    ),
    "openai_chat": (
        {"messages": [{"role": "user", "content": [{"type": "hologram", "x": 1}, {"type": "text", "text": "Hi"}]}]},
        {"messages": [{"role": "narrator", "content": "Once"}, *ASK["messages"]]},
        {"messages": [{"role": "user", "content": "Hi", "mood": "good"}], "brand_new": {"deep": [1]}},
        {"tools": [{"type": "telepathy", "telepathy": {}}, {"type": "function", "function": {"name": "t", "odd": 1}}]},
        {"reasoning_effort": "cosmic", "service_tier": "gold"},
    ),
}  # fmt: skip


@clients
@providers
async def test_unknown_blocks_fields_and_roles_are_tolerated(tmp_path: Path, client: str, dialect: str) -> None:
    async with Provider(Reply(text="fine")) as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
        for number, odd in enumerate(UNKNOWN[client]):
            heard = await ask(gateway.url, PATHS[client], json.dumps({**ASK, **odd}).encode())
            assert heard.status == 200, (odd, heard)
            sent = provider.requests[number].json
            if client == dialect:
                assert sent == {**ASK, **odd, "model": "m"}
            else:
                assert "Hi" in str(sent["messages"])


# -- size --------------------------------------------------------------------------------------------------------------


@clients
async def test_a_declared_100_mb_is_refused_before_any_of_it_has_come(tmp_path: Path, client: str) -> None:
    async with Running(tmp_path) as gateway, Caller(gateway.url) as caller:
        await caller.send(post(PATHS[client], b"", length=100 * MB))
        heard = await caller.listen(1.0)
        assert heard.headers["connection"] == "close"
    assert "larger than 64 MiB" in check_refusal(heard, client, 413)


async def test_one_that_asks_first_is_not_told_to_go_on(tmp_path: Path) -> None:
    async with Running(tmp_path) as gateway, Caller(gateway.url) as caller:
        await caller.send(post("/v1/messages", b"", {"expect": "100-continue"}, length=100 * MB))
        assert (await caller.listen(1.0)).status == 413


async def send_all(caller: Caller, start: bytes, piece: bytes, times: int, end: bytes = b"") -> Heard:
    """Send everything before reading anything, as simple clients do."""
    await caller.send(start)
    for _ in range(times):
        await caller.send(piece)
    await caller.send(end)
    return await caller.listen(10.0)


class Memory:
    """The most memory a process has while the block runs, beyond what it had."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.most = 0

    async def __aenter__(self) -> Memory:
        self._before = self._process.memory_info().rss
        self._task = asyncio.ensure_future(self._look())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _look(self) -> None:
        while True:
            self.most = max(self.most, self._process.memory_info().rss - self._before)
            await asyncio.sleep(0.002)


@clients
async def test_100_mb_sent_at_once_are_refused_and_not_kept(tmp_path: Path, client: str) -> None:
    async with Served(tmp_path) as served:
        async with Memory(served.pid) as memory, Caller(served.router) as caller:
            heard = await send_all(caller, post(PATHS[client], b"", length=100 * MB), b"x" * MB, 100)
            check_refusal(heard, client, 413)
        assert memory.most < 24 * MB
        async with Memory(served.pid) as memory, Caller(served.router) as caller:
            start = post(PATHS[client], b"", length=-1)
            heard = await send_all(caller, start, chunk(b"x" * MB), 100, chunk(b""))
            check_refusal(heard, client, 413)
        assert memory.most < (64 + 24) * MB, "no more than what a legal body takes"
        assert (await served.get("/health"))[0] == 200


async def test_several_refused_bodies_do_not_add_up(tmp_path: Path) -> None:
    async with Served(tmp_path, "[server]\nmax_body = 1000000\n") as served, Memory(served.pid) as memory:
        for _ in range(5):
            async with Caller(served.router) as caller:
                start = post("/v1/messages", b"", length=-1)
                heard = await send_all(caller, start, chunk(b"x" * MB), 100, chunk(b""))
                assert heard.status == 413
        assert memory.most < 24 * MB


async def test_a_large_body_within_the_limit_is_served(tmp_path: Path) -> None:
    async with Provider(Reply(text="fine")) as provider, Running(tmp_path, settings(provider)) as gateway:
        large = json.dumps({**ASK, "messages": [{"role": "user", "content": "x" * (60 * MB)}]}).encode()
        heard = await ask(gateway.url, PATHS["anthropic"], large)
        assert heard.status == 200
        assert len(provider.requests[0].body) > 60 * MB


# -- time --------------------------------------------------------------------------------------------------------------


@clients
@pytest.mark.parametrize("length", [None, -1])
async def test_a_client_that_sends_byte_by_byte_is_served(tmp_path: Path, client: str, length: int | None) -> None:
    body = json.dumps(ASK).encode()
    data = post(PATHS[client], body) if length is None else post(PATHS[client], b"", length=-1)
    if length is not None:
        data += b"".join(chunk(body[n : n + 1]) for n in range(len(body))) + chunk(b"")
    async with Provider(Reply(text="fine")) as provider, Running(tmp_path, settings(provider)) as gateway:
        async with Caller(gateway.url) as caller:
            for n in range(len(data)):
                await caller.send(data[n : n + 1])
                await asyncio.sleep(0.0005)
            heard = await caller.listen()
        assert heard.status == 200
        assert len(provider.requests) == 1


@clients
@pytest.mark.parametrize("sent", [0, 20])
async def test_a_client_that_stops_sending_is_told_and_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: str, sent: int
) -> None:
    monkeypatch.setattr(asgi, "BODY_SILENCE", 0.3)
    monkeypatch.setattr(asgi, "LINGER", 0.2)
    async with Running(tmp_path) as gateway, Caller(gateway.url) as caller:
        await caller.send(post(PATHS[client], json.dumps(ASK).encode()[:sent], length=500))
        message = check_refusal(await caller.listen(), client)
        assert f"stopped after {sent} bytes" in message
        async with asyncio.timeout(1):
            assert await caller.read() == b"", "the connection is closed"


@clients
async def test_two_requests_in_one_piece_are_answered_in_order(tmp_path: Path, client: str) -> None:
    async with Provider(Reply(text="fine")) as provider, Running(tmp_path, settings(provider)) as gateway:
        async with Caller(gateway.url) as caller:
            last = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
            await caller.send(post(PATHS[client], ASK) + last)
            while await caller.read():
                pass
        first, second = caller.raw.index(b"fine"), caller.raw.index(b'{"landbridge":"ok"}')
        assert first < second
