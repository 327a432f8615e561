"""A real projector of random weights for a model of 576 numbers a token: LLaVA's shape, very small (1.4 MB).

What it sees means nothing; a picture of 64 x 64 takes 16 tokens of a prompt.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gguf import GGUFWriter

WIDTH, INNER, PATCH, SIDE, MODEL = 32, 64, 16, 64, 576
WEIGHTS = {
    "v.patch_embd": (WIDTH, 3, PATCH, PATCH), "v.position_embd": ((SIDE // PATCH) ** 2, WIDTH),
    **{f"v.blk.0.{name}": (WIDTH, WIDTH) for name in ("attn_q", "attn_k", "attn_v", "attn_out")},
    "v.blk.0.ffn_up": (INNER, WIDTH), "v.blk.0.ffn_down": (WIDTH, INNER),
    **dict.fromkeys(("v.blk.0.ln1", "v.blk.0.ln2", "v.post_ln"), (WIDTH,)),
    "mm.0": (MODEL, WIDTH), "mm.2": (MODEL, MODEL),
}  # fmt: skip


def write_projector(path: Path) -> Path:
    """The file."""
    writer = GGUFWriter(path, "clip")
    writer.add_type("mmproj")
    writer.add_clip_has_vision_encoder(True)
    writer.add_clip_projector_type("mlp")
    writer.add_vision_use_gelu(True)
    writer.add_vision_image_size(SIDE)
    writer.add_vision_patch_size(PATCH)
    writer.add_vision_embedding_length(WIDTH)
    writer.add_vision_feed_forward_length(INNER)
    writer.add_vision_projection_dim(MODEL)
    writer.add_vision_block_count(1)
    writer.add_vision_head_count(2)
    writer.add_vision_attention_layernorm_eps(1e-6)
    writer.add_vision_image_mean([0.5, 0.5, 0.5])
    writer.add_vision_image_std([0.5, 0.5, 0.5])
    noise = np.random.default_rng(0)
    for name, shape in WEIGHTS.items():
        for part, size in (("weight", shape), ("bias", shape[:1])):
            if (name, part) != ("v.position_embd", "bias"):
                writer.add_tensor(f"{name}.{part}", (noise.standard_normal(size) * 0.05).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
