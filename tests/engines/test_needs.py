"""Every byte counted: caches by their types, windows, states, checkpoints, buffers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from landbridge.engines.needs import CACHE_TYPES, MIB, Setup, buffers, checkpoint, parts, slot_cache, token_bytes
from tests.engines.shapes import PUBLISHED, facts

SMOLLM2, GEMMA, LATENT = (facts(name) for name in ("SmolLM2 135M", "Gemma 3 4B", "DeepSeek V3"))


@pytest.mark.parametrize(
    ("kind", "mebibytes"), [("f16", 180.0), ("f32", 360.0), ("q8_0", 95.625), ("q4_0", 50.625), ("iq4_nl", 50.625)]
)
def test_the_cache_is_what_the_engine_says_it_is(kind: str, mebibytes: float) -> None:
    """180.00 and 95.62 MiB are llama.cpp's own words for SmolLM2 with 8192 tokens."""
    assert slot_cache(SMOLLM2, Setup(8192, cache_k=kind, cache_v=kind)) == mebibytes * MIB


def test_keys_and_values_can_have_different_types() -> None:
    assert token_bytes(SMOLLM2, "q8_0", "f16") == 30 * (192 // 32 * 34 + 192 * 2)
    assert token_bytes(LATENT, "q8_0", "f32") == 61 * 576 // 32 * 34, "there are no values of their own"


def test_windows_do_not_grow_with_the_context() -> None:
    short, long = (slot_cache(GEMMA, Setup(tokens)) for tokens in (8192, 65_536))
    assert long - short == token_bytes(GEMMA, window=False) * (65_536 - 8192)
    full = slot_cache(GEMMA, Setup(8192, swa_full=True))
    assert full == GEMMA.kv_bytes_per_token * 8192
    assert slot_cache(GEMMA, Setup(512)) == GEMMA.kv_bytes_per_token * 512, "shorter than the window"
    assert short == token_bytes(GEMMA, window=False) * 8192 + token_bytes(GEMMA, window=True) * 1536


def test_a_checkpoint_is_what_cannot_be_wound_back() -> None:
    assert checkpoint(SMOLLM2, Setup(8192)) == 0
    assert checkpoint(GEMMA, Setup(8192)) == token_bytes(GEMMA, window=True) * 1536
    assert checkpoint(GEMMA, Setup(8192, swa_full=True)) == 0
    mamba = facts("Mamba 2.8B")
    assert checkpoint(mamba, Setup(8192)) == mamba.state_layers * mamba.state_size
    three = parts(mamba, Setup(8192, slots=2, checkpoints=3))
    assert three.checkpoints == 6 * checkpoint(mamba, Setup(8192))


@pytest.mark.parametrize(
    ("setup", "measured"),
    [
        (Setup(4096), 18.64),
        (Setup(8192, ubatch=48), 2.12),
        (Setup(8192, ubatch=2048), 90.57),
        (Setup(8192, flash=False), 167.51),
        (Setup(8192, slots=4), 22.64),
    ],
)
def test_buffers_are_no_less_than_the_engine_says(setup: Setup, measured: float) -> None:
    """llama.cpp's own words for SmolLM2, in MiB; the engine itself is counted beside them."""
    counted = buffers(SMOLLM2, setup) / MIB - 128
    assert measured <= counted <= measured * 1.5 + 4


@given(
    name=st.sampled_from(sorted(PUBLISHED)),
    context=st.integers(0, 1 << 18),
    more=st.integers(0, 1 << 14),
    slots=st.integers(1, 4),
    kind=st.sampled_from(sorted(CACHE_TYPES)),
    full=st.booleans(),
)
def test_more_of_anything_never_takes_less(
    name: str, context: int, more: int, slots: int, kind: str, full: bool
) -> None:
    known, setup = facts(name), Setup(context, slots=slots, cache_k=kind, swa_full=full, checkpoints=3)
    total = parts(known, setup).total
    assert parts(known, replace(setup, context=context + more)).total >= total
    assert parts(known, replace(setup, slots=slots + 1)).total >= total
    assert parts(known, replace(setup, checkpoints=4)).total >= total
    assert parts(known, replace(setup, flash=False)).total >= total
    assert parts(known, setup, more).total == total + more
    assert total >= known.file_size
