"""Flash attention is for graphics cards, for many tokens at once, and for what cannot do without."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from landbridge.config import ModelSettings
from landbridge.engines.hardware import Gpu, Machine
from landbridge.engines.plan import plan
from tests.engines.shapes import facts

GIB = 1024**3
FOUR = Machine(cores=4)
CARD = Machine(cores=8, gpus=(Gpu("a card", 24 * GIB, 23 * GIB),))
SMOLLM2 = facts("SmolLM2 135M")


@pytest.mark.parametrize(
    ("settings", "machine", "flash", "ubatch"),
    [
        (ModelSettings(threads=1), FOUR, "off", 16),
        (ModelSettings(), FOUR, "auto", 112),
        (ModelSettings(flash_attention="on", threads=1), FOUR, "on", 16),
        (ModelSettings(flash_attention="off"), CARD, "off", 512),
        (ModelSettings(ubatch=63), FOUR, "off", 63),
        (ModelSettings(ubatch=64), FOUR, "auto", 64),
        (ModelSettings(cache_type_v="q8_0", threads=1), FOUR, "auto", 16),
        (ModelSettings(cache_type_k="q8_0", threads=1), FOUR, "off", 16),
        (ModelSettings(), CARD, "auto", 512),
        (ModelSettings(gpu_layers=3), FOUR, "auto", 512),
        (ModelSettings(), Machine(cores=4, unified=True), "auto", 512),
        (ModelSettings(embeddings=True), FOUR, "auto", 2048),
    ],
)  # fmt: skip
def test_what_a_plan_says(settings: ModelSettings, machine: Machine, flash: str, ubatch: int) -> None:
    threads = 4 if settings.threads == "auto" else settings.threads
    planned = plan(SMOLLM2, replace(settings, threads=threads), 8 * GIB, machine)
    assert (planned.flash, planned.ubatch) == (flash, ubatch)
    said = any("flash" in reason for reason in planned.why)
    assert said == (flash == "off" and settings.flash_attention == "auto")
