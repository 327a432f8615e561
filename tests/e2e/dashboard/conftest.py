"""A real browser (Debian's chromium) on a real `landbridge serve`: what the tests of pages stand on."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Error, Page, async_playwright

from tests.e2e.conftest import CACHE, only_one

AXE = "4.14.1"
WIDTHS = {"narrow": 360, "wide": 1440}
IGNORED = ("favicon", "net::ERR_CONNECTION_")
"""What no page is to blame for: a router that ends before its tabs is gone for them."""
FIRST = 45_000
"""Milliseconds until a page is there: the first visit starts the dashboard, on a machine that may be busy."""


@pytest.fixture(scope="session")
async def browser(anyio_backend: str) -> AsyncIterator[Browser]:
    """The browser, one for all tests of a process."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "The tests of pages need chromium: scripts/services installs it."
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The text of axe-core, which finds faults of accessibility."""
    folder = CACHE / f"axe-core-{AXE}"
    script = folder / "node_modules/axe-core/axe.min.js"
    with only_one(f"axe-core-{AXE}"):
        if not script.exists():
            folder.mkdir(parents=True, exist_ok=True)
            command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), f"axe-core@{AXE}"]
            subprocess.run(command, check=True, capture_output=True)
    return script.read_text()


class Visit:
    """One tab. `page` is Playwright's; `faults` are errors of the console and of scripts."""

    def __init__(self, page: Page, url: str, axe: str) -> None:
        self.page, self._url, self._axe = page, url, axe
        self.faults: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", self._fail)

    async def open(self, path: str = "/") -> Page:
        """Go to a page of the dashboard, and wait until it is there."""
        await self.page.goto(self._url + path, timeout=FIRST)
        await self.page.locator("[data-page]").first.wait_for()
        return self.page

    async def check(self) -> None:
        """No serious fault of accessibility, nothing that sticks out, no error so far."""
        await self.page.wait_for_timeout(300)  # transitions end
        await self.page.evaluate(self._axe)
        found = await self.page.evaluate(
            "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
            ".filter(v => ['serious', 'critical'].includes(v.impact))"
            ".map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 160) + ' ' + n.failureSummary).join(' | '))"
        )
        assert not found, "\n".join(found)
        wide = await self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"the page is {wide} px wider than the window"
        self.well()

    def well(self) -> None:
        """No error so far."""
        assert not self.faults, "\n".join(self.faults)

    async def picture(self, path: Path) -> None:
        """Keep what is to be seen."""
        path.parent.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=path, full_page=True)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(word in message.text for word in IGNORED):
            self.faults.append(f"{message.type}: {message.text}")

    def _fail(self, error: Error) -> None:
        self.faults.append(f"script: {error}")


Visiting = Callable[..., Awaitable[Visit]]


@pytest.fixture
async def visit(browser: Browser, axe: str) -> AsyncIterator[Visiting]:
    """`await visit(served.dashboard, width=360, dark=True)` opens a tab, closed after the test, without errors."""
    tabs: list[Visit] = []
    async with AsyncExitStack() as stack:

        async def open_tab(url: str, *, width: int = 1440, dark: bool = False, locale: str = "en-US") -> Visit:
            context = await browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", locale=locale,
                reduced_motion="reduce", permissions=["clipboard-read", "clipboard-write"],
            )  # fmt: skip
            stack.push_async_callback(context.close)
            context.set_default_timeout(15_000)
            tab = Visit(await context.new_page(), url, axe)
            tabs.append(tab)
            return tab

        yield open_tab
    for tab in tabs:
        tab.well()
