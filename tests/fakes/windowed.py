"""A tiny model whose layers look back only so far: Gemma 3's shape, weights of noise, a token for each byte.

It says nothing sensible, but the engine treats it as it treats every model with a sliding window.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gguf import GGUFWriter, TokenType

WIDTH, LAYERS, HEADS, HEAD, INNER = 64, 6, 2, 32, 128
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
WINDOW = 64
"""Tokens the windowed layers look back."""


def write_windowed(path: Path) -> Path:
    """The model file."""
    writer = GGUFWriter(path, "gemma3")
    vocabulary = _add_tokenizer(writer)
    writer.add_context_length(4096)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(1)
    writer.add_key_length(HEAD)
    writer.add_value_length(HEAD)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(10000.0)
    writer.add_sliding_window(WINDOW)
    _add_weights(writer, vocabulary)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_tokenizer(writer: GGUFWriter) -> int:
    """A token for each byte, written as GPT-2 writes bytes, and the three of ChatML."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    tokens = [chr(byte) for byte in plain] + [chr(256 + number) for number in range(len(others))]
    special = ["<|im_start|>", "<|im_end|>", "<|endoftext|>"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens + special)
    writer.add_token_types([TokenType.NORMAL] * len(tokens) + [TokenType.CONTROL] * len(special))
    writer.add_token_merges([f"{tokens[0]} {tokens[1]}"])
    writer.add_eos_token_id(len(tokens) + 1)
    writer.add_bos_token_id(len(tokens))
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)
    return len(tokens) + len(special)


def _add_weights(writer: GGUFWriter, vocabulary: int) -> None:
    noise = np.random.default_rng(0)

    def weight(name: str, *shape: int) -> None:
        writer.add_tensor(f"{name}.weight", (noise.standard_normal(shape) * 0.05).astype(np.float16))

    def norm(name: str, size: int = WIDTH) -> None:
        writer.add_tensor(f"{name}.weight", np.ones(size, dtype=np.float32))

    weight("token_embd", vocabulary, WIDTH)
    norm("output_norm")
    for number in range(LAYERS):
        layer = f"blk.{number}"
        for name in ("attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm"):
            norm(f"{layer}.{name}")
        for name in ("attn_q_norm", "attn_k_norm"):
            norm(f"{layer}.{name}", HEAD)
        weight(f"{layer}.attn_q", HEADS * HEAD, WIDTH)
        weight(f"{layer}.attn_k", HEAD, WIDTH)
        weight(f"{layer}.attn_v", HEAD, WIDTH)
        weight(f"{layer}.attn_output", WIDTH, HEADS * HEAD)
        weight(f"{layer}.ffn_gate", INNER, WIDTH)
        weight(f"{layer}.ffn_up", INNER, WIDTH)
        weight(f"{layer}.ffn_down", WIDTH, INNER)
