"""What the cache of one token takes, for the kinds of attention there are, and which models make embeddings."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from landbridge.engines.facts import Facts


def facts(layers: int, heads: int, kv_heads: int, key_length: int, value_length: int) -> Facts:
    return Facts(
        architecture="llama",
        name="",
        parameters=1,
        quantization="F16",
        context_length=4096,
        embedding_length=heads * key_length,
        layers=layers,
        heads=heads,
        kv_heads=kv_heads,
        key_length=key_length,
        value_length=value_length,
        sliding_window=0,
        vocabulary=1,
        chat_template="",
        file_size=1,
    )


@pytest.mark.parametrize(
    ("shape", "bytes_per_token"),
    [
        ((32, 32, 32, 128, 128), 524_288),  # Llama 2 7B: every head its own
        ((32, 32, 8, 128, 128), 131_072),  # Llama 3 8B: four heads share one
        ((24, 14, 2, 64, 64), 12_288),  # Qwen2.5 0.5B; measured 12 KB
        ((28, 12, 2, 128, 128), 28_672),  # Qwen2.5 1.5B; measured 28 KB
        ((30, 9, 3, 64, 64), 23_040),  # SmolLM2 135M
        ((32, 32, 1, 128, 128), 16_384),  # one for all heads
        ((2, 4, 2, 192, 128), 2_560),  # keys longer than values
        ((48, 0, 0, 0, 0), 0),  # no attention at all
    ],
)
def test_cache_of_one_token(shape: tuple[int, int, int, int, int], bytes_per_token: int) -> None:
    assert facts(*shape).kv_bytes_per_token == bytes_per_token


@pytest.mark.parametrize(
    ("architecture", "pooling", "embeds"),
    [
        ("llama", "", False),
        ("llama", "none", False),
        ("qwen3", "last", True),
        ("bert", "", True),
        ("bert", "cls", True),
        ("nomic-bert", "mean", True),
        ("gemma-embedding", "mean", True),
    ],
)
def test_models_for_embeddings_are_known_by_their_facts(architecture: str, pooling: str, embeds: bool) -> None:
    known = replace(facts(24, 14, 2, 64, 64), architecture=architecture, pooling=pooling)
    assert known.embeds is embeds


def test_encoders_keep_no_cache() -> None:
    assert replace(facts(12, 12, 12, 32, 32), architecture="bert").kv_bytes_per_token == 0
