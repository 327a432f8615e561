"""Where others reach the dashboard: nobody is let in without a link, a link opens once, and a session can be ended."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from playwright.async_api import Page, expect

from tests.e2e.dashboard.conftest import Visiting
from tests.fakes.landbridge import Served

pytestmark = pytest.mark.anyio


async def new_link(served: Served) -> str:
    """What `landbridge dashboard` prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "landbridge", "dashboard", "--data-dir", str(served.data),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    out, _ = await process.communicate()
    return out.decode().strip()


async def test_signing_in(tmp_path: Path, visit: Visiting, axe: str) -> None:
    env = {"LANDBRIDGE_LISTENERS__DASHBOARD__HOST": "0.0.0.0"}
    async with Served(tmp_path, dashboard=True, env=env) as served:
        link = served.dashboard
        parts = urlsplit(link)
        url = f"{parts.scheme}://{parts.netloc}"
        assert parts.path == "/sign-in" and "token=" in parts.query

        tab = await visit(url)
        page = tab.page
        page.context.set_default_timeout(60_000)
        await page.goto(url)
        await expect(page.get_by_role("heading", name="Sign in to landbridge")).to_be_visible()
        await no_faults_of_accessibility(page, axe)
        assert "lb-" not in await page.content(), "nothing of the dashboard"
        await page.goto(link)
        await page.locator("[data-page=home]").wait_for()
        assert page.url == f"{url}/", "the token is in no address any more"
        (cookie,) = await page.context.cookies()
        assert cookie["httpOnly"] and cookie["sameSite"] == "Strict" and cookie["path"] == "/"
        assert await page.evaluate("document.cookie") == ""
        await expect(page.get_by_text("Running", exact=True).first).to_be_visible()

        other = await visit(url)
        await other.page.goto(link)
        await expect(other.page.get_by_text("This link does not open any more")).to_be_visible()
        await other.page.goto(await new_link(served))
        await other.page.locator("[data-page=home]").wait_for()
        await without_a_session(url, cookie["name"])

        await page.goto(f"{url}/settings/about")
        await page.get_by_role("button", name="Sign out everywhere").click()
        await page.get_by_role("alertdialog").get_by_role("button", name="Sign out").click()
        for each in (page, other.page):
            async with asyncio.timeout(60):
                while not await each.get_by_text("Sign in to landbridge").count():
                    await each.goto(url)
        for visited in (tab, other):
            visited.faults.clear()  # the browser tells of the pages that it was refused
            await visited.page.close()
        assert parts.query not in served.log.replace(link, "", 1), "the link is told once"


async def no_faults_of_accessibility(page: Page, axe: str) -> None:
    await page.evaluate(axe)
    found = await page.evaluate("async () => (await axe.run(document)).violations.map(v => v.id)")
    assert found == []


async def without_a_session(url: str, name: str) -> None:
    """Nothing is served, by any path and by no WebSocket."""
    host = urlsplit(url).netloc
    async with aiohttp.ClientSession() as session:
        for path in ("/", "/static/landbridge.css", "/_nicegui/3.18.0/static/nicegui.js", "/settings/file"):
            async with session.get(url + path, headers={"cookie": f"{name}=made-up"}) as answer:
                assert answer.status == 401, path
        socket = f"ws://{host}/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
        for headers in ({}, {"cookie": f"{name}=made-up"}, {"origin": "http://evil.example"}):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(socket, headers=headers)
