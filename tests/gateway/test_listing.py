"""Providers are asked for their models: at once, within the time Claude Code waits, and not too often."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from contextlib import AsyncExitStack

import pytest

from landbridge.config import Config, ProviderSettings
from landbridge.gateway import listing
from landbridge.gateway.listing import Listing
from landbridge.gateway.world import World
from landbridge.upstream.client import Client
from tests.fakes.lists import Lister, models
from tests.fakes.provider import HTML_ERROR, JSON, SSE, Answer, Provider, anthropic_error, chat_error, error

pytestmark = [pytest.mark.anyio, pytest.mark.io]

PATIENCE = 3.0
"""Seconds Claude Code waits for a list."""


def world(**providers: ProviderSettings) -> World:
    return World(Config(providers=providers), {"KEY": "sk-live-4711"}, lambda: ())


def chat(provider: Provider, models: list[str] | None = None) -> ProviderSettings:
    return ProviderSettings(
        dialect="openai_chat", base_url=provider.base_url("openai_chat"), api_key="${KEY}", models=models
    )


async def refreshed(*worlds: World) -> None:
    client = Client()
    await client.start()
    try:
        for each in worlds:
            await Listing(client).refresh(each)
    finally:
        await client.close()


async def test_each_dialect_is_asked_in_its_own_way() -> None:
    async with Provider(models=["a", "b"]) as one, Provider(models=["c"]) as two:
        anthropic = ProviderSettings(dialect="anthropic", base_url=two.url, api_key="${KEY}")
        made = world(one=chat(one), two=anthropic)
        await refreshed(made)
        assert made.listed == {"one": ("a", "b"), "two": ("c",)}
        assert made.silent == {}
        asked, other = one.others[0], two.others[0]
    assert (asked.method, asked.path) == ("GET", "/v1/models")
    assert asked.headers["authorization"] == "Bearer sk-live-4711"
    assert (other.method, other.path) == ("GET", "/v1/models?limit=1000")
    assert (other.headers["x-api-key"], other.headers["anthropic-version"]) == ("sk-live-4711", "2023-06-01")


async def test_who_lists_its_models_in_the_settings_is_not_asked() -> None:
    async with Provider(models=["a"]) as provider:
        made = world(lab=chat(provider, ["m"]), none=chat(provider, []))
        await refreshed(made)
        assert provider.others == []
        assert made.listed == {}


LONG = json.dumps({"data": [{"id": f"m{number}"} for number in range(3000)]}).encode()


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"data": [{"id": "a"}, {"id": "b"}, {"id": "a"}]}', ("a", "b")),
        (b'[{"id": "a", "type": "chat"}]', ("a",)),
        (b'{"object": "list", "data": null}', ()),
        (b'{"data": []}', ()),
        (b'{"data": [{"id": "a", "extra": {"deep": [1]}}, {"name": "no id"}, {"id": ""}], "has_more": true}', ("a",)),
        ('{"data": [{"id": "모델"}]}'.encode(), ("모델",)),
        (b'{"models": [{"name": "models/g-3", "version": "1"}, {"name": "tuned"}, {"name": ""}]}', ("g-3", "tuned")),
        (b'{"models": []}', ()),
        (LONG, tuple(f"m{number}" for number in range(3000))),
    ],
)
async def test_lists_of_many_servers_are_read(body: bytes, found: tuple[str, ...]) -> None:
    async with Lister(Answer(headers=JSON, body=body)) as provider:
        made = world(lab=chat(provider))
        await refreshed(made)
        assert made.listed == {"lab": found}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (HTML_ERROR, "web page titled 'Attention Required!'"),
        (Answer(headers={"content-type": "text/html"}, body=b"<html>login</html>"), "not with a list of models"),
        (Answer(headers=JSON, body=b"{}"), "not with a list of models"),
        (Answer(headers=JSON, body=b'{"error": {"message": "no"}}'), "not with a list of models"),
        (Answer(headers=JSON, body=b'"models"'), "not with a list of models"),
        (Answer(headers=JSON, body=b'{"data": "a"}'), "not with a list of models"),
        (Answer(headers=JSON, body=b'{"data": [{"id": 3}]}'), "not with a list of models"),
        (Answer(headers=JSON, body=b'{"data": [{"id": "\xff"}]}'), "not with a list of models"),
        (Answer(headers=JSON, body=b'{"x": ' + b"[" * 100_000), "not with a list of models"),
        (Answer(headers=JSON, body=b""), "not with a list of models"),
        (error(*chat_error(401, "bad key")), "refused its API key: bad key"),
        (error(*anthropic_error(403, "permission_error", "not you")), "not you"),
        (error(*chat_error(404, "what?")), "what?"),
        (error(*chat_error(429, "slow down")), "slow down"),
        (error(*chat_error(500, "boom")), "boom"),
        (Answer(status=302, headers={"location": "http://127.0.0.1:9/"}), "302"),
        (Answer(raw=True, body=b"garbage\r\n\r\n"), "HTTP"),
        (Answer(headers=JSON, body=LONG, until=30, ending="close"), "broke off"),
        (Answer(headers=JSON, body=LONG, until=30, ending="reset", cuts=(10,)), "broke off"),
    ],
)
async def test_a_broken_provider_is_left_out_and_named(answer: Answer, said: str) -> None:
    async with Lister(answer) as bad, Lister(models("a")) as good:
        made = world(bad=chat(bad), good=chat(good))
        await refreshed(made)
    assert made.listed == {"good": ("a",)}
    assert set(made.silent) == {"bad"}
    assert said in made.silent["bad"].text
    assert made.silent["bad"].origin == "provider:bad"
    assert "sk-live-4711" not in made.silent["bad"].text


async def test_who_is_not_there_is_left_out_and_named() -> None:
    async with Provider() as provider:
        gone = chat(provider)
    made = world(gone=gone, unset=ProviderSettings(preset="openai", api_key="${NO_SUCH}"))
    await refreshed(made)
    assert "Cannot connect to 127.0.0.1" in made.silent["gone"].text
    assert "NO_SUCH is not set" in made.silent["unset"].text


@pytest.mark.parametrize(
    "slow",
    [
        Answer(wait=60),
        Answer(headers=JSON, stream=True, ending="hang"),
        Answer(headers=SSE, stream=True, repeat=b" ", delay=0.05),
    ],
    ids=["silent", "hangs after the head", "drips"],
)
async def test_slow_providers_do_not_keep_claude_code_waiting(slow: Answer) -> None:
    async with AsyncExitStack() as stack:
        slow_ones = [await stack.enter_async_context(Lister(slow)) for _ in range(3)]
        good = await stack.enter_async_context(Lister(models("a")))
        made = world(good=chat(good), **{f"slow{number}": chat(each) for number, each in enumerate(slow_ones)})
        began = time.monotonic()
        await refreshed(made)
        assert time.monotonic() - began < PATIENCE
        for each in slow_ones:
            assert await each.others[0].left() > 0, "nobody waits for the rest"
    assert made.listed == {"good": ("a",)}
    assert {fault.text for fault in made.silent.values()} == {"It gave no list of models within 2 s."}
    assert len(made.silent) == 3


async def test_a_list_is_kept_and_a_failure_is_tried_again_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "FRESH", 0.4)
    monkeypatch.setattr(listing, "RETRY", 0.1)
    async with Lister(models("a")) as good, Lister(HTML_ERROR) as bad:
        made = world(good=chat(good), bad=chat(bad))
        await refreshed(made, made, made)
        assert (good.asked, bad.asked) == (1, 1)
        bad.list = models("b")
        await asyncio.sleep(0.15)
        await refreshed(made)
        assert (good.asked, bad.asked) == (1, 2)
        assert made.listed == {"good": ("a",), "bad": ("b",)}
        assert made.silent == {}
        good.list = HTML_ERROR
        await asyncio.sleep(0.3)
        await refreshed(made)
        assert good.asked == 2
        assert made.listed["good"] == ("a",), "the list from before is better than none"
        assert set(made.silent) == {"good"}


def test_the_times_are_those_promised() -> None:
    assert listing.PATIENCE < PATIENCE
    assert (listing.FRESH, listing.RETRY) == (300, 15)


async def test_many_who_want_a_list_at_once_ask_once() -> None:
    slow = Answer(headers=JSON, body=b'{"data": [{"id": "a"}]}', wait=0.2)
    async with Lister(slow) as provider:
        made = world(lab=chat(provider))
        client = Client()
        await client.start()
        shared = Listing(client)
        await asyncio.gather(*(shared.refresh(made) for _ in range(20)))
        await client.close()
        assert provider.asked == 1
        assert made.listed == {"lab": ("a",)}


async def test_who_leaves_while_waiting_harms_nobody() -> None:
    slow = Answer(headers=JSON, body=b'{"data": [{"id": "a"}]}', wait=0.3)
    async with Lister(slow) as provider:
        made = world(lab=chat(provider))
        client = Client()
        await client.start()
        shared = Listing(client)
        first = asyncio.ensure_future(shared.refresh(made))
        second = asyncio.ensure_future(shared.refresh(made))
        await asyncio.sleep(0.1)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await second
        await client.close()
        assert made.listed == {"lab": ("a",)}


async def test_new_settings_ask_anew() -> None:
    async with Lister(models("a")) as provider:
        for _ in range(3):
            made = world(lab=chat(provider))
            await refreshed(made)
            assert made.listed == {"lab": ("a",)}
        assert provider.asked == 3


async def test_the_same_failure_is_logged_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "RETRY", 0.0)
    async with Lister(error(*chat_error(500, "boom"))) as provider:
        made = world(lab=chat(provider))
        with caplog.at_level(logging.WARNING, "landbridge.gateway"):
            await refreshed(made, made, made)
        assert provider.asked == 3
    assert [record.message.startswith("provider lab did not say which") for record in caplog.records] == [True]
