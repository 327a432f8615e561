"""Small real GGUF files: written by the `gguf` package, with weights of nothing but zeros."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGUFWriter

SHAPE: dict[str, int] = {
    "context_length": 4096,
    "embedding_length": 64,
    "block_count": 2,
    "attention.head_count": 4,
    "attention.head_count_kv": 2,
}
"""Per token of context: 2 bytes x 2 layers x 2 heads x (16 + 16)."""


def write_model(
    path: Path,
    architecture: str = "llama",
    name: str = "Tiny",
    tensors: int = 2,
    vocabulary: int = 600,
    piece: int = 0,
    **meta: Any,
) -> Path:
    """A model file. `meta` are keys, with `__` for dots; those of the shape go below the architecture's name.

    None leaves a key out; numbers become unsigned 32-bit, lists arrays. With `piece` tensors in each, several files
    (`m-00001-of-00003.gguf`), of which the first's path is given.
    """
    writer = GGUFWriter(path, architecture, split_max_tensors=piece)
    writer.add_name(name)
    writer.add_file_type(2)
    writer.add_token_list([f"t{number}" for number in range(vocabulary)])
    writer.add_chat_template("{{ messages }}")
    given = {key.replace("__", "."): value for key, value in meta.items()}
    for key, value in {**{f"{architecture}.{key}": value for key, value in SHAPE.items()}, **given}.items():
        _add(writer, key, value)
    for number in range(tensors):
        writer.add_tensor(f"blk.{number}.w", np.zeros((64, 32), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return next(path.parent.glob(f"{path.stem}-00001-of-*.gguf")) if piece else path


def write_projector(path: Path) -> Path:
    """The file with which a model sees pictures."""
    return write_model(path, "clip", "Eyes", vocabulary=1, general__type="mmproj")


def _add(writer: GGUFWriter, key: str, value: Any) -> None:
    match value:
        case None:
            return
        case str():
            writer.add_string(key, value)
        case bool():
            writer.add_bool(key, value)
        case float():
            writer.add_float32(key, value)
        case list():
            writer.add_array(key, value)
        case int() if value < 0:
            writer.add_int32(key, value)
        case _:
            writer.add_uint32(key, value)
