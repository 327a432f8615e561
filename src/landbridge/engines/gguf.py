"""What a GGUF file says of itself: the header read to `Facts`, and everything that can be wrong with the file.

Our own reader of the header (format: ggml's `docs/gguf.md`, versions 2 and 3). The `gguf` package maps all tensors with
numpy (30 MB of memory, 0.3 s to import); this skips what nobody asks for and takes a few milliseconds.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import ModelUnusable
from .facts import Facts

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MAX_COUNT = 1 << 24
"""More keys, tensors or array members than any model has: the header is damaged."""

_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9

_BLOCKS: dict[int, tuple[int, int]] = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82),
    23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2),
    34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip
"""Tensor type -> (elements a block, bytes a block), from ggml's table of types. Unknown types are not checked."""

_FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M",
    13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS",
    24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 30: "IQ4_XS", 32: "BF16", 38: "MXFP4",
}  # fmt: skip
"""`general.file_type` -> how people name the quantisation."""


def read_facts(path: Path) -> Facts:
    """The facts of the model in `path`. Raises `ModelUnusable` with the exact trouble."""
    try:
        size = path.stat().st_size
        if size == 0:
            raise _unusable(path, "is empty", "Fetch it again.")
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _read(_Cursor(data, path), path, size)
    except FileNotFoundError:
        raise _unusable(path, "is not there", "Fetch it again, or correct its path.") from None
    except OSError as error:
        raise _unusable(path, f"cannot be read ({error.strerror})", "Check its rights.") from error


def _unusable(path: Path, trouble: str, remedy: str) -> ModelUnusable:
    return ModelUnusable(f"The model file {path} {trouble}.", remedy=remedy)


class _Cursor:
    """Reads little-endian values one after another; running off the end means that the file is truncated."""

    def __init__(self, data: mmap.mmap, path: Path) -> None:
        self.data, self.path, self.at = data, path, 0

    def number(self, form: str) -> Any:
        """One scalar."""
        end = self.at + struct.calcsize(form)
        if end > len(self.data):
            raise self.truncated()
        (value,) = struct.unpack_from(form, self.data, self.at)
        self.at = end
        return value

    def count(self) -> int:
        """A number of things."""
        value: int = self.number("<Q")
        if value > MAX_COUNT:
            raise _unusable(self.path, "is damaged: its header counts more than any model has", "Fetch it again.")
        return value

    def text(self) -> str:
        """A string."""
        return self.slice(self.number("<Q")).decode("utf-8", "replace")

    def slice(self, length: int) -> bytes:
        """Some bytes."""
        end = self.at + length
        if end > len(self.data):
            raise self.truncated()
        piece = self.data[self.at : end]
        self.at = end
        return piece

    def value(self, kind: int) -> Any:
        """A metadata value; of an array only its length."""
        if kind == _STRING:
            return self.text()
        if kind == _ARRAY:
            return self._skip_array()
        if kind in _SCALARS:
            return self.number(_SCALARS[kind])
        raise _unusable(self.path, f"is damaged: its header has a value of unknown type {kind}", "Fetch it again.")

    def _skip_array(self) -> list[Any] | int:
        kind, length = self.number("<I"), self.count()
        if kind in _SCALARS:
            if length <= 512:  # per-layer numbers (`head_count_kv`) are needed
                return [self.number(_SCALARS[kind]) for _ in range(length)]
            self.slice(length * struct.calcsize(_SCALARS[kind]))
        elif kind == _STRING:
            self._skip_strings(length)
        else:
            raise _unusable(self.path, f"is damaged: its header has an array of type {kind}", "Fetch it again.")
        return length

    def _skip_strings(self, length: int) -> None:
        at, data, end = self.at, self.data, len(self.data)
        unpack: Callable[[Any, int], tuple[int]] = struct.Struct("<Q").unpack_from
        for _ in range(length):
            if at + 8 > end:
                raise self.truncated()
            at += 8 + unpack(data, at)[0]
        if at > end:
            raise self.truncated()
        self.at = at

    def truncated(self) -> ModelUnusable:
        """The file ends too early."""
        return _unusable(self.path, f"is truncated: it ends after {len(self.data)} bytes", "Fetch it again.")


