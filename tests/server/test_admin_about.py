"""What the program is made of, over the router's own API."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge import __version__
from landbridge.server.admin_about import ABOUT
from tests.fakes.running import Running

pytestmark = [pytest.mark.io, pytest.mark.anyio]


async def test_versions_and_sizes(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "x.gguf").write_bytes(b"0" * 1000)
    async with Running(tmp_path) as running:
        found = (await running.get(ABOUT)).json
        assert found["version"] == __version__ and found["data_folder"] == str(tmp_path)
        assert {place["name"]: place["bytes"] for place in found["places"]}["models"] == 1000
        assert found["engine"]["instructions"] and found["engine"]["version"]
