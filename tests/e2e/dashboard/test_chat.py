"""The chat: asked, answered, timed, priced, compared, stopped, tried again; the same in every tab."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.dashboard.chatting import chat, chatting, leave
from tests.e2e.dashboard.conftest import WIDTHS, Visiting
from tests.fakes.provider import Answer, Provider, Received, Reply, Tokens

pytestmark = pytest.mark.anyio

SAID = """Here is *how*:

```python
print("<b>1</b>")
```

![seen](https://tracker.example/?q=secret) <img src=x onerror=alert(1)>

| a | b |
| --- | --- |
| 1 | 2 |
"""
PRICES = '[prices."lab/large"]\ninput = 1.0\noutput = 2.0\n'


def script(request: Received) -> Answer | Reply:
    asked = str(request.json["messages"][-1]["content"])
    if "broken" in asked and len(request.json["messages"]) < 4:
        return Answer(
            status=400, headers={"content-type": "application/json"}, text='{"error":{"message":"Not that."}}'
        )
    if "endless" in asked:
        return Reply(text="word " * 2000, pace=0.02, piece=5)
    usage = Tokens(prompt=1000, output=500)
    return Reply(text=SAID if request.model == "large" else "Small *talk*.", thinking="Well, *well*.", usage=usage)


async def test_from_the_first_question_to_the_last(tmp_path: Path, visit: Visiting) -> None:
    async with chatting(tmp_path, script, PRICES) as (served, provider):
        one = await chat(visit, served, provider)
        page = one.page
        await page.get_by_text("What would you like to know?").wait_for()
        await one.tab.check()

        await one.ask("How?")
        figures = await one.figures()
        assert "500 tokens · prompt of 1,000 · cost" in figures
        await page.get_by_text("cost\u00a0$0.0020").wait_for()  # 1000 at $1 and 500 at $2 a million
        assert one.body()["max_tokens"] == 8192

        # What the model wrote is Markdown, and nothing else.
        answer = one.answers.first
        assert await answer.locator("em", has_text="how").count() == 1
        assert await answer.locator("img, script").count() == 0
        assert await answer.get_by_role("link", name="seen").get_attribute("rel") == "noopener noreferrer"
        assert "<img src=x onerror=alert(1)>" in await answer.inner_text()
        await answer.get_by_role("button", name="Copy", exact=True).click()
        await answer.get_by_text("Copied").wait_for()
        assert await page.evaluate("navigator.clipboard.readText()") == 'print("<b>1</b>")'
        thought = answer.get_by_text("Well, well.")
        assert not await thought.is_visible()
        await answer.get_by_text("Thought").click()
        assert await thought.is_visible()

        # Two side by side; each hears itself.
        await page.get_by_label("Ask a second model beside it").click()
        await one.ask("And now?")
        await one.figures(2)
        assert await one.answers.nth(2).locator("em").last.inner_text() == "talk"
        assert {each.model for each in provider.requests[1:]} == {"large", "small"}
        await one.ask("Once more?")
        await one.figures(4)
        last = {each.model: each.json["messages"] for each in provider.requests[3:]}
        assert last["small"][-2]["content"] == "Small *talk*."
        assert last["large"][-2]["content"] == SAID.rstrip()
        await one.tab.check()

        # Another tab shows the same, and hears what this one asks.
        path = page.url.removeprefix(served.dashboard)
        assert path.startswith("/chat/")
        two = await chat(visit, served, provider, path, width=WIDTHS["narrow"], dark=True)
        await two.figures(4)
        await two.tab.check()
        await one.ask("Do both hear it?")
        await two.page.get_by_text("Do both hear it?").wait_for()
        await two.figures(6)
        await leave(two, one)


async def test_what_goes_wrong_and_what_is_stopped(tmp_path: Path, visit: Visiting) -> None:
    async with chatting(tmp_path, script) as (served, provider):
        one = await chat(visit, served, provider)
        page = one.page
        await one.ask("A broken one")
        await one.answers.get_by_role("alert").get_by_text("Not that.").wait_for()
        asked = len(provider.requests)
        await page.get_by_role("button", name="Try again").click()
        await provider.received(asked + 1)
        await one.answers.get_by_role("alert").get_by_text("Not that.").wait_for()
        assert await page.get_by_text("2/2").count() == 0, "what came to nothing is no answer to go back to"

        await one.ask("An endless one")
        growing = one.answers.nth(1)
        await growing.get_by_text("word word").wait_for()
        await page.get_by_role("button", name="Stop").wait_for()
        # Who has scrolled away stays there, who is at the end follows.
        scroller = page.locator(".lb-chat-scroll")
        await page.wait_for_function("document.querySelector('.lb-chat-scroll').scrollTop > 100")
        await scroller.evaluate("each => { each.scrollTop = 0 }")
        before = len(await growing.inner_text())
        await page.wait_for_function(f"document.querySelectorAll('.lb-answer')[1].innerText.length > {before + 300}")
        assert await scroller.evaluate("each => each.scrollTop") == 0
        await page.get_by_role("button", name="To the end").click()
        await page.wait_for_function(
            "(each => each.scrollHeight - each.scrollTop - each.clientHeight < 60)"
            "(document.querySelector('.lb-chat-scroll'))"
        )
        await page.keyboard.press("Escape")
        await growing.get_by_text("Stopped.").wait_for()
        await provider.requests[-1].left()
        await page.get_by_role("button", name="Send").wait_for()

        # An answer goes on while its page is left, and is there when the tab comes back.
        await one.ask("Another endless one")
        await one.answers.nth(2).get_by_text("word word").wait_for()
        await page.get_by_role("link", name="Models").click()
        await page.locator('[data-page="models"]').wait_for()
        await page.go_back()
        await one.answers.nth(2).get_by_text("word word").wait_for()
        await page.get_by_role("button", name="Stop").click()
        await one.answers.nth(2).get_by_text("Stopped.").wait_for()
        await leave(one)


async def test_without_models_it_says_where_to_get_one(tmp_path: Path, visit: Visiting) -> None:
    async with Provider() as provider:
        from tests.fakes.landbridge import Served

        async with Served(tmp_path, dashboard=True) as served:
            one = await chat(visit, served, provider)
            await one.page.get_by_role("button", name="Get a model").wait_for()
            await one.ask("Anybody?")
            await one.page.get_by_text("Choose a model first.").wait_for()
            await one.tab.check()
            await leave(one)
