"""Plans as the built-in engine runs them: prefixes are found again, and every setting is one that it takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from landbridge.config import ModelSettings
from landbridge.engines.lease import Lease
from landbridge.engines.library import Library
from landbridge.engines.plan import plan
from tests.engines.bench import Bench
from tests.engines.test_worker_llama import chat, complete
from tests.fakes import papers
from tests.fakes.projector import write_projector
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


async def test_p79_a_prompt_with_a_picture_is_kept_on_the_disk_like_any_other(
    bench: Bench, smollm2: Path, tmp_path: Path
) -> None:
    ready(bench, "smollm2", slots=1, context=2048, projector=str(write_projector(tmp_path / "eyes.gguf")))
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{papers.b64(papers.png(64, 64))}"}}
    texts = [{"type": "text", "text": text} for text in ("Look at this picture. " * 20, "What is it?")]
    body = {"messages": [{"role": "user", "content": [texts[0], picture, texts[1]]}], "max_tokens": 3}
    for least in (0, 100):
        async with bench.open(Library(smollm2.parent), plan) as keeper, keeper.lease("smollm2") as lease:
            async with lease.turn(msgspec.json.encode(body)) as turn:
                timings = (await complete(lease, {**body, "id_slot": turn.lane, "cache_prompt": True}))["timings"]
                assert isinstance(timings, dict)
                turn.read(timings["cache_n"] + timings["prompt_n"], timings["cache_n"])
            assert lease.traits.images
            assert timings["cache_n"] >= least
            assert timings["prompt_n"] > 100 or least
