"""Settings: seen, found, changed by field and by file, taken back; faults are said where they are; no key is shown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.dashboard.conftest import WIDTHS, Visiting
from tests.fakes.landbridge import Served

pytestmark = pytest.mark.anyio
KEY = "sk-1234567890"
SETTINGS = f"""
default_model = "lab/m"
[server]
log_level = "debug"   # while we look
max_body = 33554432
[providers.lab]
preset = "openai"
models = ["m", "n"]
api_key = "{KEY}"
[aliases]
"claude-*" = ["lab/m", "lab/n"]
"""


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with Served(tmp_path, SETTINGS, dashboard=True, env={"LANDBRIDGE_SERVER__PING_EVERY": "5"}) as served:
        yield served


def row(page: Page, key: str) -> Locator:
    return page.locator(f".ls-row[data-key='{key}']")


async def test_everything(served: Served, visit: Visiting) -> None:
    """One router for all of it: each takes seconds to start."""
    tab = await visit(served.dashboard)
    tab.page.context.set_default_timeout(60_000)
    expect.set_options(timeout=20_000)
    page = await tab.open("/settings/server")
    await tab.check()
    await told_with_meaning_and_origin(page)
    await changed_by_type(page, served)
    await what_is_wrong_is_said_at_the_field(page, served)
    await found_by_words(page)
    await two_tabs_agree(page, served, await visit(served.dashboard))
    await sections_of_names(await tab.open("/settings/providers"), served)
    await tab.check()
    await entries(await tab.open("/settings/aliases"), served)
    await tab.check()
    await the_file_itself(await tab.open("/settings/file"), served)
    await tab.check()
    await back_to_an_older_version(await tab.open("/settings/history"), served)
    await tab.check()
    page = await tab.open("/settings/about")
    await expect(page.get_by_text("Apache-2.0")).to_be_visible()
    await expect(page.get_by_text("llama.cpp (xllamacpp)")).to_be_visible()
    await expect(page.get_by_text("History of the settings")).to_be_visible()
    await tab.check()
    await narrow_dark_and_korean(served, visit)
    assert KEY not in served.log
    await tab.page.close()


async def told_with_meaning_and_origin(page: Page) -> None:
    level = row(page, "server.log_level")
    await expect(level.get_by_text("How much is logged.")).to_be_visible()
    await expect(level.get_by_text("file, line 4")).to_be_visible()
    await expect(level.get_by_text("Default: info · takes effect at once")).to_be_visible()
    await expect(row(page, "server.max_body").get_by_text("now 32 MiB")).to_be_visible()
    ping = row(page, "server.ping_every")
    await expect(ping.get_by_text("by LANDBRIDGE_SERVER__PING_EVERY")).to_be_visible()
    await expect(ping.get_by_label("server.ping_every", exact=True)).to_be_disabled()
    await expect(row(page, "server.drain_seconds").get_by_role("button", name="Reset")).to_be_hidden()


async def changed_by_type(page: Page, served: Served) -> None:
    """A toggle, a choice, a number; and back to the default."""
    await page.get_by_role("switch", name="server.show_progress").click()
    await expect(row(page, "server.show_progress").get_by_text("file, line")).to_be_visible()
    assert "show_progress = true" in served.config.read_text()
    await page.get_by_role("combobox", name="server.log_format").click()
    await page.get_by_role("option", name="json").click()
    await expect(row(page, "server.log_format").get_by_text("file, line")).to_be_visible()
    assert 'log_format = "json"' in served.config.read_text()
    await page.get_by_label("server.drain_seconds", exact=True).fill("2.5")
    await row(page, "server.drain_seconds").get_by_role("button", name="Save").click()
    await expect(row(page, "server.drain_seconds").get_by_text("file, line")).to_be_visible()
    await row(page, "server.log_level").get_by_role("button", name="Reset").click()
    await expect(row(page, "server.log_level").get_by_text("file, line")).to_be_hidden()
    text = served.config.read_text()
    assert "log_level" not in text and "drain_seconds = 2.5" in text
    await expect(page.get_by_role("combobox", name="server.log_level")).to_have_value("info")


async def what_is_wrong_is_said_at_the_field(page: Page, served: Served) -> None:
    field, drain = page.get_by_label("server.drain_seconds", exact=True), row(page, "server.drain_seconds")
    await field.fill("soon")
    await field.press("Enter")
    await expect(drain.get_by_text("It must be a number of at least 0.")).to_be_visible()
    await field.press("Escape")
    await expect(field).to_have_value("2.5")
    await page.goto(f"{served.dashboard}/settings/models")
    await page.get_by_label("Name of a new section under models").fill("tiny")
    await page.get_by_role("button", name="Add").click()
    await page.get_by_label("models.tiny.idle_unload", exact=True).fill("soon")
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_text("models.tiny.idle_unload: 'soon' is not a length of time.")).to_be_visible()
    assert "tiny" not in served.config.read_text()
    await page.get_by_label("models.tiny.idle_unload", exact=True).fill("1h")
    await page.get_by_role("button", name="Create").click()
    await expect(page.locator(".ls-named[data-name=tiny]")).to_be_visible()
    assert 'idle_unload = "1h"' in served.config.read_text()


async def found_by_words(page: Page) -> None:
    await page.get_by_label("Search all settings").fill("largest body")
    await expect(row(page, "server.max_body")).to_be_visible()
    await page.get_by_label("Search all settings").fill("theme")
    await page.get_by_role("combobox", name="dashboard.theme").click()
    await page.get_by_role("option", name="dark", exact=True).click()
    await expect(page.locator("body.body--dark")).to_be_attached()
    await row(page, "dashboard.theme").get_by_role("button", name="Reset").click()
    await expect(page.locator("body.body--dark")).not_to_be_attached()
    await page.get_by_label("Search all settings").fill("dashboard.language")
    await page.get_by_role("combobox", name="dashboard.language").click()
    await page.get_by_role("option", name="ko", exact=True).click()
    await page.get_by_label("모든 설정 검색").fill("dashboard.language")
    await row(page, "dashboard.language").get_by_role("button", name="기본값으로 되돌리기").click()
    await page.get_by_label("Search all settings").fill("nothing has these words")
    await expect(page.get_by_text("No setting has these words")).to_be_visible()
    await page.get_by_label("Search all settings").fill("")


async def two_tabs_agree(page: Page, served: Served, other: object) -> None:
    page = await page.context.new_page()
    await page.goto(f"{served.dashboard}/settings/server")
    field = page.get_by_label("server.nudge_every", exact=True)
    await expect(field).to_have_value("120")
    served.config.write_text(served.config.read_text().replace("[server]", "[server]\nnudge_every = 60"))
    await expect(field).to_have_value("60", timeout=20_000)
    await page.close()


async def sections_of_names(page: Page, served: Served) -> None:
    await page.locator(".ls-named[data-name=lab]").get_by_text("lab", exact=True).click()
    key = page.get_by_label("providers.lab.api_key", exact=True)
    await expect(key).to_have_attribute("placeholder", "kept; type another to replace it")
    await expect(key).to_have_value("")
    assert KEY not in await page.content()
    await page.get_by_label("providers.lab.models", exact=True).fill("m\nn\no")
    await row(page, "providers.lab.models").get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved, and in force.")).to_be_visible()
    assert 'models = ["m", "n", "o"]' in served.config.read_text()
    headers = row(page, "providers.lab.headers")
    await headers.get_by_label("Name of a new entry").fill("x-team")
    await headers.get_by_label("Value of a new entry").fill("s3cret-4711")
    await headers.get_by_role("button", name="Add").click()
    await expect(page.locator("[data-key='providers.lab.headers.x-team']")).to_be_visible()
    async with asyncio.timeout(10):
        while "s3cret-4711" not in served.config.read_text():
            await asyncio.sleep(0.02)
    await expect(headers.get_by_label("Value of a new entry")).to_have_value("")
    assert "s3cret-4711" not in await page.content()


async def entries(page: Page, served: Served) -> None:
    await expect(page.get_by_label('aliases."claude-*"', exact=True)).to_have_value("lab/m\nlab/n")
    await page.get_by_label("Name of a new entry of aliases").fill("fast")
    await page.get_by_label("Value of a new entry of aliases").fill("lab/n")
    await page.get_by_role("button", name="Add").click()
    await expect(page.get_by_label("aliases.fast", exact=True)).to_have_value("lab/n")
    assert 'fast = "lab/n"' in served.config.read_text()
    await page.get_by_role("button", name="Remove aliases.fast").click()
    await expect(page.get_by_label("aliases.fast", exact=True)).to_be_hidden()
    assert "fast" not in served.config.read_text()


async def the_file_itself(page: Page, served: Served) -> None:
    editor = page.get_by_role("textbox", name="Settings file")
    await expect(editor).to_contain_text("***1***")
    assert KEY not in await page.content()
    await editor.click()
    await page.keyboard.press("Control+Home")
    await page.keyboard.type("defalt_model = 1\n")
    await page.get_by_role("button", name="Check").click()
    await expect(page.get_by_text("Line 1: there is no setting 'defalt_model'. Did you mean")).to_be_visible()
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("Not saved.")).to_be_visible()
    assert "defalt" not in served.config.read_text()
    await page.get_by_role("button", name="Take back").click()
    await editor.click()
    await page.keyboard.press("Control+Home")
    await page.keyboard.type("# a comment\n")
    await page.get_by_role("button", name="Check").click()
    await expect(page.get_by_text("Nothing is wrong, and nothing would change.")).to_be_visible()
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    text = served.config.read_text()
    assert text.startswith("# a comment\n") and f'api_key = "{KEY}"' in text and "s3cret-4711" in text


async def back_to_an_older_version(page: Page, served: Served) -> None:
    versions = page.locator(".ls-version")
    await expect(versions.first.get_by_text("in force")).to_be_visible()
    await expect(versions.first.get_by_text("comments only")).to_be_visible()
    first = versions.last
    await first.get_by_role("button", name="Compare with now").click()
    await expect(first.get_by_text("+# a comment")).to_be_visible()
    assert KEY not in await page.content() and "s3cret-4711" not in await page.content()
    await first.get_by_role("button", name="Go back to it").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Go back").click()
    await expect(versions.first.get_by_text("the dashboard")).to_be_visible()
    await expect(versions.first.get_by_text("server.max_body").or_(versions.first.get_by_text("more"))).to_be_visible()
    text = served.config.read_text()
    assert 'log_level = "debug"   # while we look' in text and "s3cret" not in text and KEY in text


async def narrow_dark_and_korean(served: Served, visit: Visiting) -> None:
    tab = await visit(served.dashboard, width=WIDTHS["narrow"], dark=True, locale="ko-KR")
    for name in ("general", "file", "history", "about"):
        await tab.open(f"/settings/{name}")
        await tab.check()
    await tab.page.get_by_role("combobox", name="설정의 부분").click()
    await tab.page.get_by_role("option", name="원장", exact=True).click()
    await expect(row(tab.page, "store.keep_days").get_by_text("행을 보관하는 일수")).to_be_visible()
    await tab.page.close()
