"""Cloud Integration, from a bad key to a provider that is gone, on one router; a key is nowhere to be seen."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e.dashboard.conftest import WIDTHS, Visiting
from tests.fakes.landbridge import Served
from tests.fakes.strict import KEY, Strict

pytestmark = pytest.mark.anyio
BAD = "sk-bad-key-0815"
MANY = tuple(f"house/model-{number}" for number in range(3000))
CHAT = {"model": "lab/m", "messages": [{"role": "user", "content": "Hi"}]}


async def test_from_a_bad_key_to_one_that_is_gone(tmp_path: Path, visit: Visiting) -> None:
    env = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    settings = 'default_model = "lab/m"\n[retries]\nmax = 0\n'
    async with (
        Strict(models=("m", "claude-sonnet-4-5", *MANY)) as server,
        Served(tmp_path, settings, env=env, dashboard=True) as served,
    ):
        tab = await visit(served.dashboard)
        page = await tab.open("/cloud")
        await page.get_by_text("No providers yet").wait_for()
        await tab.check()

        # A bad key: nothing is kept, and the provider's own words are shown at the step that failed.
        await page.get_by_role("button", name="Add your first provider").click()
        await page.get_by_label("Search").fill("chat compl any")
        await expect(page.get_by_text("Nothing is called 'chat compl any'")).to_be_visible()
        await page.get_by_label("Search").fill("chat completions")
        await page.get_by_label("Any compatible address").get_by_role("button").first.click()
        await page.get_by_label("Name", exact=True).fill("lab")
        await page.get_by_label("Address", exact=True).fill(server.base_url("openai_chat"))
        await add_with(page, BAD)
        await expect(page.locator(".cl-failed")).to_contain_text("Incorrect API key provided.")
        assert await page.locator(".cl-step-title").all_text_contents() == ["Address", "Key", "List of models"]
        await tab.check()
        assert providers(served) == {}
        await unseen(page, served)

        # A good one: it is kept, and its page lists the models.
        await add_with(page, KEY)
        await page.wait_for_url("**/cloud/lab")
        assert providers(served)["lab"]["api_key"] == "keyring:lab"
        await look_at_models(page)
        await tab.check()
        await unseen(page, served)

        # Tried again, with a word of a model.
        await page.get_by_label("Test lab").click()
        await expect(page.locator(".cl-good")).to_contain_text("lab works: 3002 models.")
        await page.get_by_label("Model to ask for a word").fill("m")
        await page.get_by_role("button", name="Test again").click()
        await page.get_by_text("A word from a model").wait_for()
        await page.get_by_role("dialog").get_by_label("Close").click()

        # Off: requests are refused clearly, and another tab sees it at once.
        other = await visit(served.dashboard, width=WIDTHS["narrow"], dark=True)
        overview = await other.open("/cloud")
        await expect(overview.get_by_text("Works", exact=True)).to_be_visible()
        assert (await served.post("/v1/chat/completions", CHAT))[0] == 200
        await page.get_by_label("Use lab").click()
        await page.get_by_text("default_model").last.wait_for()
        await page.get_by_role("button", name="Turn off").click()
        await expect(overview.get_by_text("Off", exact=True)).to_be_visible()
        status, refused = await served.post("/v1/chat/completions", CHAT)
        assert status == 404 and "'lab' cannot be used: it is turned off" in refused["error"]["message"]
        await other.check()
        await overview.get_by_label("Use lab").click()
        await expect(page.get_by_text("Works", exact=True)).to_be_visible()
        assert (await served.post("/v1/chat/completions", CHAT))[0] == 200

        # Another key that does not work changes nothing.
        await page.get_by_label("Replace key of lab").click()
        await page.get_by_label("Key", exact=True).fill(BAD)
        await page.get_by_role("button", name="Test and replace").click()
        await expect(page.locator(".cl-failed")).to_contain_text("Incorrect API key provided.")
        await tab.check()
        await page.keyboard.press("Escape")
        assert (await served.post("/v1/chat/completions", CHAT))[0] == 200

        # Gone, once somebody means it.
        await page.get_by_label("Remove lab").click()
        await page.get_by_text("will lead nowhere: default_model").wait_for()
        await page.get_by_role("button", name="Remove", exact=True).last.click()
        await page.wait_for_url("**/cloud")
        await page.get_by_text("No providers yet").wait_for()
        await expect(overview.get_by_text("No providers yet")).to_be_visible()
        assert providers(served) == {}
        await unseen(page, served)
        await overview.close()
        await page.close()


async def add_with(page: Page, key: str) -> None:
    """Type a key, and add what the form says."""
    await page.get_by_label("Key", exact=True).fill(key)
    await page.get_by_role("button", name="Add", exact=True).click()


async def look_at_models(page: Page) -> None:
    """Found, sorted and scrolled, with what is known of each."""
    await expect(page.locator(".cm-count")).to_have_text("3,002 of 3,002")
    assert await page.locator(".cm-line").count() < 80, "only those in sight are there"
    await page.locator(".cm-view").evaluate("view => view.scrollTop = view.scrollHeight")
    await page.get_by_text("house/model-2999").wait_for()
    await page.get_by_label("Search models").fill("sonnet 4-5")
    known = page.get_by_role("row").filter(has_text="claude-sonnet-4-5")
    await expect(known.get_by_role("cell").nth(1)).to_have_text("200k")
    await expect(known.get_by_role("img", name="sees pictures")).to_be_visible()
    await expect(known.get_by_role("cell").nth(4)).to_have_text("-")
    await page.get_by_label("Search models").fill("")
    await page.get_by_role("button", name="thinks").click()
    await expect(page.locator(".cm-count")).to_have_text("1 of 3,002")


def providers(served: Served) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(served.config.read_text()).get("providers", {})
    return found


async def unseen(page: Page, served: Served) -> None:
    """No key is in the page, in the settings or in the log."""
    for text in (await page.content(), served.config.read_text(), served.log):
        for key in (KEY, BAD):
            at = text.find(key)
            assert at < 0, text[max(0, at - 300) : at + 100]
