"""What metadata mean: which layers keep what, for the shapes of published models and for what nobody published."""

from __future__ import annotations

from typing import Any

import pytest
from gguf import LlamaFileType
from hypothesis import given
from hypothesis import strategies as st

from landbridge.engines.metadata import FILE_TYPES, Weights, facts_of
from landbridge.engines.needs import states, token_bytes
from tests.engines.shapes import PUBLISHED, facts


@pytest.mark.parametrize(
    ("name", "in_all", "in_full", "state"),
    [  # bytes of f16 cache a token: in all layers, in those that keep everything; bytes of one conversation's states
        ("Llama 3.2 1B", 32_768, 32_768, 0),
        ("Llama 3.1 8B", 131_072, 131_072, 0),
        ("Llama 3.3 70B", 327_680, 327_680, 0),
        ("Llama 4 Scout", 196_608, 49_152, 0),  # each fourth layer looks at everything
        ("Qwen2.5 Coder 0.5B", 12_288, 12_288, 0),
        ("Qwen2.5 Coder 7B", 57_344, 57_344, 0),
        ("Qwen2.5 Coder 32B", 262_144, 262_144, 0),
        ("Qwen3 4B", 147_456, 147_456, 0),
        ("Qwen3 14B", 163_840, 163_840, 0),
        ("Qwen3 30B A3B", 98_304, 98_304, 0),
        ("Qwen3 Next 80B", 24_576, 24_576, 79_036_416),  # 12 of 48 layers have attention
        ("Gemma 2 9B", 344_064, 172_032, 0),  # each second
        ("Gemma 3 4B", 139_264, 20_480, 0),  # 5 of 34
        ("Gemma 3 27B", 507_904, 81_920, 0),  # 10 of 62
        ("Gemma 3n E4B", 40_960, 8_192, 0),  # 20 of 35 have a cache of their own, 4 of those look at everything
        ("Mistral 7B", 131_072, 131_072, 0),
        ("Mistral Small 24B", 163_840, 163_840, 0),  # heads of 128, although 5120 / 32 is 160
        ("Mixtral 8x7B", 131_072, 131_072, 0),
        ("Phi-3 mini", 393_216, 393_216, 0),  # its window is not one for llama.cpp
        ("Phi-4", 204_800, 204_800, 0),
        ("gpt-oss 20b", 49_152, 24_576, 0),
        ("gpt-oss 120b", 73_728, 36_864, 0),
        ("DeepSeek V2 Lite", 31_104, 31_104, 0),  # 27 layers x 576 numbers: keys and values in one
        ("DeepSeek V3", 70_272, 70_272, 0),
        ("GLM 4 9B", 40_960, 40_960, 0),
        ("GLM 4.5 Air", 188_416, 188_416, 0),  # 46 layers; the 47th predicts a further token and is not used
        ("Granite 4 H Tiny", 8_192, 8_192, 58_060_800),  # 4 of 40
        ("Falcon H1 7B", 45_056, 45_056, 140_304_384),  # every layer has both
        ("Jamba mini", 16_384, 16_384, 17_432_576),
        ("Mamba 2.8B", 0, 0, 24_903_680),
        ("RWKV7 2.9B", 0, 0, 21_626_880),
        ("LFM2 1.2B", 12_288, 12_288, 163_840),
        ("SmolLM2 135M", 23_040, 23_040, 0),
        ("SmolLM3 3B", 73_728, 73_728, 0),
        ("Command R 35B", 163_840, 163_840, 0),
        ("Command R7B", 131_072, 32_768, 0),
        ("OLMo 2 7B", 524_288, 524_288, 0),
        ("OLMo 3 7B", 524_288, 131_072, 0),  # the same architecture, with a window
        ("bge-m3", 0, 0, 0),
    ],
)
def test_cache_of_published_models(name: str, in_all: int, in_full: int, state: int) -> None:
    known = facts(name)
    assert (known.kv_bytes_per_token, token_bytes(known, window=False), states(known)) == (in_all, in_full, state)


def test_every_shape_is_in_the_table() -> None:
    assert len(PUBLISHED) >= 30


@pytest.mark.parametrize(
    ("name", "experts", "used", "meets"),
    [("Qwen3 30B A3B", 128, 8, 8 * 768), ("gpt-oss 20b", 32, 4, 4 * 2880), ("Mixtral 8x7B", 8, 2, 2 * 14_336),
     ("DeepSeek V3", 256, 8, 18_432), ("Qwen3 Next 80B", 512, 10, 11 * 512), ("Llama 3.1 8B", 0, 0, 14_336)],
)  # fmt: skip
def test_experts(name: str, experts: int, used: int, meets: int) -> None:
    known = facts(name)
    assert (known.experts, known.experts_used, known.feed_forward) == (experts, used, meets)
    assert (known.active_bytes < known.file_size) is bool(experts)


