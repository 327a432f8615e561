"""What stands around every page: its links, its keys, who may ask, two tabs, and a router that goes and comes back."""

from __future__ import annotations

import importlib.util
import signal
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Page, expect

from landbridge.dashboard.places import PLACES
from tests.e2e.dashboard.conftest import FIRST, WIDTHS, Visiting
from tests.fakes.landbridge import Served

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

expect.set_options(timeout=20_000)
MADE = [place for place in PLACES if importlib.util.find_spec(f"landbridge.dashboard.pages.{place.name}")]


async def test_the_frame(tmp_path: Path, visit: Visiting, free_port: Callable[[], int]) -> None:
    """One router for all of it, at a port that it has again after its restart."""
    served = Served(tmp_path, dashboard=True)
    text = served.config.read_text()
    served.config.write_text(
        text.replace("[listeners.dashboard]\nport = 0", f"[listeners.dashboard]\nport = {free_port()}")
    )
    async with served:
        tab = await visit(served.dashboard)
        page = await tab.open("/")
        await page.locator(".lb-state", has_text="Running").wait_for()
        await tab.check()
        await every_page_opens(page)
        tab.well()
        await keys_reach_everything(page)
        await others_are_refused(served)
        narrow = await visit(served.dashboard, width=WIDTHS["narrow"], dark=True)
        await narrow.open("/")
        await narrow.check()
        await the_menu_opens_and_goes(narrow.page)
        await narrow.check()
        await two_tabs_agree(served, page, narrow.page)
        await another_language_loads_once(served, page)
        await narrow.page.close()
        tab.well()
        await a_router_that_is_killed_is_missed_and_found_again(served, page)
        await page.close()
        tab.faults.clear()  # the browser complained of refused connections, as it should


async def every_page_opens(page: Page) -> None:
    for place in reversed(MADE):
        link = page.get_by_role("navigation", name="Pages").get_by_role("link", name=place.title, exact=True)
        await link.click()
        await page.locator(f"[data-page={place.name}]").wait_for()
        await expect(page.get_by_role("heading", level=1)).to_have_text(place.title)
        await expect(page).to_have_title(f"{place.title} · landbridge")
        await expect(link).to_have_attribute("aria-current", "page")
        await expect(page.locator(".lb-nav [aria-current]")).to_have_count(1)


async def keys_reach_everything(page: Page) -> None:
    await page.goto(page.url)
    await page.locator("[data-page]").wait_for()
    await page.locator(".lb-state", has_text="Running").wait_for()
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the page")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await expect(page.locator("main#content")).to_be_focused()
    await page.get_by_role("navigation", name="Pages").get_by_role("link", name="Home").focus()
    await page.keyboard.press("Enter")
    await page.locator("[data-page=home]").wait_for()


async def others_are_refused(served: Served) -> None:
    """By a name that is not ours, and from a page of another site, by HTTP and by WebSocket."""
    socket = f"{served.dashboard}/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as session:
        async with session.get(served.dashboard, headers={"host": "evil.example"}) as answer:
            assert answer.status == 403
        for headers in ({"origin": "http://evil.example"}, {"origin": served.router}, {"host": "evil.example"}):
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await session.ws_connect(socket, headers=headers)
            assert caught.value.status == 403
        async with session.ws_connect(socket, headers={"origin": served.dashboard}) as own:
            assert str((await own.receive()).data).startswith("0")


async def the_menu_opens_and_goes(page: Page) -> None:
    home = page.get_by_role("link", name="Home", exact=True)
    await expect(home).not_to_be_in_viewport()
    menu = page.get_by_role("button", name="Menu")
    await menu.focus()
    await page.keyboard.press("Enter")
    await expect(home).to_be_in_viewport()
    await page.get_by_role("navigation", name="Pages").get_by_role("link", name="Connect").click()
    await page.locator("[data-page=connect]").wait_for()
    await expect(home).not_to_be_in_viewport()


async def change(served: Served, key: str, value: str) -> None:
    text = served.config.read_text()
    section, _, name = key.rpartition(".")
    served.config.write_text(f"{text}\n[{section}]\n{name} = '{value}'\n")


async def two_tabs_agree(served: Served, one: Page, other: Page) -> None:
    await expect(one.locator("body.body--dark")).to_have_count(0)
    await change(served, "dashboard.theme", "dark")
    for page in (one, other):
        await expect(page.locator("body.body--dark")).to_have_count(1)


async def another_language_loads_once(served: Served, page: Page) -> None:
    loads: list[str] = []
    page.on("domcontentloaded", lambda _: loads.append(page.url))
    served.config.write_text(f"{served.config.read_text()}language = 'ko'\n")
    await expect(page.locator("html[lang=ko]")).to_have_count(1)
    await page.locator("[data-page]").wait_for()
    await page.wait_for_timeout(1000)  # in which a page that loads itself again and again does so
    assert len(loads) == 1


async def a_router_that_is_killed_is_missed_and_found_again(served: Served, page: Page) -> None:
    await served.stop(signal.SIGKILL)
    lost = page.locator("#popup")
    await expect(lost).to_be_visible()
    await served.__aenter__()
    await page.wait_for_url(f"{served.dashboard}/**", timeout=FIRST)
    await expect(lost).not_to_be_visible(timeout=FIRST)
    await page.locator("[data-page]").wait_for()
    await expect(page.locator(".lb-dot.lb-good")).to_have_count(1)
