"""A real model of random weights whose layers look back 64 tokens, but for each sixth: Gemma 3, very small (0.3 MB).

A token of it is a byte. What it says means nothing; the engine treats it as every model with a sliding window.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gguf import GGUFWriter, TokenType

LAYERS, WIDTH, HEADS, HEAD, INNER, WINDOW = 6, 64, 2, 32, 128, 64
NORMS = ("attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm")
SHAPES = {
    "attn_q": (HEADS * HEAD, WIDTH), "attn_k": (HEAD, WIDTH), "attn_v": (HEAD, WIDTH),
    "attn_output": (WIDTH, HEADS * HEAD), "ffn_gate": (INNER, WIDTH), "ffn_up": (INNER, WIDTH),
    "ffn_down": (WIDTH, INNER), "attn_q_norm": (HEAD,), "attn_k_norm": (HEAD,), **dict.fromkeys(NORMS, (WIDTH,)),
}  # fmt: skip
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def write_windowed(path: Path) -> Path:
    """The model file."""
    writer = GGUFWriter(path, "gemma3")
    writer.add_context_length(8192)
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
    _add_weights(writer, _add_tokenizer(writer))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_tokenizer(writer: GGUFWriter) -> int:
    """A token for each byte, written as GPT-2 writes bytes, and the three of ChatML; gives how many there are."""
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

    def add(name: str, shape: tuple[int, ...]) -> None:
        kind = np.float16 if len(shape) > 1 else np.float32
        writer.add_tensor(f"{name}.weight", (noise.standard_normal(shape) * 0.05).astype(kind))

    add("token_embd", (vocabulary, WIDTH))
    add("output_norm", (WIDTH,))
    for layer in range(LAYERS):
        for name, shape in SHAPES.items():
            add(f"blk.{layer}.{name}", shape)
