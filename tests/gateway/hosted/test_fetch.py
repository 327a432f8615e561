"""Pages from the web: what is fetched, what is refused, and that a refusal touches nothing."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from landbridge.config import Config, FetchSettings
from landbridge.gateway.hosted import addresses
from landbridge.gateway.hosted.fetch import LONGEST, MAX_REDIRECTS, Fetcher, Rules
from landbridge.wire.hosted.outcome import Fault, Outcome, Page
from tests.fakes.papers import paper
from tests.fakes.script import Answer
from tests.fakes.site import HTML, Site, moved

pytestmark = [pytest.mark.anyio, pytest.mark.io]

DEFAULTS = FetchSettings()
PACKED = HTML | {"content-encoding": "gzip"}
ANY = Rules()


async def fetch(url: str, private_hosts: Sequence[str] = (), rules: Rules = ANY, **settings: Any) -> Outcome:
    chosen = replace(DEFAULTS, private_hosts=list(private_hosts), **settings)
    return await Fetcher(chosen, Config().media).fetch(url, rules)


async def fault(url: str, private_hosts: Sequence[str] = (), rules: Rules = ANY, **settings: Any) -> Fault:
    found = await fetch(url, private_hosts, rules, **settings)
    assert isinstance(found, Fault), found
    return found


async def test_a_page_is_read() -> None:
    pages = {"/a?x=1": Answer(headers=HTML, text="<title>T</title><h1>Hi</h1><a href='/b'>b</a>")}
    async with Site(pages) as site:
        found = await fetch(f"{site.url}/a?x=1#part", [site.place])
        assert isinstance(found, Page)
        assert (found.url, found.title) == (f"{site.url}/a?x=1", "T")
        assert "# Hi" in found.text and f"{site.url}/b" in found.text
        assert found.at.startswith("20")
        (request,) = site.requests
        assert (request.method, request.path) == ("GET", "/a?x=1")
        assert "landbridge" in request.headers["user-agent"]
        assert not {"authorization", "cookie", "x-api-key"} & request.headers.keys()


async def test_redirects_are_followed() -> None:
    pages = {"/1": moved("/2", 301), "/2": moved("3?y", 307), "/3?y": Answer(headers=HTML, text="<p>there")}
    async with Site(pages) as site:
        found = await fetch(f"{site.url}/1", [site.place])
        assert isinstance(found, Page)
        assert (found.url, found.text) == (f"{site.url}/3?y", "there")
        assert site.paths == ["/1", "/2", "/3?y"]


async def test_compressed_pages_and_no_type() -> None:
    body = gzip.compress(b"<html><p>packed")
    async with Site({"/": Answer(headers={"content-encoding": "gzip"}, body=body)}) as site:
        found = await fetch(site.url + "/", [site.place])
    assert isinstance(found, Page) and found.text == "packed"


async def test_a_page_without_text_says_so() -> None:
    async with Site({"/": Answer(headers=HTML, text="<script>x</script>")}) as site:
        found = await fetch(site.url + "/", [site.place])
    assert isinstance(found, Page) and found.text == "[the page has no text]"


async def test_a_pdf_becomes_its_text() -> None:
    async with Site({"/x/report.pdf": Answer(body=paper(["First page", "Second page"]))}) as site:
        found = await fetch(f"{site.url}/x/report.pdf", [site.place])
    assert isinstance(found, Page)
    assert "report.pdf, 2 pages" in found.text
    assert "First page" in found.text and "Second page" in found.text


# -- what may not be fetched -------------------------------------------------------------------------------------------

PRIVATE = [
    "http://127.0.0.1/", "http://127.0.0.1:8080/", "https://127.0.0.1/", "http://127.1/", "http://10.0.0.1/",
    "http://192.168.1.1/", "http://172.16.0.1/", "http://169.254.169.254/latest/meta-data/", "http://0.0.0.0/",
    "http://0/", "http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/",
    "http://[fc00::1]/", "http://[fe80::1]/", "http://[64:ff9b::7f00:1]/", "http://localhost/", "http://LOCALHOST/",
    "http://localhost./", "http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://017700000001/",
    "http://0177.0.0.1/",
]  # fmt: skip


@pytest.mark.parametrize("url", PRIVATE)
async def test_private_places_are_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def connect(found: object) -> None:
        raise AssertionError(f"connected to {found}")

    monkeypatch.setattr(addresses, "connect", connect)
    refused = await fault(url)
    assert refused.code in ("url_not_allowed", "url_not_accessible")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("file:///etc/passwd", "url_not_allowed"),
        ("ftp://example.com/", "url_not_allowed"),
        ("gopher://127.0.0.1:6379/_x", "url_not_allowed"),
        ("data:text/html,x", "url_not_allowed"),
        ("javascript:alert(1)", "url_not_allowed"),
        ("example.com/page", "url_not_allowed"),
        ("//example.com/", "url_not_allowed"),
        ("http://", "url_not_allowed"),
        ("http:///path", "url_not_allowed"),
        ("", "url_not_allowed"),
        ("http://user@example.com/", "url_not_allowed"),
        ("http://example.com@127.0.0.1/", "url_not_allowed"),
        ("http://user:pw@example.com/", "url_not_allowed"),
        ("http://example.com:22/", "url_not_allowed"),
        ("http://example.com:6379/", "url_not_allowed"),
        ("http://example.com:99999/", "invalid_tool_input"),
        ("http://example.com:x/", "invalid_tool_input"),
        ("http://[::1", "invalid_tool_input"),
        ("http://example.com\\@127.0.0.1/", "invalid_tool_input"),
        ("http://exa\nmple.com/", "invalid_tool_input"),
        ("http://example.com/\r\nHost: x", "invalid_tool_input"),
        ("http://example.com/a b", "invalid_tool_input"),
        ("http://example.com/" + "x" * LONGEST, "url_too_long"),
    ],
)
async def test_what_is_no_address_of_a_page(url: str, code: str) -> None:
    assert (await fault(url)).code == code


@pytest.mark.parametrize(
    "to",
    [
        "http://169.254.169.254/latest/",
        "http://localhost:8080/",
        "http://[::1]/",
        "//10.0.0.1/",
        "file:///etc/passwd",
        "http://user@example.com/",
    ],
)
async def test_a_redirect_to_where_nobody_may_go_is_refused(to: str) -> None:
    async with Site({"/": moved(to)}) as site:
        assert (await fault(site.url + "/", [site.place])).code == "url_not_allowed"
        assert site.paths == ["/"]


async def test_a_redirect_without_end_is_given_up() -> None:
    async with Site(lambda request: moved(request.path + "x")) as site:
        refused = await fault(site.url + "/", [site.place])
        assert refused.code == "url_not_accessible" and str(MAX_REDIRECTS) in refused.words
        assert len(site.requests) == MAX_REDIRECTS + 1


@pytest.mark.parametrize("rules", [Rules(allowed=("example.com",)), Rules(blocked=("127.0.0.1",))])
async def test_the_request_s_domains_are_kept_to(rules: Rules) -> None:
    async with Site({"/": Answer(headers=HTML, text="x")}) as site:
        assert (await fault(site.url + "/", [site.place], rules)).code == "url_not_allowed"
        assert site.requests == []


async def test_they_are_kept_to_after_a_redirect_as_well() -> None:
    async with Site({"/a/": moved("/b/"), "/b/": Answer(headers=HTML, text="x")}) as site:
        refused = await fault(f"{site.url}/a/", [site.place], Rules(allowed=("127.0.0.1/a",)))
        assert refused.code == "url_not_allowed"
        assert site.paths == ["/a/"]


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Site({"/": Answer(headers=HTML, text="x")}) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        await fault("http://10.255.255.1/")
        assert proxy.requests == []


# -- what goes wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "code", "words"),
    [
        (Answer(status=404, headers=HTML, text="<p>not here"), "url_not_accessible", "404"),
        (Answer(status=500), "url_not_accessible", "500"),
        (Answer(status=204), "url_not_accessible", "204"),
        (Answer(status=302), "url_not_accessible", "302"),
        (Answer(headers={"content-type": "image/png"}, body=b"\x89PNG"), "unsupported_content_type", "image/png"),
        (Answer(headers=HTML, body=b"x" * 3000), "content_too_large", "limit"),
        (Answer(headers=PACKED, body=gzip.compress(b"x" * 10**6)), "content_too_large", ""),
        (Answer(headers=HTML, stream=True, repeat=b"x" * 500), "content_too_large", ""),
        (Answer(headers=HTML | {"content-encoding": "br"}, body=b"x"), "url_not_accessible", "cannot be read"),
        (Answer(headers=HTML, body=b"x" * 100, until=5, ending="close"), "url_not_accessible", "broke off"),
        (Answer(raw=True, body=b"SSH-2.0-OpenSSH\r\n", ending="close"), "url_not_accessible", "cannot be read"),
    ],
)  # fmt: skip
async def test_what_goes_wrong_is_said(step: Answer, code: str, words: str) -> None:
    async with Site({"/": step}) as site:
        refused = await fault(site.url + "/", [site.place], max_bytes=2000)
    assert refused.code == code
    assert words in refused.words


@pytest.mark.parametrize("step", [Answer(wait=30), Answer(headers=HTML, stream=True, body=b"<p>", ending="hang"),
                                  Answer(headers=HTML, stream=True, repeat=b"<p>", delay=0.05)])  # fmt: skip
async def test_a_page_that_takes_too_long_is_given_up(step: Answer) -> None:
    async with Site({"/": step}) as site:
        began = time.monotonic()
        refused = await fault(site.url + "/", [site.place], timeout=0.4)
        assert time.monotonic() - began < 2
        assert refused.code == "url_not_accessible"
        await site.requests[0].left(1.0)


async def test_a_name_nobody_knows() -> None:
    assert (await fault("http://no-such-host.invalid/")).code == "url_not_accessible"


async def test_nobody_waits_any_more() -> None:
    async with Site({"/": Answer(wait=30)}) as site:
        task = asyncio.get_running_loop().create_task(fetch(site.url + "/", [site.place]))
        while not site.requests:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        await site.requests[0].left(1.0)
