"""Conversations are found, opened, renamed and deleted; every tab's list says the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.dashboard.chatting import chat, chatting, leave
from tests.e2e.dashboard.conftest import WIDTHS, Visiting
from tests.fakes.provider import Received, Reply

pytestmark = pytest.mark.anyio


async def test_the_conversations(tmp_path: Path, visit: Visiting) -> None:
    def script(request: Received) -> Reply:
        return Reply(text=f"About {request.json['messages'][-1]['content']}.")

    async with chatting(tmp_path, script) as (served, provider):
        one = await chat(visit, served, provider)
        page = one.page
        await page.get_by_text("No conversations yet").wait_for()
        await one.ask("apples")
        await one.figures()
        await page.get_by_role("button", name="New chat").first.click()
        await page.get_by_text("What would you like to know?").wait_for()
        await one.ask("pears")
        await page.get_by_text("About pears.").wait_for()
        await one.items.nth(1).wait_for()
        assert "pears" in await one.items.first.inner_text()
        assert "apples" in await one.items.nth(1).inner_text()

        # Narrow, the list is behind a button.
        two = await chat(visit, served, provider, width=WIDTHS["narrow"], dark=True)
        await two.page.get_by_role("button", name="Conversations").click()
        await two.items.nth(1).wait_for()
        await two.tab.check()
        await two.items.filter(has_text="apples").get_by_role("link").click()
        await two.page.get_by_text("About apples.").wait_for()

        await one.items.filter(has_text="apples").get_by_role("button").click()
        await page.get_by_role("menuitem", name="Rename").click()
        await page.get_by_label("Title").fill("Fruit")
        await page.get_by_label("Title").press("Enter")
        await one.items.filter(has_text="Fruit").wait_for()
        await two.page.locator(".lb-chat-item", has_text="Fruit").wait_for(state="attached")

        await page.get_by_label("Search").fill("PEARS")
        await one.items.filter(has_text="Fruit").wait_for(state="detached")
        assert await one.items.count() == 1
        await page.get_by_label("Search").fill("")
        await one.items.filter(has_text="Fruit").get_by_role("link").click()
        await page.get_by_text("About apples.").wait_for()
        await page.go_back()
        await page.get_by_text("About pears.").wait_for()
        await page.go_forward()
        await page.get_by_text("About apples.").wait_for()

        await one.items.filter(has_text="Fruit").get_by_role("button").click()
        await page.get_by_role("menuitem", name="Delete").click()
        await page.get_by_text('"Fruit" and all that was said in it will be deleted for ever.').wait_for()
        await page.get_by_role("button", name="Cancel").click()
        assert await one.items.count() == 2
        await one.items.filter(has_text="Fruit").get_by_role("button").click()
        await page.get_by_role("menuitem", name="Delete").click()
        await page.get_by_role("button", name="Delete").click()
        await one.items.filter(has_text="Fruit").wait_for(state="detached")
        await two.page.get_by_text("This conversation was deleted.").wait_for()
        await two.page.get_by_text("What would you like to know?").wait_for()
        await leave(two, one)
