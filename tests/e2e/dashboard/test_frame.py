"""What stands around every page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.dashboard.conftest import WIDTHS, Visiting
from tests.fakes.landbridge import Served

pytestmark = pytest.mark.anyio


async def test_the_frame(tmp_path: Path, visit: Visiting) -> None:
    async with Served(tmp_path, dashboard=True) as served:
        tab = await visit(served.dashboard)
        page = await tab.open("/")
        await page.get_by_text("Running").wait_for()
        await tab.check()
        await tab.picture(Path("/tmp/s1/wide.png"))
        dark = await visit(served.dashboard, width=WIDTHS["narrow"], dark=True)
        await dark.open("/")
        await dark.check()
        await dark.picture(Path("/tmp/s1/narrow.png"))
