"""The metadata of published models, as their GGUF files have it, and the size of the usual 4-bit file.

    name: (architecture, metadata below it, bytes of the file, bytes of them in experts)

The numbers are the publishers' own (config.json, by way of llama.cpp's converter).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from landbridge.engines.facts import Facts
from landbridge.engines.metadata import Weights, facts_of

GB = 10**9
K = 1024


def _shape(
    architecture: str, layers: int, width: int, heads: int, kv: int | list[int], trained: int, feed: int, words: int,
    size: float, experts_size: float = 0.0, **more: Any,
) -> tuple[dict[str, Any], Weights, int]:  # fmt: skip
    numbers = {
        "block_count": layers, "embedding_length": width, "attention.head_count": heads,
        "attention.head_count_kv": kv, "context_length": trained, "feed_forward_length": feed, **more,
    }  # fmt: skip
    meta = {f"{architecture}.{key.replace('__', '.')}": value for key, value in numbers.items()}
    total = int(size * GB)
    outer = min(total // 3, words * width * 5 // 8)
    weights = Weights(total * 2, total - outer, int(experts_size * GB), (total - outer) * 9 // 10)
    return {"general.architecture": architecture, "tokenizer.ggml.tokens": words, **meta}, weights, total


def _length(size: int) -> dict[str, int]:
    return {"attention__key_length": size, "attention__value_length": size}


def _experts(count: int, used: int, width: int, **more: int) -> dict[str, int]:
    return {"expert_count": count, "expert_used_count": used, "expert_feed_forward_length": width, **more}


def _latent(rank: int, rope: int) -> dict[str, int]:
    """Multi-head latent attention: one compressed vector for all heads."""
    return {
        "attention__key_length": rank + rope, "attention__value_length": rank,
        "attention__key_length_mla": 192, "attention__value_length_mla": 128, "attention__kv_lora_rank": rank,
    }  # fmt: skip


def _ssm(inner: int, state: int, groups: int) -> dict[str, int]:
    return {"ssm__conv_kernel": 4, "ssm__inner_size": inner, "ssm__state_size": state, "ssm__group_count": groups}


def _every(layers: int, period: int, at: int, heads: int) -> list[int]:
    return [heads if layer % period == at else 0 for layer in range(layers)]


LFM2 = [8 if layer in (2, 5, 8, 10, 12, 14) else 0 for layer in range(16)]

PUBLISHED: Mapping[str, tuple[dict[str, Any], Weights, int]] = {
    "Llama 3.2 1B": _shape("llama", 16, 2048, 32, 8, 128 * K, 8192, 128_256, 0.81),
    "Llama 3.1 8B": _shape("llama", 32, 4096, 32, 8, 128 * K, 14_336, 128_256, 4.92),
    "Llama 3.3 70B": _shape("llama", 80, 8192, 64, 8, 128 * K, 28_672, 128_256, 42.52),
    "Llama 4 Scout": _shape("llama4", 48, 5120, 40, 8, 10 * K * K, 16_384, 202_048, 65.4, 61.0, **_length(128),
                            **_experts(16, 1, 8192)),
    "Qwen2.5 Coder 0.5B": _shape("qwen2", 24, 896, 14, 2, 32 * K, 4864, 151_936, 0.4914),
    "Qwen2.5 Coder 7B": _shape("qwen2", 28, 3584, 28, 4, 32 * K, 18_944, 152_064, 4.68),
    "Qwen2.5 Coder 32B": _shape("qwen2", 64, 5120, 40, 8, 32 * K, 27_648, 152_064, 19.85),
    "Qwen3 4B": _shape("qwen3", 36, 2560, 32, 8, 40 * K, 9728, 151_936, 2.5, **_length(128)),
    "Qwen3 14B": _shape("qwen3", 40, 5120, 40, 8, 40 * K, 17_408, 151_936, 9.0, **_length(128)),
    "Qwen3 30B A3B": _shape("qwen3moe", 48, 2048, 32, 4, 256 * K, 6144, 151_936, 18.56, 17.2, **_length(128),
                            **_experts(128, 8, 768)),
    "Qwen3 Next 80B": _shape("qwen3next", 48, 2048, 16, 2, 256 * K, 5120, 151_936, 48.5, 46.0, **_length(256),
                             **_ssm(4096, 128, 16), **_experts(512, 10, 512, expert_shared_feed_forward_length=512)),
    "Gemma 2 9B": _shape("gemma2", 42, 3584, 16, 8, 8 * K, 14_336, 256_000, 5.76, **_length(256),
                         attention__sliding_window=4096),
    "Gemma 3 4B": _shape("gemma3", 34, 2560, 8, 4, 128 * K, 10_240, 262_144, 2.49, **_length(256),
                         attention__sliding_window=1024),
    "Gemma 3 27B": _shape("gemma3", 62, 5376, 32, 16, 128 * K, 21_504, 262_144, 16.55, **_length(128),
                          attention__sliding_window=1024),
    "Gemma 3n E4B": _shape("gemma3n", 35, 2048, 8, 2, 32 * K, 16_384, 262_144, 4.54, **_length(256),
                           attention__sliding_window=512),
    "Mistral 7B": _shape("llama", 32, 4096, 32, 8, 32 * K, 14_336, 32_768, 4.37),
    "Mistral Small 24B": _shape("llama", 40, 5120, 32, 8, 128 * K, 32_768, 131_072, 14.33, **_length(128)),
    "Mixtral 8x7B": _shape("llama", 32, 4096, 32, 8, 32 * K, 14_336, 32_000, 26.44, 25.0, expert_count=8,
                           expert_used_count=2),
    "Phi-3 mini": _shape("phi3", 32, 3072, 32, 32, 128 * K, 8192, 32_064, 2.39, attention__sliding_window=262_144),
    "Phi-4": _shape("phi3", 40, 5120, 40, 10, 16 * K, 17_920, 100_352, 9.05),
    "gpt-oss 20b": _shape("gpt-oss", 24, 2880, 64, 8, 128 * K, 2880, 201_088, 12.1, 10.2, **_length(64),
                          attention__sliding_window=128, **_experts(32, 4, 2880)),
    "gpt-oss 120b": _shape("gpt-oss", 36, 2880, 64, 8, 128 * K, 2880, 201_088, 63.4, 60.8, **_length(64),
                           attention__sliding_window=128, **_experts(128, 4, 2880)),
    "DeepSeek V2 Lite": _shape("deepseek2", 27, 2048, 16, 1, 160 * K, 10_944, 102_400, 10.36, 9.0, **_latent(512, 64),
                               leading_dense_block_count=1, **_experts(64, 6, 1408)),
    "DeepSeek V3": _shape("deepseek2", 61, 7168, 128, 1, 160 * K, 18_432, 129_280, 404.0, 390.0, **_latent(512, 64),
                          leading_dense_block_count=3, **_experts(256, 8, 2048)),
    "GLM 4 9B": _shape("glm4", 40, 4096, 32, 2, 32 * K, 13_696, 151_552, 6.17, **_length(128)),
    "GLM 4.5 Air": _shape("glm4moe", 47, 4096, 96, 8, 128 * K, 10_944, 151_552, 72.9, 66.0, **_length(128),
                          nextn_predict_layers=1, leading_dense_block_count=1, **_experts(128, 8, 1408)),
    "Granite 4 H Tiny": _shape("granitehybrid", 40, 1536, 12, _every(40, 10, 5, 4), 128 * K, 512, 100_352, 4.23, 3.6,
                               **_length(128), **_ssm(3072, 128, 1), **_experts(64, 6, 512)),
    "Falcon H1 7B": _shape("falcon-h1", 44, 3072, 12, 2, 256 * K, 12_288, 130_048, 4.6, **_length(128),
                           **_ssm(3072, 256, 1)),
    "Jamba mini": _shape("jamba", 32, 4096, 32, _every(32, 8, 4, 8), 256 * K, 14_336, 65_536, 31.0, 28.0,
                         **_ssm(8192, 16, 0), expert_count=16, expert_used_count=2),
    "Mamba 2.8B": _shape("mamba", 64, 2560, 0, 0, 1024 * K, 0, 50_280, 1.7, **_ssm(5120, 16, 0)),
    "RWKV7 2.9B": _shape("rwkv7", 32, 2560, 0, 0, 1024 * K, 10_240, 65_536, 2.0, wkv__head_size=64,
                         token_shift_count=2),
    "LFM2 1.2B": _shape("lfm2", 16, 2048, 32, LFM2, 128_000, 8192, 65_536, 0.73, shortconv__l_cache=3),
    "SmolLM2 135M": _shape("llama", 30, 576, 9, 3, 8 * K, 1536, 49_152, 0.098362432),
    "SmolLM3 3B": _shape("smollm3", 36, 2048, 16, 4, 64 * K, 11_008, 128_256, 1.92),
    "Command R 35B": _shape("command-r", 40, 8192, 64, 8, 128 * K, 24_576, 256_000, 19.8),
    "Command R7B": _shape("cohere2", 32, 4096, 32, 8, 128 * K, 14_336, 256_000, 5.06, attention__sliding_window=4096),
    "OLMo 2 7B": _shape("olmo2", 32, 4096, 32, 32, 4 * K, 11_008, 100_352, 4.47),
    "OLMo 3 7B": _shape("olmo2", 32, 4096, 32, 32, 64 * K, 11_008, 100_278, 4.47, attention__sliding_window=4096),
    "bge-m3": _shape("bert", 24, 1024, 16, 16, 8 * K, 4096, 250_002, 0.635, pooling_type=2),
}  # fmt: skip


def facts(name: str) -> Facts:
    """What landbridge knows of it."""
    return facts_of(*PUBLISHED[name])
