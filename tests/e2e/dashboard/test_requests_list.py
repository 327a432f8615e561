"""The list of exchanges in a browser: live, filtered, and as long as it may be."""

from __future__ import annotations

import asyncio
import json
import re
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from landbridge.store.location import locate
from tests.e2e.dashboard.conftest import WIDTHS, Visiting
from tests.fakes.landbridge import Served
from tests.fakes.provider import Answer, Provider, Received, Reply, chat_stream
from tests.fakes.script import SSE
from tests.store.rows import ledger

expect.set_options(timeout=15_000)
pytestmark = [pytest.mark.e2e, pytest.mark.anyio]

MANY = 10_000
ROWS = ".rq-line"
DRAWN = 80
"""Rows that may be in the page at once."""


def script(request: Received) -> Answer | Reply:
    if request.model == "slow" and request.stream:
        return Answer(headers=SSE, body=chat_stream("One two three four five. " * 4), stream=True, delay=0.2)
    if request.model == "bad":
        return Answer(status=400, headers={"content-type": "application/json"}, body=b'{"error":{"message":"No."}}')
    return Reply(text="Hello.")


def rows() -> list[dict[str, Any]]:
    """Of the last week, the newest first a minute ago."""
    newest = time.time() - 60
    return [
        {"id": f"req_{number:05}", "at": newest - number * 60, "model": "old", "target": "lab/old"}
        for number in range(MANY)
    ]


async def ask(served: Served, model: str, **more: Any) -> int:
    body = {"model": f"lab/{model}", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}], **more}
    headers = {"content-type": "application/json", "user-agent": "claude-cli/2.1.330 (external, cli)"}
    if more.get("stream"):
        return await asyncio.to_thread(_stream, served, body, headers)
    return (await served.post("/anthropic/v1/messages", body, headers))[0]


def _stream(served: Served, body: dict[str, Any], headers: dict[str, str]) -> int:
    url = f"{served.router}/anthropic/v1/messages"
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=60) as answer:
        answer.read()
        return int(answer.status)


async def first(page: Page) -> str:
    """The newest row."""
    return await page.locator(f'{ROWS}[aria-rowindex="2"]').inner_text()


async def test_the_list(tmp_path: Path, visit: Visiting) -> None:
    async with ledger(locate("", tmp_path / "data", {}), *rows()):
        pass
    async with Provider(script, models=["m", "slow", "bad", "old"]) as provider:
        settings = f"""
            [providers.lab]
            dialect = "openai_chat"
            base_url = "{provider.base_url("openai_chat")}"
            models = ["m", "slow", "bad", "old"]
        """
        async with Served(tmp_path, settings, dashboard=True) as served:
            tab = await visit(served.dashboard)
            page = await tab.open("/requests")
            await expect(page.locator(ROWS).first).to_be_visible()
            await live(page, served)
            await tab.check()
            await paused(page, served)
            await filtered(page, served)
            await held(page, served)
            await to_the_end(page)
            await by_keyboard(page)
            narrow = await visit(served.dashboard, width=WIDTHS["narrow"], dark=True)
            await narrow.open("/requests?errors=1")
            await expect(narrow.page.locator(ROWS)).to_have_count(1)
            await narrow.page.get_by_role("button", name="Filter").click()
            await expect(narrow.page.get_by_label("Provider", exact=True)).to_be_visible()
            await narrow.check()
            for each in (tab, narrow):
                each.well()
                await each.page.close()


async def live(page: Page, served: Served) -> None:
    """What is asked appears while it is answered, and when it has ended."""
    asking = asyncio.ensure_future(ask(served, "slow", stream=True))
    under = page.get_by_role("list", name="Exchanges under way")
    await expect(under).to_contain_text("lab/slow")
    await expect(under).to_contain_text("Answering, about")
    assert await asking == 200
    await expect(page.locator(f'{ROWS}[aria-rowindex="2"]')).to_contain_text("lab/slow")
    await expect(page.get_by_text("Nothing is under way")).to_be_visible()
    assert await ask(served, "bad") == 400
    await expect(page.locator(f'{ROWS}[aria-rowindex="2"]')).to_contain_text("400 provider refused")


async def paused(page: Page, served: Served) -> None:
    """Stopped, nothing comes; then all of it."""
    await page.get_by_role("button", name="Pause").click()
    await ask(served, "m")
    await expect(page.get_by_text("Paused, 1 new")).to_be_visible()
    assert "lab/bad" in await first(page)
    await page.get_by_role("button", name="Go on").click()
    await expect(page.locator(f'{ROWS}[aria-rowindex="2"]')).to_contain_text("lab/m")


async def filtered(page: Page, served: Served) -> None:
    """By a part of a name, by errors; the address says it, and what comes live is looked at, too."""
    await page.get_by_label("Model", exact=True).fill("slo")
    await expect(page.locator(ROWS)).to_have_count(1)
    await expect(page).to_have_url(re.compile(r"/requests\?model=slo$"))
    await ask(served, "m")
    await ask(served, "slow")
    await expect(page.locator(ROWS)).to_have_count(2)
    await page.reload()
    await expect(page.get_by_label("Model", exact=True)).to_have_value("slo")
    await expect(page.locator(ROWS)).to_have_count(2)
    await page.get_by_role("switch", name="Errors only").click()
    await expect(page.get_by_text("No exchange is like that")).to_be_visible()
    await page.get_by_role("button", name="Show all").first.click()
    await expect(page).to_have_url(re.compile(r"/requests$"))
    await expect(page.locator(ROWS).nth(10)).to_be_visible()


async def held(page: Page, served: Served) -> None:
    """What the reader looks at stays where it is when something comes."""
    await page.locator(".rq-view").evaluate("view => { view.scrollTop = 900 }")
    row = page.locator(ROWS).filter(has_text="old").nth(20)
    id = await row.get_attribute("id")
    looked_at = page.locator(f"#{id}")
    before = await looked_at.bounding_box()
    await ask(served, "m")
    await expect(page.get_by_role("button", name="1 new")).to_be_visible()
    assert await looked_at.bounding_box() == before
    await page.get_by_role("button", name="1 new").click()
    await expect(page.locator(f'{ROWS}[aria-rowindex="2"]')).to_contain_text("lab/m")


async def to_the_end(page: Page) -> None:
    """Older ones come while it is scrolled; few of them are in the page."""
    grid = page.get_by_role("grid")
    async with asyncio.timeout(60):
        while int(await grid.get_attribute("aria-rowcount") or 0) <= MANY:
            await page.locator(".rq-view").evaluate("view => { view.scrollTop = view.scrollHeight }")
            assert await page.locator(ROWS).count() < DRAWN
    await expect(page.get_by_text("That is the first exchange there is.")).to_be_visible()
    await page.locator(".rq-view").evaluate("view => { view.scrollTop = view.scrollHeight }")
    await expect(page.locator(f"#rq-req_{MANY - 1:05}")).to_be_visible()
    assert await page.locator(ROWS).count() < DRAWN


async def by_keyboard(page: Page) -> None:
    """Rows are walked through and opened without a mouse."""
    grid = page.get_by_role("grid")
    await grid.press("Home")
    await grid.press("ArrowDown")
    active = await grid.get_attribute("aria-activedescendant")
    assert active and await page.locator(f"#{active}").get_attribute("aria-rowindex") == "3"
    await grid.press("Enter")
    await expect(page).to_have_url(re.compile(f"/requests/{active.removeprefix('rq-')}$"))
    await expect(page.get_by_text("Requests and answers are not kept")).to_be_visible()