def _read(cursor: _Cursor, path: Path, size: int) -> Facts:
    if cursor.data[:4] != MAGIC:
        raise _unusable(path, f"is no GGUF model: {_looks_like(cursor.data[:64])}", "Fetch a file that ends in .gguf.")
    cursor.at = 4
    version = cursor.number("<I")
    if version not in VERSIONS:
        raise _unusable(path, f"has GGUF version {version}, which is not supported", "Fetch a current version of it.")
    tensors, keys = cursor.count(), cursor.count()
    meta: dict[str, Any] = {}
    for _ in range(keys):
        key = cursor.text()
        meta[key] = cursor.value(cursor.number("<I"))
    parameters = _check_tensors(cursor, tensors, meta, path, size)
    return _facts(meta, parameters, size)


def _check_tensors(cursor: _Cursor, tensors: int, meta: dict[str, Any], path: Path, size: int) -> int:
    """How many weights there are; the file must reach to the end of the last tensor."""
    parameters = needed = 0
    for _ in range(tensors):
        cursor.text()
        dimensions = cursor.number("<I")
        if dimensions > 8:
            raise _unusable(path, "is damaged: a tensor has too many dimensions", "Fetch it again.")
        elements = 1
        for _ in range(dimensions):
            elements *= cursor.number("<Q")
        kind, offset = cursor.number("<I"), cursor.number("<Q")
        parameters += elements
        per_block, block_bytes = _BLOCKS.get(kind, (1, 0))
        needed = max(needed, offset + elements // per_block * block_bytes)
    alignment = meta.get("general.alignment", 32)
    alignment = alignment if isinstance(alignment, int) and alignment > 0 else 32
    needed += -(-cursor.at // alignment) * alignment
    if needed > size:
        raise _unusable(path, f"is truncated: it has {size} of {needed} bytes", "Fetch it again.")
    return parameters


def _facts(meta: dict[str, Any], parameters: int, size: int) -> Facts:
    architecture = str(meta.get("general.architecture", ""))

    def number(name: str, default: int = 0) -> int:
        value = meta.get(f"{architecture}.{name}", default)
        if isinstance(value, list):
            value = max((each for each in value if isinstance(each, int)), default=default)
        return value if isinstance(value, int) and not isinstance(value, bool) else default

    heads, embedding = number("attention.head_count"), number("embedding_length")
    head_size = embedding // heads if heads else 0
    tokens = meta.get("tokenizer.ggml.tokens", 0)
    return Facts(
        architecture=architecture,
        name=str(meta.get("general.name", "")),
        parameters=parameters,
        quantization=_FILE_TYPES.get(meta.get("general.file_type", -1), "unknown"),
        context_length=number("context_length"),
        embedding_length=embedding,
        layers=number("block_count"),
        heads=heads,
        kv_heads=number("attention.head_count_kv", heads),
        key_length=number("attention.key_length", head_size),
        value_length=number("attention.value_length", head_size),
        sliding_window=number("attention.sliding_window"),
        vocabulary=tokens if isinstance(tokens, int) else len(tokens),
        chat_template=str(meta.get("tokenizer.chat_template", "")),
        file_size=size,
    )


def _looks_like(head: bytes) -> str:
    start = head.lstrip().lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        return "it looks like a web page, so a login or error page was saved instead"
    if head.startswith(b"version https://git-lfs"):
        return "it is a Git LFS pointer, not the model itself"
    if head.startswith(b"PK\x03\x04"):
        return "it is a zip archive"
    if head[8:9] == b"{" or b"__metadata__" in head:
        return "it looks like safetensors, which llama.cpp does not load"
    if head.startswith((b"ggml", b"ggjt", b"lmgg", b"tjgg")):
        return "it has the format from before GGUF"
    return "it does not begin with GGUF"
