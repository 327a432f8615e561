"""The names of local models follow the folder and the settings, without being looked up for each request."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from landbridge.config import Config, ModelSettings
from landbridge.engines.library import Library
from landbridge.server.names import Names
from tests.fakes.gguf_model import write_model

pytestmark = [pytest.mark.io, pytest.mark.anyio]


async def test_names_of_local_models_are_looked_up_now_and_then(tmp_path: Path) -> None:
    library = Library(tmp_path)
    names = Names(library, lambda: Config(models={"served": ModelSettings(command=["x", "{port}"], memory=1)}))
    assert names() == ("served",)
    write_model(tmp_path / "tiny.gguf")
    assert names() == ("served",), "once a second is often enough"
    async with asyncio.timeout(3):
        while names() != ("served", "tiny"):
            await asyncio.sleep(0.05)
    first = names()
    await asyncio.sleep(1.1)
    assert names() is first, "the same as long as nothing changes"
