"""Plans as the built-in engine runs them: prefixes are found again, and every setting is one that it takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from landbridge.config import ModelSettings
from landbridge.engines.lease import Lease
from landbridge.engines.library import Library
from landbridge.engines.plan import plan
from tests.engines.bench import Bench
from tests.engines.test_worker_llama import chat, complete
from tests.fakes.windowed import write_windowed

pytestmark = [pytest.mark.e2e, pytest.mark.anyio]

PREFIX = "you are a helper with many tools. " * 20
"""680 words of a model whose windows have 64."""


def ready(bench: Bench, name: str, **settings: Any) -> None:
    bench.set(models={name: ModelSettings(threads=1, **settings)}, command=None, start_timeout=60.0)


async def known(lease: Lease, *texts: str) -> int:
    """Tokens of a prompt that the engine had read before."""
    timings = (await complete(lease, chat(*texts)))["timings"]
    assert isinstance(timings, dict)
    return int(timings["cache_n"])


@pytest.mark.parametrize("keeps", [True, False])
async def test_p78_the_next_turn_reads_only_what_is_new(bench: Bench, tmp_path: Path, keeps: bool) -> None:
    library = Library(write_windowed(tmp_path / "windowed.gguf").parent)
    ready(bench, "windowed", slots=1, swa_full=keeps)
    async with bench.open(library, plan) as keeper, keeper.lease("windowed") as lease:
        assert await known(lease, PREFIX + "one") == 0
        assert await known(lease, PREFIX + "one", "x", " and two, which is new") >= len(PREFIX)


async def test_p78_a_prefix_that_others_share_is_read_once_where_windows_keep_everything(
    bench: Bench, tmp_path: Path
) -> None:
    library = Library(write_windowed(tmp_path / "windowed.gguf").parent)
    ready(bench, "windowed", slots=1)
    async with bench.open(library, plan) as keeper, keeper.lease("windowed") as lease:
        await known(lease, PREFIX + "somebody says something that is longer than a window of this model. " * 3)
        assert await known(lease, PREFIX + "another says something else") >= len(PREFIX)


@pytest.mark.parametrize(
    ("settings", "window"),
    [
        ({"cache_type_k": "q8_0", "cache_type_v": "q8_0", "flash_attention": "on"}, 8192),
        ({"context": 24_576, "rope_scaling": "yarn"}, 24_576),
        ({"draft": "smollm2", "ubatch": 32}, 8192),
    ],
)
async def test_the_engine_takes_what_is_set(bench: Bench, smollm2: Path, settings: dict[str, Any], window: int) -> None:
    ready(bench, "smollm2", slots=1, **settings)
    async with bench.open(Library(smollm2.parent), plan) as keeper, keeper.lease("smollm2") as lease:
        assert lease.window == window
        whole = await complete(lease, chat("Say hello.", max_tokens=12))
        assert "ello" in str(whole["choices"])
        timings = whole["timings"]
        assert isinstance(timings, dict)
        assert timings.get("draft_n_accepted", 0) > 0 if "draft" in settings else "draft_n" not in timings
