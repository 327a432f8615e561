"""One exchange in a browser: what was said is switched on, looked at, said again and given away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e.dashboard.conftest import WIDTHS, Visit, Visiting
from tests.fakes.landbridge import Served
from tests.fakes.provider import Answer, Provider, Received, Reply

expect.set_options(timeout=15_000)
pytestmark = [pytest.mark.e2e, pytest.mark.anyio]

LONG = "Be brief, whatever you are asked. " * 20
BODY: dict[str, Any] = {"model": "fast", "max_tokens": 64, "system": LONG, "top_k": 5}
KEY = "planted-key-123456"


def script(request: Received) -> Answer | Reply:
    if request.model == "bad":
        return Answer(status=429, headers={"content-type": "application/json"}, body=b'{"error":{"message":"Slow."}}')
    return Reply(text="Hello, old friend." if request.model == "m" else "Hello, new friend.")


async def ask(served: Served, text: str, **more: Any) -> None:
    body = {**BODY, "messages": [{"role": "user", "content": text}], **more}
    headers = {"content-type": "application/json", "user-agent": "codex_cli/1", "x-claude-code-session-id": "s-1"}
    assert (await served.post("/anthropic/v1/messages", body, headers))[0] == 200


async def test_one_exchange(tmp_path: Path, visit: Visiting) -> None:
    async with Provider(script, models=["m", "other", "bad"]) as provider:
        settings = f"""
            [providers.lab]
            dialect = "openai_chat"
            base_url = "{provider.base_url("openai_chat")}"
            api_key = "{KEY}"
            models = ["m", "other", "bad"]
            [routes.fast]
            targets = ["lab/bad", "lab/m"]
        """
        async with Served(tmp_path, settings, dashboard=True) as served:
            tab = await visit(served.dashboard)
            page = await tab.open("/requests")
            await ask(served, "Hi")
            await page.get_by_role("link", name="fast → lab/m").click()
            await switched_on(page, served)
            await page.get_by_role("button", name="All requests").click()
            await ask(served, f"I am bob@example.org, my key is {KEY}.")
            await expect(page.locator(".rq-line")).to_have_count(2)
            await page.locator('.rq-line[aria-rowindex="2"] .c-time').click()
            await looked_at(page)
            await tab.check()
            await given_away(page)
            await said_again(page)
            await tab.check()
            await small_and_dark(await visit(served.dashboard, width=WIDTHS["narrow"], dark=True), page.url)
            tab.well()
            await page.close()


async def switched_on(page: Page, served: Served) -> None:
    """Where nothing is kept it is said, with what it would mean, and switched on."""
    await expect(page.get_by_role("heading", name="Timeline")).to_be_visible()
    await expect(page.get_by_text("Requests and answers are not kept")).to_be_visible()
    await page.get_by_role("button", name="Keep them from now on").click()
    dialog = page.get_by_role("alertdialog")
    await expect(dialog).to_contain_text("It holds your conversations")
    await dialog.get_by_role("button", name="Keep them").click()
    await expect(page.get_by_text("Kept from now on")).to_be_visible()
    assert "bodies = true" in served.config.read_text()


async def looked_at(page: Page) -> None:
    """Why this model, and both dialects with what differs."""
    await expect(page.get_by_text("Failed before it: lab/bad")).to_be_visible()
    await expect(page.get_by_text("sampling.top_k", exact=False).first).to_be_visible()
    await expect(page.get_by_role("link", name="s-1")).to_have_attribute("href", "/requests?session=s-1")
    sent = page.get_by_role("region", name="The client sent, Messages (Anthropic)")
    got = page.get_by_role("region", name="lab/m was sent, Chat Completions (OpenAI)")
    await expect(sent.locator(".rq-changed").filter(has_text='"model": "fast"')).to_be_visible()
    await expect(sent.locator(".rq-left-out").filter(has_text='"top_k": 5')).to_be_visible()
    await expect(got.locator(".rq-changed").filter(has_text='"model": "m"')).to_be_visible()
    await expect(got.locator(".rq-added").filter(has_text='"role": "system"')).to_be_visible()
    await page.get_by_text("changes on the way").first.click()
    await expect(page.get_by_role("listitem").filter(has_text="top_k: 5")).to_be_visible()
    await sent.get_by_role("button", name="show all").click()
    await expect(page.get_by_role("dialog")).to_contain_text(LONG.strip())
    await page.get_by_role("button", name="Close").click()
    await page.get_by_role("button", name="Try 1").first.click()
    await expect(page.get_by_role("region", name="bad was sent, Chat Completions (OpenAI)")).to_be_visible()


async def given_away(page: Page) -> None:
    """As a file, without secrets."""
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name="Export").click()
    download = await downloading.value
    assert download.suggested_filename.startswith("landbridge-req_")
    text = Path(await download.path()).read_text()
    assert KEY not in text and "bob@" not in text and "s-1" not in text
    assert json.loads(text)["said"]["request"]["top_k"] == 5


async def said_again(page: Page) -> None:
    """To another model; both answers are compared."""
    model = page.get_by_role("combobox", name="Model")
    await model.click()
    await page.get_by_role("option", name="lab/other").click()
    await page.get_by_role("button", name="Ask again").click()
    await expect(page.get_by_text("They say different things")).to_be_visible()
    await expect(page.locator(".rq-gone")).to_contain_text("old")
    await expect(page.locator(".rq-new")).to_contain_text("new")
    await expect(page.get_by_role("cell", name="lab/other")).to_be_visible()


async def small_and_dark(tab: Visit, url: str) -> None:
    page = await tab.open(f"/requests/{url.rpartition('/')[2]}")
    await expect(page.get_by_role("button", name="Ask again")).to_be_visible()
    await tab.check()
    await page.close()
