"""A question is edited and both forms go on; an answer is asked for again and the first is still there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.dashboard.chatting import chat, chatting, leave
from tests.e2e.dashboard.conftest import Visiting
from tests.fakes.provider import Received, Reply

pytestmark = pytest.mark.anyio


async def test_forks_and_further_answers(tmp_path: Path, visit: Visiting) -> None:
    count = 0

    def script(request: Received) -> Reply:
        nonlocal count
        count += 1
        return Reply(text=f"Answer {count} to {request.json['messages'][-1]['content']}")

    async with chatting(tmp_path, script) as (served, provider):
        one = await chat(visit, served, provider)
        page = one.page
        await one.ask("first")
        await page.get_by_text("Answer 1 to first").wait_for()
        await one.figures(0)
        await one.ask("second")
        await page.get_by_text("Answer 2 to second").wait_for()
        await one.figures(1)

        # Edited: another branch, which has not heard of the other form.
        await page.get_by_label("Edit the question").nth(1).click()
        edited = page.get_by_label("The question", exact=True)
        await edited.fill("better")
        await page.get_by_role("button", name="Ask this instead").click()
        await page.get_by_text("Answer 3 to better").wait_for()
        assert await page.get_by_text("Answer 2 to second").count() == 0
        assert [each["content"] for each in one.body()["messages"]] == ["first", "Answer 1 to first", "better"]
        await page.get_by_text("2/2").wait_for()
        await page.get_by_label("Earlier form of the question").last.click()
        await page.get_by_text("Answer 2 to second").wait_for()
        await page.get_by_label("Later form of the question").last.click()
        await page.get_by_text("Answer 3 to better").wait_for()
        await page.get_by_label("Edit the question").nth(1).click()
        await edited.press("Escape")
        await edited.wait_for(state="detached")
        await one.tab.check()

        # Again: both answers can be gone on from.
        await page.get_by_label("Answer again").last.click()
        await page.get_by_text("Answer 4 to better").wait_for()
        await one.figures(1)
        await page.get_by_label("Earlier answer").last.click()
        await page.get_by_text("Answer 3 to better").wait_for()
        await one.ask("third")
        await page.get_by_text("Answer 5 to third").wait_for()
        assert one.body()["messages"][-2]["content"] == "Answer 3 to better"

        # All of it is still there after a reload.
        await one.figures(2)
        await page.reload()
        await page.get_by_text("Answer 5 to third").wait_for()
        await page.get_by_label("Earlier form of the question").nth(1).click()
        await page.get_by_text("Answer 2 to second").wait_for()
        await leave(one)
