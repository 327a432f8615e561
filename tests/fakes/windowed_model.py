"""A real model of random weights whose layers look back 64 tokens, but for each sixth: Gemma 3, very small (0.3 MB).

A word of it is a byte. What it says means nothing; what the engine remembers of a prompt is as with the large ones.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gguf import GGUFWriter

LAYERS, WIDTH, HEAD, FEED, WINDOW = 6, 64, 32, 128, 64
NORM = ("attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm")
SHAPES = {
    "attn_q": (2 * HEAD, WIDTH), "attn_k": (HEAD, WIDTH), "attn_v": (HEAD, WIDTH), "attn_output": (WIDTH, 2 * HEAD),
    "ffn_gate": (FEED, WIDTH), "ffn_up": (FEED, WIDTH), "ffn_down": (WIDTH, FEED),
    "attn_q_norm": (HEAD,), "attn_k_norm": (HEAD,), **dict.fromkeys(NORM, (WIDTH,)),
}  # fmt: skip


def write_windowed(path: Path) -> Path:
    """The model file."""
    writer = GGUFWriter(path, "gemma3")
    writer.add_context_length(8192)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED)
    writer.add_head_count(2)
    writer.add_head_count_kv(1)
    writer.add_key_length(HEAD)
    writer.add_value_length(HEAD)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_sliding_window(WINDOW)
    _add_words(writer)
    random = np.random.default_rng(1)

    def add(name: str, shape: tuple[int, ...]) -> None:
        kind = np.float16 if len(shape) > 1 else np.float32
        writer.add_tensor(f"{name}.weight", (random.standard_normal(shape) * 0.05).astype(kind))

    add("token_embd", (258, WIDTH))
    add("output_norm", (WIDTH,))
    for layer in range(LAYERS):
        for name, shape in SHAPES.items():
            add(f"blk.{layer}.{name}", shape)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_words(writer: GGUFWriter) -> None:
    """A word for each byte, as GPT-2 spells them, and two that begin and end a text."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    spelled = {byte: chr(byte) for byte in printable} | {byte: chr(256 + n) for n, byte in enumerate(others)}
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([*(spelled[byte] for byte in range(256)), "<s>", "</s>"])
    writer.add_token_types([1] * 256 + [3, 3])
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(256)
    writer.add_eos_token_id(257)
    writer.add_add_bos_token(False)
    writer.add_chat_template("{% for message in messages %}{{ message['content'] }}{% endfor %}")
