"""A search at each service, and everything that can go wrong with one."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from landbridge.config import load
from landbridge.gateway.hosted.search import search
from landbridge.gateway.hosted.web import Searching, web_of
from landbridge.upstream.client import Client
from landbridge.wire.hosted.outcome import Fault, Found
from landbridge.wire.search.query import Query, Result
from tests.fakes.script import HTML_ERROR, JSON, Answer, error
from tests.fakes.search import KEY, SERVICES, SearchServer
from tests.fakes.search import Found as Page

pytestmark = [pytest.mark.anyio, pytest.mark.io]

PAGES = [
    Page("https://a.example/x", "A", "said \N{FOX FACE}", "2 days ago"),
    Page("https://docs.a.example/", "Docs", "told"),
    Page("https://b.example/", "B"),
]


@pytest.fixture
async def client() -> AsyncGenerator[Client]:
    client = Client()
    await client.start()
    yield client
    await client.close()


def searching(folder: Path, settings: str, key: str = KEY) -> Searching:
    path = folder / "landbridge.toml"
    path.write_text(settings)
    found = web_of(load(path, {}), {"SEARCH_KEY": key}).search
    assert found is not None
    return found


@pytest.mark.parametrize("service", SERVICES)
async def test_each_service_finds(tmp_path: Path, client: Client, service: str) -> None:
    async with SearchServer(PAGES) as server:
        settings = searching(tmp_path, server.settings(service))
        found = await search(client, settings, Query("한글 & cats", count=2))
        assert found == Found(
            (
                Result("https://a.example/x", "A", "said \N{FOX FACE}", "2 days ago"),
                Result("https://docs.a.example/", "Docs", "told"),
            )
        )
        assert server.queries == ["한글 & cats"]
        assert KEY not in server.requests[0].path


@pytest.mark.parametrize("service", SERVICES)
async def test_domains_are_kept_to_whatever_the_service_gives(tmp_path: Path, client: Client, service: str) -> None:
    async with SearchServer(PAGES) as server:
        settings = searching(tmp_path, server.settings(service))
        allowed = await search(client, settings, Query("q", allowed=("a.example",)))
        blocked = await search(client, settings, Query("q", blocked=("a.example",)))
        assert isinstance(allowed, Found) and isinstance(blocked, Found)
        assert [each.title for each in allowed.results] == ["A", "Docs"]
        assert [each.title for each in blocked.results] == ["B"]
        first = server.requests[0]
        assert "a.example" in first.path + first.body.decode()


@pytest.mark.parametrize("service", SERVICES)
async def test_nothing_found_is_no_fault(tmp_path: Path, client: Client, service: str) -> None:
    async with SearchServer() as server:
        assert await search(client, searching(tmp_path, server.settings(service)), Query("q")) == Found(())


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "searxng"])
async def test_a_wrong_key_is_said_and_not_shown(
    tmp_path: Path, client: Client, service: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with SearchServer(PAGES) as server:
        settings = searching(tmp_path, server.settings(service), "wrong-secret")
        with caplog.at_level(logging.DEBUG):
            fault = await search(client, settings, Query("private question"))
        assert isinstance(fault, Fault) and fault.code == "unavailable"
        assert "did not accept its key" in fault.words
        assert "wrong-secret" not in fault.words + caplog.text + repr(settings)
        assert "private question" not in caplog.text
        assert "did not accept its key" in caplog.text


async def test_a_service_that_repeats_the_key_is_not_repeated(tmp_path: Path, client: Client) -> None:
    step = error(401, b'{"detail":{"error":"key-of-the-service is no key"}}')
    async with SearchServer(answer=step) as server:
        fault = await search(client, searching(tmp_path, server.settings("tavily")), Query("q"))
    assert isinstance(fault, Fault)
    assert KEY not in fault.words and "401" in fault.words


async def test_searxng_without_json_says_what_to_do(tmp_path: Path, client: Client) -> None:
    step = Answer(status=403, headers={"content-type": "text/html"}, text="<html>403 Forbidden</html>")
    async with SearchServer(answer=step) as server:
        fault = await search(client, searching(tmp_path, server.settings()), Query("q"))
    assert isinstance(fault, Fault)
    assert "search.formats" in fault.words


@pytest.mark.parametrize(
    ("step", "code", "words"),
    [
        (error(429, b'{"error":{"detail":"Slow down."}}', retry_after="1"), "too_many_requests", "Slow down."),
        (error(400, b'{"message":"Query is bad"}'), "invalid_tool_input", "Query is bad"),
        (error(422, b"{}"), "invalid_tool_input", "refused the query"),
        (error(414, b""), "query_too_long", ""),
        (error(500, b'{"message":"boom for the private question"}'), "unavailable", "status 500 (boom for"),
        (error(404, b""), "unavailable", "status 404"),
        (Answer(status=502, headers={"content-type": "text/html"}, body=HTML_ERROR.body), "unavailable", "status 502."),
        (Answer(headers={"content-type": "text/html"}, body=HTML_ERROR.body), "unavailable", "cannot be read"),
        (Answer(headers=JSON, body=b"[]"), "unavailable", "cannot be read"),
        (Answer(headers=JSON, body=b'{"results":5}'), "unavailable", "cannot be read"),
        (Answer(headers=JSON, body=b'{"results":[', ending="close"), "unavailable", "cannot be read"),
        (Answer(raw=True, body=b"SSH-2.0-x\r\n\r\n", ending="close"), "unavailable", "cannot be read"),
        (Answer(stream=True, body=b'{"results":[]}', until=5, ending="reset"), "unavailable", "broke off"),
        (Answer(status=302, headers={"location": "https://elsewhere.example/?t=1"}), "unavailable", "redirects"),
    ],
)
async def test_what_goes_wrong_is_said(
    tmp_path: Path, client: Client, step: Answer, code: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with SearchServer(answer=step) as server:
        fault = await search(client, searching(tmp_path, server.settings()), Query("private question"))
    assert code in caplog.text and "private question" not in caplog.text
    assert isinstance(fault, Fault)
    assert fault.code == code
    assert words in fault.words
    assert "<html" not in fault.words and "?t=1" not in fault.words


@pytest.mark.parametrize("status", [402, 432, 433])
async def test_a_plan_that_is_used_up(tmp_path: Path, client: Client, status: int) -> None:
    service = "exa" if status == 402 else "tavily"
    async with SearchServer(answer=error(status, b'{"detail":{"error":"used up"}}')) as server:
        fault = await search(client, searching(tmp_path, server.settings(service)), Query("q"))
    assert isinstance(fault, Fault)
    assert fault.code == "too_many_requests"


@pytest.mark.parametrize("step", [Answer(wait=30), Answer(stream=True, headers=JSON, body=b'{"re', ending="hang")])
async def test_a_slow_service_is_given_up(tmp_path: Path, client: Client, step: Answer) -> None:
    async with SearchServer(answer=step) as server:
        began = time.monotonic()
        fault = await search(client, searching(tmp_path, server.settings(more="timeout = 0.3")), Query("q"))
        assert time.monotonic() - began < 2
        assert isinstance(fault, Fault) and fault.code == "unavailable"
        await server.requests[0].left()


async def test_a_service_that_is_not_there(tmp_path: Path, client: Client) -> None:
    async with SearchServer() as server:
        settings = searching(tmp_path, server.settings())
    fault = await search(client, settings, Query("q"))
    assert isinstance(fault, Fault)
    assert fault.code == "unavailable" and "Cannot connect" in fault.words


async def test_a_search_nobody_waits_for_is_dropped(tmp_path: Path, client: Client) -> None:
    async with SearchServer(answer=Answer(wait=30)) as server:
        task = asyncio.get_running_loop().create_task(
            search(client, searching(tmp_path, server.settings()), Query("q"))
        )
        while not server.requests:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        await server.requests[0].left(1.0)


@pytest.mark.parametrize(("text", "code"), [("", "invalid_tool_input"), ("x" * 401, "query_too_long")])
async def test_what_no_service_would_take_is_not_sent(tmp_path: Path, client: Client, text: str, code: str) -> None:
    async with SearchServer(PAGES) as server:
        fault = await search(client, searching(tmp_path, server.settings("brave")), Query(text))
        assert isinstance(fault, Fault) and fault.code == code
        assert server.requests == []
