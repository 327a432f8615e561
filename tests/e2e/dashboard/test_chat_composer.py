"""Enter sends, Shift+Enter breaks the line, a syllable's own Enter does neither; drafts and parameters hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.dashboard.chatting import chat, chatting, leave
from tests.e2e.dashboard.conftest import Visiting
from tests.fakes.provider import Reply

pytestmark = pytest.mark.anyio

COMPOSING = """field => field.dispatchEvent(
  new KeyboardEvent("keydown", {key: "Enter", isComposing: true, bubbles: true, cancelable: true}))"""


async def test_writing_a_question(tmp_path: Path, visit: Visiting) -> None:
    async with chatting(tmp_path, Reply(text="Yes.")) as (served, provider):
        one = await chat(visit, served, provider)
        page = one.page
        await one.field.press("Enter")
        await one.field.fill("하")
        await one.field.evaluate(COMPOSING)
        await one.field.press("End")
        await one.field.press("Shift+Enter")
        await one.field.press_sequentially("two")

        # What is not sent is there again when the page is.
        await page.get_by_role("link", name="Models").click()
        await page.locator('[data-page="models"]').wait_for()
        await page.get_by_role("link", name="Chat", exact=True).click()
        await one.field.wait_for()
        await page.wait_for_function("document.querySelector('.lb-composer textarea').value === '하\\ntwo'")
        assert provider.requests == []

        await page.get_by_label("Parameters").click()
        await page.get_by_label("System prompt").fill("Be brief.")
        await page.get_by_label("Temperature").fill("0.5")
        await page.get_by_label("Most tokens of an answer").fill("77")
        await one.tab.check()
        await page.get_by_role("button", name="Use").click()
        await page.get_by_role("dialog").wait_for(state="detached")
        await one.field.press("Enter")
        await one.figures()
        body = one.body()
        assert body["messages"] == [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "하\ntwo"},
        ]
        assert (body["temperature"], body.get("max_tokens", body.get("max_completion_tokens"))) == (0.5, 77)
        assert await one.field.input_value() == ""
        assert len(provider.requests) == 1

        # They are the conversation's: there after a reload, and not in a new one.
        await page.reload()
        await one.figures()
        await one.ask("And?")
        await one.figures(1)
        assert one.body()["temperature"] == 0.5
        await page.get_by_role("button", name="New chat").first.click()
        await page.get_by_text("What would you like to know?").wait_for()
        await one.ask("New")
        await one.figures()
        assert "temperature" not in one.body()
        await leave(one)
