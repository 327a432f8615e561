"""`/api/v1/machine` and the topic of that name."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.server.admin_machine import MACHINE
from tests.fakes.running import Running

pytestmark = [pytest.mark.io, pytest.mark.anyio]


async def test_what_is_used_is_told(tmp_path: Path) -> None:
    async with Running(tmp_path, "[engine]\nmemory_limit = 5000\n") as running:
        load = (await running.get(MACHINE)).json
        assert 0 < load["free"] <= load["memory"]
        assert (load["limit"], 0 <= load["cpu"] <= 100) == (5000, True)
        assert (await running.get(f"{MACHINE}?x=1")).status == 400
        async for said in running.hub.listen(["machine"]):
            assert b'"memory":' in dict(said)["machine"]
            break