def read(architecture: str, **more: Any) -> tuple[int, list[bool]]:
    numbers = {"block_count": 8, "attention.head_count": 4, "attention.head_count_kv": 2, "embedding_length": 64}
    given = {key.replace("__", "."): value for key, value in more.items()}
    meta = {f"{architecture}.{key}": value for key, value in {**numbers, **given}.items()}
    known = facts_of({"general.architecture": architecture, **meta}, Weights(1), 100)
    return known.sliding_window, [window for _, window in known.caching]


@pytest.mark.parametrize(
    ("architecture", "more", "window", "windowed"),
    [
        ("gemma3", {"attention__sliding_window": 512}, 512, [True] * 5 + [False, True, True]),
        ("gemma2", {}, 4096, [True, False] * 4),
        ("gemma3", {"attention__sliding_window": 512, "attention__sliding_window_pattern": 2}, 512, [True, False] * 4),
        ("gemma3", {}, 0, [False] * 8),
        ("llama", {"attention__sliding_window": 4096}, 4096, [False] * 8),
        ("cohere2moe", {"attention__sliding_window": 64}, 64, [False, True, True, True] * 2),
        ("gemma4", {"attention__sliding_window": 64, "attention__sliding_window_pattern": [True, False] * 4}, 64,
         [True, False] * 4),
        ("gemma4", {"attention__sliding_window": 64}, 64, [False] * 8),
        ("gemma4", {"attention__shared_kv_layers": 6}, 0, [False] * 2),
        ("lfm2", {"attention__head_count_kv": [0, 2] * 4}, 0, [False] * 4),
        ("qwen3next", {"full_attention_interval": 2}, 0, [False] * 4),
        ("qwen35", {"attention__recurrent_layers": [1, 1, 0, 1, 1, 1, 1, 1]}, 0, [False]),
    ],
)  # fmt: skip
def test_which_layers_look_back_only_so_far(
    architecture: str, more: dict[str, Any], window: int, windowed: list[bool]
) -> None:
    assert read(architecture, **more) == (window, windowed)


def test_heads_of_windowed_layers_can_have_another_size() -> None:
    meta = {
        "general.architecture": "gemma4", "gemma4.block_count": 2, "gemma4.attention.head_count_kv": [2, 1],
        "gemma4.attention.sliding_window": 64, "gemma4.attention.sliding_window_pattern": [True, False],
        "gemma4.attention.key_length": 512, "gemma4.attention.value_length": 512,
        "gemma4.attention.key_length_swa": 256, "gemma4.attention.value_length_swa": 256,
    }  # fmt: skip
    known = facts_of(meta, Weights(1), 100)
    assert token_bytes(known, window=True) == 2 * 2 * (256 + 256)
    assert token_bytes(known, window=False) == 2 * 1 * (512 + 512)


def test_file_types_are_those_of_llama_cpp() -> None:
    names = {kind.value: kind.name.removeprefix("MOSTLY_").removeprefix("ALL_") for kind in LlamaFileType}
    del names[LlamaFileType.GUESSED.value]
    assert names == {**FILE_TYPES, 38: "MXFP4_MOE"}


odd = st.one_of(
    st.integers(-(2**63), 2**64),
    st.floats(),
    st.text(max_size=5),
    st.booleans(),
    st.lists(st.integers(-9, 99), max_size=9),
)


@given(
    architecture=st.sampled_from(
        ["llama", "gemma3", "gemma4", "qwen3next", "jamba", "nemotron_h", "deepseek2", "rwkv7"]
    ),
    meta=st.dictionaries(
        st.sampled_from(
            [
                "block_count",
                "attention.head_count",
                "attention.head_count_kv",
                "attention.sliding_window",
                "attention.sliding_window_pattern",
                "feed_forward_length",
                "full_attention_interval",
                "ssm.inner_size",
                "nextn_predict_layers",
                "attention.key_length_mla",
                "expert_used_count",
                "attention.recurrent_layers",
            ]
        ),
        odd,
    ),
)
def test_no_metadata_raise_anything(architecture: str, meta: dict[str, Any]) -> None:
    meta = {f"{architecture}.{key}": min(value, 9) if isinstance(value, int) else value for key, value in meta.items()}
    known = facts_of({"general.architecture": architecture, **meta}, Weights(1), 100)
    assert known.kv_bytes_per_token >= 0
    assert states(known) >= 0
