"""Access tokens of Google's cloud against a server that gives some: once, again in time, one refresh at a time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import parse_qs

import pytest

from landbridge.config import Secret
from landbridge.errors import Forbidden, Garbled, GatewayError, TimedOut, Unreachable
from landbridge.gateway import google_tokens
from landbridge.gateway.google_tokens import EARLY, SURE, GoogleTokens
from landbridge.providers.sign_google import GoogleKeys, google_keys
from landbridge.upstream.client import Client
from tests.fakes.provider import JSON, Answer, Provider, Received, Script
from tests.providers.test_sign_google import SERVICE

pytestmark = [pytest.mark.anyio, pytest.mark.io]


def token(text: str, seconds: float = 3600, wait: float = 0.0) -> Answer:
    body = json.dumps({"access_token": text, "expires_in": seconds, "token_type": "Bearer"}).encode()
    return Answer(headers=JSON, body=body, wait=wait)


def user(url: str, quota: str = "") -> GoogleKeys:
    return GoogleKeys("user", f"{url}/token", "c", Secret("cs"), Secret("rt"), quota_project=quota)


@asynccontextmanager
async def serving(script: Script, keys: Callable[[str], GoogleKeys] = user) -> AsyncIterator[tuple[Provider, Asking]]:
    async with Provider(script) as server:
        client = Client()
        await client.start()
        try:
            yield server, Asking(GoogleTokens(keys(server.url), "work"), client)
        finally:
            await client.close()


class Asking:
    def __init__(self, tokens: GoogleTokens, client: Client) -> None:
        self.tokens, self.client = tokens, client

    async def __call__(self) -> str:
        return (await self.tokens.headers(self.client))["authorization"]


async def test_a_token_is_asked_for_once_and_kept() -> None:
    async with serving([token("one"), token("two")]) as (server, get):
        assert [await get() for _ in range(3)] == ["Bearer one"] * 3
        assert len(server.requests) == 1
        asked = server.requests[0]
        assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
        assert parse_qs(asked.body.decode())["refresh_token"] == ["rt"]


async def test_many_at_once_ask_once() -> None:
    async with serving([token("one", wait=0.05), token("two")]) as (server, get):
        assert await asyncio.gather(*(get() for _ in range(20))) == ["Bearer one"] * 20
        assert len(server.requests) == 1


async def test_a_new_one_is_asked_for_before_the_old_one_ends_and_nobody_else_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(google_tokens, "EARLY", 3600.0)  # a token is renewed at half of its time at the earliest
    async with serving([token("one", SURE + 1.0), token("two", wait=0.1)]) as (server, get):
        assert await get() == "Bearer one"
        get.tokens._again = 0.0  # the time to renew has come; the token holds
        first = asyncio.ensure_future(get())
        await server.received(2)
        assert await get() == "Bearer one", "the others need not wait"
        assert await first == "Bearer two"
        assert len(server.requests) == 2


async def test_when_it_is_renewed() -> None:
    async with serving([token("one", 3600)]) as (_, get):
        await get()
        now = asyncio.get_running_loop().time()
        assert 3590 - EARLY < get.tokens._again - now <= 3600 - EARLY


async def test_the_old_token_serves_while_the_new_one_is_refused() -> None:
    refusal = Answer(status=400, headers=JSON, body=b'{"error":"invalid_grant"}')
    async with serving([token("one"), refusal]) as (server, get):
        await get()
        get.tokens._again = 0.0
        assert await get() == "Bearer one"
        assert await get() == "Bearer one", "and it is not asked for at every request"
        assert len(server.requests) == 2


async def test_who_leaves_while_asking_leaves_the_others_their_turn() -> None:
    async with serving([token("one", wait=5.0), token("two")]) as (server, get):
        first = asyncio.ensure_future(get())
        await server.received(1)
        second = asyncio.ensure_future(get())
        await asyncio.sleep(0)
        first.cancel()
        assert await second == "Bearer two"
        with pytest.raises(asyncio.CancelledError):
            await first


async def test_a_service_account_signs_what_it_asks() -> None:
    def keys(url: str) -> GoogleKeys:
        return google_keys(json.dumps({**SERVICE, "token_uri": f"{url}/token"}))

    async with serving(token("one"), keys) as (server, get):
        assert await get() == "Bearer one"
        assert parse_qs(server.requests[0].body.decode())["assertion"][0].count(".") == 2


async def test_who_pays_is_said() -> None:
    async with serving(token("one"), lambda url: user(url, "pays")) as (_, get):
        assert await get.tokens.headers(get.client) == {"authorization": "Bearer one", "x-goog-user-project": "pays"}


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (
            Answer(status=400, headers=JSON, body=b'{"error":"invalid_grant","error_description":"Bad Request"}'),
            Forbidden,
            "Google gives no access token: invalid_grant: Bad Request.",
        ),
        (Answer(status=403, body=b"no"), Forbidden, "Google gives no access token: status 403."),
        (Answer(status=200, body=b"<html>"), Garbled, "answered something else (status 200)"),
        (Answer(status=500, body=b"oops"), Garbled, "answered something else (status 500)"),
    ],
)
async def test_why_there_is_no_token(answer: Answer, kind: type[GatewayError], said: str) -> None:
    async with serving(answer) as (_, get):
        with pytest.raises(kind) as caught:
            await get()
        assert said in caught.value.message
        assert caught.value.origin == "provider:work"
        assert "rt" not in caught.value.text.split()


async def test_a_silent_server_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google_tokens, "PATIENCE", 0.05)
    async with serving(Answer(wait=5.0)) as (_, get):
        with pytest.raises(TimedOut, match="No access token came"):
            await get()


async def test_nobody_there_and_no_credentials_at_all(free_port: Callable[[], int]) -> None:
    there = f"127.0.0.1:{free_port()}"
    client = Client()
    await client.start()
    try:
        with pytest.raises(Unreachable, match="No access token: Cannot connect"):
            await GoogleTokens(user(f"http://{there}"), "work").headers(client)
        with pytest.raises(Forbidden, match="there are no Google credentials") as caught:
            await GoogleTokens(google_keys("", there), "work").headers(client)
        assert "gcloud auth application-default login" in caught.value.remedy
    finally:
        await client.close()


async def test_a_key_that_cannot_sign_is_the_users_to_mend() -> None:
    def keys(url: str) -> GoogleKeys:
        return google_keys(json.dumps({**SERVICE, "private_key": "none", "token_uri": f"{url}/token"}))

    async with serving(token("one"), keys) as (_, get):
        with pytest.raises(Forbidden, match="Provider 'work' cannot be used: the private key"):
            await get()


async def test_the_machines_own_credentials() -> None:
    """The fake knows no GET of that path; a server of its own does."""
    seen: list[str] = []

    class Metadata(Provider):
        def answer(self, request: Received) -> Answer:
            seen.append(f"{request.method} {request.path} {request.headers.get('metadata-flavor')}")
            return token("machine")

    async with Metadata() as server:
        client = Client()
        await client.start()
        try:
            tokens = GoogleTokens(google_keys("", server.url.removeprefix("http://")), "work")
            assert (await tokens.headers(client))["authorization"] == "Bearer machine"
        finally:
            await client.close()
    assert seen == ["GET /computeMetadata/v1/instance/service-accounts/default/token Google"]
