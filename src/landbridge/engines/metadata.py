"""The metadata of a GGUF file to `Facts`: which layers keep what. Pure.

Much of it stands in the file; the rest is what llama.cpp knows of an architecture. An architecture that is not in
these tables counts as plain attention in every layer, which is the most memory that any of them takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from .facts import POOLINGS, Facts

FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M",
    13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS",
    21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S",
    29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4", 39: "NVFP4", 40: "Q1_0",
}  # fmt: skip
"""`general.file_type` -> how people name the quantisation."""

LAST_IS_FULL = {
    "gpt-oss": 2, "gemma2": 2, "gemma3": 6, "gemma3n": 5, "gemma-embedding": 6, "cohere2": 4, "exaone4": 4, "olmo2": 4,
    "mellum": 4, "exaone-moe": 4, "afmoe": 4, "plamo3": 8, "llama4": 4,
}  # fmt: skip
"""Of so many layers the last looks back over everything, the others over the window. Files may name another number."""
FIRST_IS_FULL = {"smallthinker": 4, "laguna": 4, "cohere2moe": 4, "modern-bert": 3}
USUAL_WINDOWS = {"gemma2": 4096, "llama4": 8192, "exaone-moe": 128}
"""Windows that files need not name."""
BY_PATTERN = frozenset({"gemma4", "mimo2", "step35", "granite-swa", "dots3note"})
"""Architectures whose files say of each layer whether it is windowed."""

RECURRENT = frozenset({"mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7"})
"""No attention at all."""
BESIDE = frozenset({"falcon-h1"})
"""Every layer has both, attention and a state."""
BY_HEADS = frozenset(
    {"jamba", "granitehybrid", "lfm2", "lfm2moe", "plamo2", "nemotron_h", "nemotron_h_moe", "kimi-linear"}
)
"""Layers without heads for keys and values are recurrent (or, in nemotron, nothing but feed-forward)."""
BY_INTERVAL = frozenset({"qwen3next", "qwen35", "qwen35moe"})
"""Each fourth layer has attention, the others a state."""


MOST_LAYERS = 512
"""More than any model has: a header that claims more is damaged, and is not believed."""


class Weights(Struct, frozen=True):
    """What the list of tensors says."""

    parameters: int
    layer_bytes: int = 0
    expert_bytes: int = 0
    repacked: int = 0


def facts_of(meta: Mapping[str, Any], weights: Weights, size: int) -> Facts:
    """The facts of a model file of `size` bytes. Whatever stands in `meta`, nothing is raised."""
    read = _Reader(meta)
    layers = min(MOST_LAYERS, max(0, read.number("block_count") - read.number("nextn_predict_layers")))
    heads, embedding = read.number("attention.head_count"), read.number("embedding_length")
    head_size = embedding // heads if heads else 0
    tokens, file_type = meta.get("tokenizer.ggml.tokens"), meta.get("general.file_type")
    kv_heads = read.number("attention.head_count_kv", heads)
    key_length, value_length = read.lengths("", head_size)
    window, windowed = _windows(read, layers)
    recurrent = _recurrent(read, layers)
    return Facts(
        architecture=read.architecture,
        name=_text(meta, "general.name"),
        parameters=weights.parameters,
        quantization=FILE_TYPES.get(file_type, "unknown") if isinstance(file_type, int) else "unknown",
        context_length=read.number("context_length"),
        embedding_length=embedding,
        layers=layers,
        heads=heads,
        kv_heads=kv_heads,
        key_length=key_length,
        value_length=value_length,
        sliding_window=window,
        vocabulary=tokens if type(tokens) is int else 0,
        chat_template=_text(meta, "tokenizer.chat_template"),
        file_size=size,
        pooling=POOLINGS.get(read.number("pooling_type", -1), ""),
        layer_kv_heads=_kv_heads(read, layers, kv_heads, recurrent),
        windowed=windowed,
        windowed_lengths=read.lengths("_swa", 0),
        state_layers=sum(recurrent),
        state_size=_state(read, embedding, heads) if any(recurrent) else 0,
        latent=read.number("attention.key_length_mla") > 0,
        indexed=read.number("attention.indexer.key_length"),
        feed_forward=_feed_forward(read),
        experts=read.number("expert_count"),
        experts_used=read.number("expert_used_count"),
        layer_bytes=weights.layer_bytes,
        expert_bytes=weights.expert_bytes,
        repacked=weights.repacked,
    )


class _Reader:
    """The numbers below an architecture's name."""

    def __init__(self, meta: Mapping[str, Any]) -> None:
        self.meta, self.architecture = meta, _text(meta, "general.architecture")

    def number(self, name: str, default: int = 0) -> int:
        """The largest, where there is one a layer."""
        value = self.meta.get(f"{self.architecture}.{name}", default)
        values = value if isinstance(value, list) else [value]
        return max((each for each in values if type(each) is int and each >= 0), default=default)

    def each(self, name: str, layers: int) -> list[int]:
        """One number a layer; empty where the file does not have that."""
        value = self.meta.get(f"{self.architecture}.{name}")
        if not isinstance(value, list) or len(value) < layers:
            return []
        return [int(each) if isinstance(each, int) and each >= 0 else 0 for each in value[:layers]]

    def lengths(self, kind: str, default: int) -> tuple[int, int]:
        """Of keys and of values."""
        return self.number(f"attention.key_length{kind}", default), self.number(
            f"attention.value_length{kind}", default
        )


