"""What may be run: searches of the size that is wanted, and pages that somebody has named."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
from msgspec import Raw
from msgspec.structs import replace

from landbridge.config import Config, FetchSettings, Secret
from landbridge.gateway.hosted.runner import Runner, is_named
from landbridge.gateway.hosted.web import Searching, Web
from landbridge.neutral.parts import Document, Image, Message, Part, Text, Thinking, ToolCall, ToolResult
from landbridge.neutral.request import Request
from landbridge.upstream.client import Client
from landbridge.wire.hosted.outcome import CUT, Fault, Found, Page
from landbridge.wire.hosted.wishes import Wish
from landbridge.wire.search.query import Query
from landbridge.wire.search.services import SERVICES
from tests.fakes.script import Answer
from tests.fakes.search import Found as FoundPage
from tests.fakes.search import SearchServer
from tests.fakes.site import HTML, Site

URL = "https://docs.example/a?b=1"
FETCH = Wish("fetch", "web_fetch")


def said(*parts: Part, role: str = "user") -> Request:
    return Request("m", (Message(role, parts),))  # type: ignore[arg-type]  # a literal of the tests


@pytest.mark.parametrize(
    "part",
    [
        Text(f"Read {URL}, please."),
        Text("Read docs.example/a?b=1"),
        Text("http://www.docs.example/a?b=1/"),
        ToolResult("t", (Text(f"[1] Docs\n{URL}\n"),)),
        Document(text=f"see {URL}"),
        ToolResult("t", (Document(parts=(Text(URL), Image(url="x"))),)),
    ],
)
def test_what_the_conversation_shows_is_named(part: Part) -> None:
    for url in (URL, f"{URL}#part", f"{URL}/", "http://www.docs.example/a?b=1"):
        assert is_named(url, said(part))


def test_the_system_prompt_names_too() -> None:
    assert is_named(URL, Request("m", (), system=(Text(f"The manual is at {URL}."),)))


@pytest.mark.parametrize("part", [Text(URL), Thinking(URL), ToolCall("t", "f", Raw(f'{{"url":"{URL}"}}'.encode()))])
def test_what_only_the_model_says_is_not(part: Part) -> None:
    assert not is_named(URL, said(part, role="assistant"))


@pytest.mark.parametrize("url", ["https://docs.example/a?b=2", "https://docs.example/a?b=1&secret=x", "https://", ""])
def test_another_address_is_not_the_same(url: str) -> None:
    assert not is_named(url, said(Text(URL)))


@pytest.fixture
async def client() -> AsyncGenerator[Client]:
    client = Client()
    await client.start()
    yield client
    await client.close()


@pytest.mark.io
@pytest.mark.anyio
@pytest.mark.parametrize(("share", "count"), [(1.0, 8), (0.5, 4), (2.0, 16), (0.01, 1), (9.0, 20)])
async def test_a_search_has_the_size_that_is_wanted(client: Client, share: float, count: int) -> None:
    pages = [FoundPage(f"https://a.example/{number}", "T") for number in range(30)]
    async with SearchServer(pages) as server:
        searching = Searching(SERVICES["searxng"], server.base_url("searxng"), Secret(), 8, 5.0)
        found = await Runner(client, Web(FetchSettings(), searching), Config().media).search(Query("q"), share)
    assert isinstance(found, Found)
    assert len(found.results) == count


@pytest.mark.io
@pytest.mark.anyio
async def test_without_a_service_a_search_is_a_fault(client: Client) -> None:
    web = Web(FetchSettings(), problem="nobody has set it up")
    found = await Runner(client, web, Config().media).search(Query("q"), 1.0)
    assert found == Fault("unavailable", "nobody has set it up.")


@pytest.mark.io
@pytest.mark.anyio
async def test_a_page_is_fetched_if_it_is_named_and_cut_to_what_is_wanted(client: Client) -> None:
    async with Site({"/": Answer(headers=HTML, text="<p>" + "x" * 300)}) as site:
        settings = FetchSettings(private_hosts=[site.place], max_characters=200)
        runner = Runner(client, Web(settings), Config().media)
        url = site.url + "/"
        assert await runner.fetch(url, FETCH, said(Text("no"))) == Fault("url_not_in_prior_context")
        assert site.requests == []
        for wish, most in ((FETCH, 200), (replace(FETCH, characters=50), 50), (replace(FETCH, characters=999), 200)):
            found = await runner.fetch(url, wish, said(Text(url)))
            assert isinstance(found, Page)
            assert found.text == f"{'x' * most}\n\n{CUT}"
        anything = Runner(client, Web(replace(settings, any_url=True)), Config().media)
        assert isinstance(await anything.fetch(url, FETCH, said(Text("no"))), Page)
        only = replace(FETCH, allowed=("else.example",))
        refused = await runner.fetch(url, only, said(Text(url)))
        assert isinstance(refused, Fault) and refused.code == "url_not_allowed"
