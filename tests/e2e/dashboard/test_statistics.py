"""Statistics of a month: chosen, grouped, narrowed down, zoomed into, taken away as CSV; and live."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from landbridge.dashboard.parts.numbers import count
from tests.e2e.dashboard.conftest import WIDTHS, Visit, Visiting
from tests.fakes.landbridge import Served
from tests.fakes.month import fill, rows

pytestmark = pytest.mark.anyio

Rows = list[dict[str, Any]]


def among(found: Rows, days: int, wanted: Callable[[dict[str, Any]], bool] = lambda row: True) -> int:
    """How many there are since the day that many days before today."""
    since = datetime.combine(datetime.now().date() - timedelta(days=days), datetime.min.time()).timestamp()
    return sum(row["at"] >= since and wanted(row) for row in found)


def requests(page: Page) -> Any:
    return page.locator(".lbs-stats .lb-figure").first


async def saved(page: Page, card: str) -> list[dict[str, str]]:
    """What the button of a card gives."""
    place = page.locator("section.lb-card").filter(has=page.get_by_role("heading", name=card))
    async with page.expect_download() as download:
        await place.get_by_role("button", name="Export as CSV").click()
    text = Path(await (await download.value).path()).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


async def choose_group(page: Page, name: str) -> None:
    await page.get_by_label("By", exact=True).click()
    await page.get_by_role("option", name=name).click()


async def test_a_month(tmp_path: Path, visit: Visiting) -> None:
    now = datetime.now()
    found = rows(now)
    (tmp_path / "data").mkdir()
    await fill(tmp_path / "data", now)
    async with Served(tmp_path, dashboard=True) as served:
        tab = await visit(served.dashboard)
        page = await tab.open("/statistics")
        await expect(requests(page)).to_have_text(count(among(found, 6)))
        await tab.check()
        await over_the_month(page, found)
        await narrowed_down(page, found)
        await a_part_of_it(page, found)
        await conversations(page, found)
        await what_comes_is_shown(served, page, found)
        await page.close()  # before the router ends
        await looked_at_otherwise(await visit(served.dashboard, width=WIDTHS["narrow"], dark=True))


async def over_the_month(page: Page, found: Rows) -> None:
    await page.get_by_role("button", name="30 days").click()
    await expect(requests(page)).to_have_text(count(among(found, 29)))
    errors = Counter(row["outcome"] for row in found if row.get("outcome") not in (None, "ok", "cancelled"))
    for kind in errors:
        await expect(page.locator(".lbs-error").filter(has_text=kind.replace("_", " ")).first).to_be_visible()
    await page.get_by_role("button", name="Tokens", exact=True).click()
    await expect(page.get_by_role("img", name="Tokens from")).to_be_visible()
    figures = page.locator("details").first
    await figures.get_by_text("Figures as a table").click()
    await expect(figures.get_by_role("row").nth(20)).to_be_visible()
    table = page.get_by_role("region", name="Who used it")
    await table.get_by_role("button", name="Requests").click()
    await expect(table.get_by_role("columnheader", name="Requests")).to_have_attribute("aria-sort", "descending")
    most = Counter(row["target"] for row in found if row["at"] >= found[0]["at"]).most_common(1)[0][0]
    await expect(table.get_by_role("row").nth(1)).to_contain_text(most)
    parts = await saved(page, "By model")
    assert sum(int(row["requests"]) for row in parts[:-1]) == int(parts[-1]["requests"]) == among(found, 29)
    assert [row["cost_dollars"] for row in parts if row["model"].startswith("lab/")] == [""]
    over_time = await saved(page, "Over time")
    assert sum(int(row["requests"]) for row in over_time) == among(found, 29)


async def narrowed_down(page: Page, found: Rows) -> None:
    await choose_group(page, "Access key")
    await expect(page.get_by_role("rowheader", name="build server")).to_be_visible()
    await choose_group(page, "Client")
    await page.get_by_role("rowheader", name="codex").get_by_role("button").click()
    codex = among(found, 29, lambda row: row["client"] == "codex")
    await expect(requests(page)).to_have_text(count(codex))
    await page.get_by_role("button", name="Do not filter: Client: codex").click()
    await expect(requests(page)).to_have_text(count(among(found, 29)))
    await choose_group(page, "Model")


async def a_part_of_it(page: Page, found: Rows) -> None:
    """Zoom, and what was zoomed to as a time of its own."""
    chart = page.get_by_role("img", name="Tokens from")
    await chart.scroll_into_view_if_needed()
    box = await chart.bounding_box()
    assert box is not None
    slider = box["y"] + box["height"] - 12
    left = await page.evaluate(
        "box => { const bars = [...document.querySelectorAll('.lbc-chart path')].map(e => e.getBoundingClientRect())"
        ".filter(r => r.y > box.y + box.height - 24 && r.width > 300); return Math.min(...bars.map(r => r.x)) }", box
    )  # fmt: skip
    await page.mouse.move(left, slider)
    await page.mouse.down()
    await page.mouse.move(box["x"] + box["width"] * 0.8, slider, steps=6)
    await page.mouse.up()
    await page.get_by_role("button", name="Look closer at this part").click()
    await expect(page.get_by_role("button", name="Custom")).to_have_attribute("aria-pressed", "true")
    since = datetime.fromisoformat(await page.get_by_label("From", exact=True).input_value())
    until = datetime.fromisoformat(await page.get_by_label("To", exact=True).input_value())
    assert 1 < (until - since) / timedelta(days=1) < 25, "less than all that was shown"
    within = [row for row in found if since.timestamp() <= row["at"] < until.timestamp()]
    await expect(requests(page)).to_have_text(count(len(within)))
    await page.get_by_label("From", exact=True).fill("2020-01-01T00:00")
    await page.get_by_label("To", exact=True).fill("2019-01-01T00:00")
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(page.get_by_role("alert").filter(has_text="until is not after")).to_be_visible()
    await page.get_by_label("To", exact=True).fill("2020-01-02T00:00")
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(page.get_by_text("Nothing in this time")).to_be_visible()


async def conversations(page: Page, found: Rows) -> None:
    await page.get_by_role("button", name="30 days").click()
    agents = {row["agent"] for row in found if row["client"] == "claude-cli"} - {""}
    fold = page.get_by_role("button", name="Subagents of").first
    await fold.click()
    await expect(fold).to_have_attribute("aria-expanded", "true")
    shown = page.locator(".lbs-tree-agent")
    await expect(shown.first).to_contain_text("the conversation itself")
    words = await shown.nth(1).inner_text()
    assert any(agent in words for agent in agents)
    await fold.click()
    await expect(shown.first).to_be_hidden()


async def what_comes_is_shown(served: Served, page: Page, found: Rows) -> None:
    await page.get_by_role("button", name="7 days").click()
    await expect(requests(page)).to_have_text(count(among(found, 6)))
    own = {"authorization": f"Bearer {(served.data / 'own.key').read_text().strip()}"}
    status, _ = await served.post("/v1/chat/completions", {"model": "nothing-of-that-name", "messages": []}, own)
    assert status == 404
    await expect(page.get_by_role("rowheader", name="nothing-of-that-name")).to_be_visible()


async def looked_at_otherwise(tab: Visit) -> None:
    page = await tab.open("/statistics")
    await expect(page.get_by_role("heading", name="By model")).to_be_visible()
    await tab.check()
    await tab.open("/")
    await expect(page.get_by_role("img", name="Requests in each")).to_be_visible()
    await tab.check()
    await page.close()
