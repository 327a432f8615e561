"""The same dialect on both sides: bytes in are bytes out, but for the model's name."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from landbridge.gateway import passthrough
from tests.fakes.caller import Caller, post
from tests.fakes.provider import (
    HTML_ERROR,
    Answer,
    Provider,
    Reply,
    anthropic_error,
    anthropic_stream,
    chat_stream,
    error,
)
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]

PATHS = {"anthropic": "/anthropic/v1/messages?beta=true", "openai_chat": "/v1/chat/completions"}
STREAMS = {"anthropic": anthropic_stream(text="하나 둘"), "openai_chat": chat_stream(text="하나 둘")}
dialects = pytest.mark.parametrize("dialect", ["anthropic", "openai_chat"])


def settings(provider: Provider, dialect: str) -> str:
    return f"""
        [providers.lab]
        dialect = "{dialect}"
        base_url = "{provider.base_url(dialect)}"
        api_key = "secret-key"
        models = ["m"]
    """


def ask(stream: bool) -> bytes:
    """A body with odd spacing and fields nobody knows."""
    flag = "true" if stream else "false"
    return (
        '{ "model" : "lab/m",\n "unknown": {"b": 1.0, "a": [1e5]}, "max_tokens": 5, "messages":'
        f' [{{"role":"user","content":"안녕 \\ud83d\\ude00"}}], "stream": {flag} }}'
    ).encode()


@dialects
@pytest.mark.parametrize("stream", [False, True])
async def test_the_request_keeps_every_byte_but_the_model(tmp_path: Path, dialect: str, stream: bool) -> None:
    async with Provider() as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
        reply = await gateway.post(PATHS[dialect], ask(stream))
        assert reply.headers["x-landbridge-path"] == "passthrough"
        assert provider.requests[0].body == ask(stream).replace(b'"lab/m"', b'"m"')


@dialects
async def test_the_stream_keeps_every_byte(tmp_path: Path, dialect: str) -> None:
    odd = b": a comment\n\n" + STREAMS[dialect].replace(b"\n\n", b"\r\n\r\n", 1)
    step = Answer(stream=True, headers={"content-type": "text/event-stream"}, body=odd, cuts=(1, 7, 3))
    async with Provider(step) as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
        reply = await gateway.post(PATHS[dialect], ask(True))
        assert reply.body == odd
        assert gateway.journal.latest[0].outcome == "ok"


@dialects
async def test_the_usage_is_read_in_passing(tmp_path: Path, dialect: str) -> None:
    async with Provider(Reply(text="a")) as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
        body = {**json.loads(ask(True)), "stream_options": {"include_usage": True}}
        await gateway.post(PATHS[dialect], body)
        await gateway.post(PATHS[dialect], ask(False))
        for record in gateway.journal.latest:
            assert (record.usage.prompt, record.usage.output) == (11, 7)


async def test_headers_of_the_protocol_travel_and_credentials_do_not(tmp_path: Path) -> None:
    sent = {
        "anthropic-version": "2026-10-21",
        "anthropic-beta": "a-2026,b-unknown",
        "anthropic-new-thing": "1",
        "x-claude-code-session-id": "s1",
        "authorization": "Bearer of-the-client",
        "x-api-key": "of-the-client",
        "cookie": "c=1",
        "x-forwarded-for": "10.0.0.1",
        "user-agent": "claude-cli/2.1.330",
    }
    async with Provider() as provider, Running(tmp_path, settings(provider, "anthropic")) as gateway:
        await gateway.post(PATHS["anthropic"], ask(False), sent)
        got = provider.requests[0].headers
    for name in (
        "anthropic-version",
        "anthropic-beta",
        "anthropic-new-thing",
        "x-claude-code-session-id",
        "user-agent",
    ):
        assert got[name] == sent[name]
    assert got["x-api-key"] == "secret-key"
    assert "of-the-client" not in str(got)
    assert not {"cookie", "x-forwarded-for", "authorization"} & set(got)
    assert got["accept-encoding"] == "identity"


@pytest.mark.parametrize("status", [400, 404, 429, 500, 529])
async def test_errors_are_the_provider_s_own(tmp_path: Path, status: int) -> None:
    _, body = anthropic_error(status, "some_error", "their words")
    step = error(status, body, retry_after="3", request_id="req_theirs")
    async with Provider(step) as provider, Running(tmp_path, settings(provider, "anthropic")) as gateway:
        reply = await gateway.post(PATHS["anthropic"], ask(True))
    assert (reply.status, reply.body) == (status, body)
    assert (reply.headers["retry-after"], reply.headers["request-id"]) == ("3", "req_theirs")


async def test_a_refused_key_is_a_403_with_the_body_untouched(tmp_path: Path) -> None:
    _, body = anthropic_error(401, "authentication_error", "invalid x-api-key")
    async with Provider(error(401, body)) as provider, Running(tmp_path, settings(provider, "anthropic")) as gateway:
        reply = await gateway.post(PATHS["anthropic"], ask(True))
    assert (reply.status, reply.body) == (403, body)
    assert reply.headers["x-landbridge-upstream-status"] == "401"


async def test_p100_a_web_page_is_named(tmp_path: Path) -> None:
    async with Provider(HTML_ERROR) as provider, Running(tmp_path, settings(provider, "anthropic")) as gateway:
        reply = await gateway.post(PATHS["anthropic"], ask(True))
    assert reply.status == 403
    assert "Attention Required!" in reply.json["error"]["message"]
    assert "provider:lab" in reply.json["error"]["message"]


@dialects
async def test_p9_p13_a_cut_stream_is_no_success(tmp_path: Path, dialect: str) -> None:
    stream = STREAMS[dialect]
    boundary = stream.index(b"\n\n", len(stream) // 2) + 2
    for until in (boundary, boundary + 5):
        step = Answer(
            stream=True, headers={"content-type": "text/event-stream"}, body=stream, until=until, ending="close"
        )
        async with Provider(step) as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
            broke = False
            try:
                reply = await gateway.post(PATHS[dialect], ask(True))
            except Exception:  # the HTTP client's own way of saying that the body is not whole
                broke = True
            else:
                assert until == boundary
                assert reply.body.startswith(stream[:until])
                assert b'"error"' in reply.body[until:]
            assert broke is (until != boundary)
            record: Any = gateway.journal.latest[0]
            assert record.outcome == "cut"
            if dialect == "anthropic":
                assert record.usage.prompt == 11


# -- waiting -----------------------------------------------------------------------------------------------------------

ONCE = "[retries]\nmax = 0\n"
SOON = "[server]\nearly_after = 0.05\nping_every = 0.1\n"
PING = {"anthropic": b'event: ping\ndata: {"type":"ping"}\n\n', "openai_chat": b": keep-alive\n\n"}


@dialects
async def test_p82_a_silent_provider_s_client_is_kept_awake(tmp_path: Path, dialect: str) -> None:
    """Its headers leave soon after the provider's own, and pings stand between records only."""
    stream = STREAMS[dialect]
    middle = stream.index(b"\n\n", len(stream) // 2) + 2
    step = Answer(
        stream=True,
        headers={"content-type": "text/event-stream", "request-id": "theirs"},
        body=stream,
        body_wait=0.4,
        cuts=(middle, 10, len(stream)),
        delay=0.4,
    )
    async with (
        Provider(step) as provider,
        Running(tmp_path, SOON + settings(provider, dialect)) as gateway,
        Caller(gateway.url) as caller,
    ):
        began = time.monotonic()
        await caller.send(post(PATHS[dialect], ask(True)))
        await caller.read_to(b"\r\n\r\n")
        assert time.monotonic() - began < 0.3
        heard = await caller.listen()
    assert heard.headers["request-id"] == "theirs"
    assert heard.body.startswith(PING[dialect])
    pieces = heard.body.split(PING[dialect])
    assert b"".join(pieces) == without_pings(stream)
    ends = {len(b"".join(pieces[: number + 1])) for number in range(len(pieces))}
    assert {0, len(without_pings(stream[:middle]))} <= ends, "before the stream and in its middle"
    assert all(without_pings(stream)[:end].endswith(b"\n\n") for end in ends - {0}), "between records only"


def without_pings(stream: bytes) -> bytes:
    """The made-up Messages stream has a ping of its own, as Anthropic's have."""
    return stream.replace(PING["anthropic"], b"")


async def test_headers_do_not_wait_for_ever_for_a_provider_s_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passthrough, "HEAD_PATIENCE", 0.2)
    good = Answer(stream=True, headers={"content-type": "text/event-stream"}, body=STREAMS["anthropic"], wait=0.6)
    late = error(*anthropic_error(529, "overloaded_error", "too busy"))
    refusal = Answer(status=529, headers=late.headers, body=late.body, wait=0.6)
    page = Answer(headers={"content-type": "text/html"}, body=b"<html><title>Log in</title>", wait=0.6)
    async with (
        Provider([good, refusal, page]) as provider,
        Running(tmp_path, ONCE + SOON + settings(provider, "anthropic")) as gateway,
    ):
        reply = await gateway.post(PATHS["anthropic"], ask(True))
        assert without_pings(reply.body) == without_pings(STREAMS["anthropic"])
        for words in (b"too busy", b"titled 'Log in'"):
            reply = await gateway.post(PATHS["anthropic"], ask(True))
            assert reply.status == 200
            assert without_pings(reply.body).startswith(b"event: error\n")
            assert words in reply.body
        assert [record.outcome for record in gateway.journal.latest] == ["ok", "overloaded", "garbled"]


async def test_what_is_not_streamed_gets_no_pings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passthrough, "HEAD_PATIENCE", 0.05)
    async with (
        Provider(Reply(text="a", wait=0.4)) as provider,
        Running(tmp_path, SOON + settings(provider, "anthropic")) as gateway,
    ):
        reply = await gateway.post(PATHS["anthropic"], ask(False))
    assert reply.json["content"][0]["text"] == "a"
    assert reply.headers["content-length"] == str(len(reply.body))


@dialects
async def test_p13_a_failure_the_provider_says_itself_is_no_success_in_the_record(tmp_path: Path, dialect: str) -> None:
    said = {
        "anthropic": b'event: error\ndata: {"type":"error","error":{"type":"api_error","message":"boom"}}\n\n',
        "openai_chat": b'data: {"error":{"message":"boom"}}\n\ndata: [DONE]\n\n',
    }[dialect]
    step = Answer(stream=True, headers={"content-type": "text/event-stream"}, body=said)
    async with Provider(step) as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
        reply = await gateway.post(PATHS[dialect], ask(True))
        assert reply.body == said, "untouched, and nothing behind it"
        assert gateway.journal.latest[0].outcome == "provider"
