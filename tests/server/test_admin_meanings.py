"""What settings mean, over the router's own API."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.server.admin_meanings import MEANINGS
from tests.fakes.running import Running

pytestmark = [pytest.mark.io, pytest.mark.anyio]


async def test_all_are_told(tmp_path: Path) -> None:
    async with Running(tmp_path) as running:
        found = (await running.get(MEANINGS)).json
        sections = {section["name"]: section for section in found["sections"]}
        level = next(each for each in sections["server"]["settings"] if each["key"] == "server.log_level")
        assert level["default"] == "info" and level["schema"]["enum"][0] == "debug" and level["effect"] == "now"
        assert (await running.get(f"{MEANINGS}?x=1")).status == 400