def _windows(read: _Reader, layers: int) -> tuple[int, tuple[bool, ...]]:
    """Tokens that windowed layers look back, and which layers those are."""
    known = read.architecture
    window = read.number("attention.sliding_window", USUAL_WINDOWS.get(known, 0))
    if known not in LAST_IS_FULL and known not in FIRST_IS_FULL and known not in BY_PATTERN:
        return window, ()  # llama.cpp gives their layers the whole context, whatever the files say
    if not window:
        return 0, ()
    if said := read.each("attention.sliding_window_pattern", layers):
        return window, tuple(map(bool, said))
    if known in BY_PATTERN:
        return window, ()
    first = known in FIRST_IS_FULL
    usual = FIRST_IS_FULL[known] if first else LAST_IS_FULL[known]
    period = read.number("attention.sliding_window_pattern", usual) or 1
    full = 0 if first else period - 1
    return window, tuple(layer % period != full for layer in range(layers))


def _recurrent(read: _Reader, layers: int) -> list[bool]:
    """Which layers keep a state."""
    known = read.architecture
    if known in RECURRENT or known in BESIDE:
        return [True] * layers
    if known in BY_INTERVAL:
        if said := read.each("attention.recurrent_layers", layers):
            return [bool(each) for each in said]
        interval = read.number("full_attention_interval", 4) or 1
        return [(layer + 1) % interval != 0 for layer in range(layers)]
    if known in BY_HEADS:
        heads = read.each("attention.head_count_kv", layers) or [1] * layers
        wide = read.each("feed_forward_length", layers) if known.startswith("nemotron") else []
        return [count == 0 and not (wide and wide[layer]) for layer, count in enumerate(heads)]
    return [False] * layers


def _kv_heads(read: _Reader, layers: int, usual: int, recurrent: list[bool]) -> tuple[int, ...]:
    """Heads of each layer's cache; empty where all have the usual number."""
    heads = read.each("attention.head_count_kv", layers) or [usual] * layers
    own = max(0, layers - read.number("attention.shared_kv_layers"))  # the last ones use the cache of others
    if read.architecture == "gemma3n":
        own = min(layers, 20)  # fixed in llama.cpp, for both sizes of it
    keeps = read.architecture in BESIDE
    each = tuple(count if layer < own and (keeps or not recurrent[layer]) else 0 for layer, count in enumerate(heads))
    return each if set(each) != {usual} else ()


def _state(read: _Reader, embedding: int, heads: int) -> int:
    """Bytes of a recurrent layer's state, which is kept in 32 bits."""
    inner, state, groups = (read.number(f"ssm.{each}") for each in ("inner_size", "state_size", "group_count"))
    past = max(0, read.number("ssm.conv_kernel") - 1)
    if head := read.number("wkv.head_size"):
        numbers = read.number("token_shift_count", 2) * embedding + embedding * head
    elif taps := read.number("shortconv.l_cache"):
        numbers = embedding * (taps - 1)
    elif head := read.number("kda.head_dim"):
        numbers = 3 * past * heads * head + head * head * heads
    else:
        numbers = past * (inner + 2 * groups * state) + state * inner
    return 4 * numbers


def _feed_forward(read: _Reader) -> int:
    """Width that one token meets."""
    used = read.number("expert_used_count")
    expert = used * read.number("expert_feed_forward_length", read.number("feed_forward_length") if used else 0)
    shared = read.number("expert_shared_feed_forward_length")
    dense = read.number("feed_forward_length") if not used or read.number("leading_dense_block_count") else 0
    return max(dense, expert + shared)


def _text(meta: Mapping[str, Any], key: str) -> str:
    return value if isinstance(value := meta.get(key), str) else ""
