"""What a GGUF file says of itself: the header read to `Facts`, and everything that can be wrong with the file.

Our own reader of the header (ggml's `docs/gguf.md`, versions 2 and 3): the `gguf` package maps all tensors with numpy.
Rule: whatever the bytes, it raises only `ModelUnusable`; neither time nor memory grow with what a header claims.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import ModelUnusable
from .facts import Facts
from .metadata import Weights, facts_of

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MAX_HEADER = 1 << 26
"""Bytes; the headers of models with the largest vocabularies have a quarter of this."""
MAX_ENTRIES, MAX_MEMBERS, MAX_WEIGHTS = 1 << 16, 1 << 22, 1 << 50
"""More keys or tensors, more members of an array, more elements of a tensor than any model has: it is damaged."""
PER_LAYER = 512
"""Arrays of numbers up to this length are kept: `head_count_kv` may have one number a layer."""
WINDOW = 1 << 18
"""Bytes read at once."""

_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9

_BLOCKS: dict[int, tuple[int, int]] = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 10: (256, 84),
    11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 16: (256, 66), 17: (256, 74),
    18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2),
    26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
    40: (64, 36), 41: (128, 18),
}  # fmt: skip
"""Tensor type -> (elements a block, bytes a block), from ggml's table of types. Unknown types are not checked."""

_REPACKED = frozenset({2, 8, 10, 12, 13, 14, 20, 39})
"""Tensor types that llama.cpp lays out anew on one processor or another."""

_OTHERS = {"adapter": "an adapter", "mmproj": "a model's eyes", "clip": "a model's eyes", "imatrix": "statistics"}
"""`general.type` or architecture of files that are no models by themselves."""


def read_facts(path: Path, *, piece: bool = False) -> Facts:
    """The facts of the model in `path`, or of one `piece` of it. Raises `ModelUnusable` with the exact trouble."""
    try:
        size = path.stat().st_size
        if size == 0:
            raise _unusable(path, "is empty", "Fetch it again.")
        with path.open("rb") as file:
            return _read(_Cursor(file, path, size), path, size, piece)
    except FileNotFoundError:
        raise _unusable(path, "is not there", "Fetch it again, or correct its path.") from None
    except OSError as error:
        raise _unusable(path, f"cannot be read ({error.strerror})", "Check its rights.") from error


def _unusable(path: Path, trouble: str, remedy: str) -> ModelUnusable:
    return ModelUnusable(f"The model file {path} {trouble}.", remedy=remedy)


def _damaged(path: Path, trouble: str) -> ModelUnusable:
    return _unusable(path, f"is damaged: {trouble}", "Fetch it again.")


class _Cursor:
    """Reads little-endian values one after another; running off the end means that the file is truncated.

    Not by mapping the file: one that is cut while it is read would then end the process.
    """

    def __init__(self, file: BinaryIO, path: Path, size: int) -> None:
        self.path, self.size = path, size
        self._file = file
        self._data = b""  # a window of the file,
        self._base = 0  # where in the file it begins,
        self._at = 0  # and how much of it has been read

    @property
    def position(self) -> int:
        """Bytes of the file behind us."""
        return self._base + self._at

    def number(self, form: str) -> Any:
        """One scalar."""
        (value,) = struct.unpack(form, self.slice(struct.calcsize(form)))
        return value

    def count(self, limit: int) -> int:
        """A number of things."""
        value: int = self.number("<Q")
        if value > limit:
            raise _damaged(self.path, "its header counts more than any model has")
        return value

    def text(self) -> str:
        """A string."""
        return self.slice(self.number("<Q")).decode("utf-8", "replace")

    def slice(self, length: int) -> bytes:
        """Some bytes."""
        self._need(length)
        piece = self._data[self._at : self._at + length]
        self._at += length
        return piece

    def peek(self, length: int) -> bytes:
        """The next bytes, as many as there are, left where they are."""
        self._need(min(length, self.size - self.position))
        return self._data[self._at : self._at + length]

    def skip(self, length: int) -> None:
        """Some bytes nobody asks for."""
        self._check(length)
        if self._at + length > len(self._data):
            self._base, self._data, self._at = self._file.seek(self.position + length), b"", 0
        else:
            self._at += length

    def value(self, kind: int) -> Any:
        """A metadata value; of a long array only its length."""
        if kind == _STRING:
            return self.text()
        if kind == _ARRAY:
            return self._array()
        if kind in _SCALARS:
            return self.number(_SCALARS[kind])
        raise _damaged(self.path, f"its header has a value of unknown type {kind}")

    def _array(self) -> list[Any] | int:
        kind, length = self.number("<I"), self.count(MAX_MEMBERS)
        if kind in _SCALARS:
            if length <= PER_LAYER:
                return [self.number(_SCALARS[kind]) for _ in range(length)]
            self.skip(length * struct.calcsize(_SCALARS[kind]))
        elif kind == _STRING:
            self._skip_strings(length)
        else:
            raise _damaged(self.path, f"its header has an array of type {kind}")
        return length

    def _skip_strings(self, length: int) -> None:
        # The longest loop of all (a string a token); hence the local names.
        unpack = struct.Struct("<Q").unpack_from
        at, data, end = self._at, self._data, len(self._data)
        for _ in range(length):
            if at + 8 > end:
                self._at = at
                self._need(8)
                at, data, end = self._at, self._data, len(self._data)
            at += 8 + unpack(data, at)[0]
            if at > end:
                self._at = end
                self.skip(at - end)
                at, data, end = self._at, self._data, len(self._data)
        self._at = at

    def _need(self, length: int) -> None:
        """Have that many bytes in the window."""
        self._check(length)
        missing = length - (len(self._data) - self._at)
        if missing > 0:
            kept = self._data[self._at :]
            self._base, self._at = self.position, 0
            self._data = kept + self._file.read(max(WINDOW, missing))
            if len(self._data) < length:  # it has become shorter since we asked for its size
                raise self.truncated()

    def _check(self, length: int) -> None:
        end = self.position + length
        if end > self.size:
            raise self.truncated()
        if end > MAX_HEADER:
            raise _damaged(self.path, "its header is longer than any model's")

    def truncated(self) -> ModelUnusable:
        """The file ends too early."""
        return _unusable(self.path, f"is truncated: it ends after {self.size} bytes", "Fetch it again.")


def _read(cursor: _Cursor, path: Path, size: int, piece: bool) -> Facts:
    head = cursor.peek(64)
    if head[:4] != MAGIC:
        raise _unusable(path, f"is no GGUF model: {_looks_like(head)}", "Fetch a file that ends in .gguf.")
    cursor.skip(len(MAGIC))
    _check_version(cursor.number("<I"), path)
    tensors, keys = cursor.count(MAX_ENTRIES), cursor.count(MAX_ENTRIES)
    meta: dict[str, Any] = {}
    for _ in range(keys):
        key = cursor.text()
        meta[key] = cursor.value(cursor.number("<I"))
    if not piece:
        _check_kind(meta, tensors, path)
    weights = _check_tensors(cursor, tensors, meta, path, size)
    return facts_of(meta, weights, size)


def _check_version(version: int, path: Path) -> None:
    if version in (2 << 24, 3 << 24):
        raise _unusable(path, "is for big-endian machines", "Fetch the usual, little-endian version of it.")
    if version not in VERSIONS:
        raise _unusable(path, f"has GGUF version {version}, which is not supported", "Fetch a current version of it.")


def _check_kind(meta: dict[str, Any], tensors: int, path: Path) -> None:
    """Not every GGUF file is a whole model."""
    kind, architecture = meta.get("general.type"), meta.get("general.architecture")
    for word in (kind, architecture):
        if isinstance(word, str) and word in _OTHERS:
            raise _unusable(path, f"is no model but {_OTHERS[word]}", "Fetch the model itself.")
    pieces = meta.get("split.count")
    if isinstance(pieces, int) and pieces > 1:
        raise _unusable(path, f"is one of {pieces} pieces of a model", "Use the first, with the others beside it.")
    if not isinstance(architecture, str) or not architecture:
        raise _damaged(path, "its header names no architecture")
    if not tensors:
        raise _unusable(path, "holds no weights", "Fetch the model itself.")


def _check_tensors(cursor: _Cursor, tensors: int, meta: dict[str, Any], path: Path, size: int) -> Weights:
    """What weights there are; the file must reach to the end of the last tensor."""
    parameters = needed = layers = experts = repacked = 0
    for _ in range(tensors):
        name = cursor.text()
        dimensions = cursor.number("<I")
        if dimensions > 8:
            raise _damaged(path, "a tensor has too many dimensions")
        elements = 1
        for _ in range(dimensions):
            elements *= cursor.number("<Q")
        if elements > MAX_WEIGHTS:
            raise _damaged(path, "a tensor is larger than any model")
        kind, offset = cursor.number("<I"), cursor.number("<Q")
        parameters += elements
        per_block, block_bytes = _BLOCKS.get(kind, (1, 0))
        taken = elements // per_block * block_bytes
        needed = max(needed, offset + taken)
        if name.startswith("blk."):
            layers += taken
            experts += taken if "_exps." in name else 0
            repacked += taken if kind in _REPACKED else 0
    alignment = meta.get("general.alignment", 32)
    alignment = alignment if isinstance(alignment, int) and alignment > 0 else 32
    needed += -(-cursor.position // alignment) * alignment
    if needed > size:
        raise _unusable(path, f"is truncated: it has {size} of {needed} bytes", "Fetch it again.")
    return Weights(parameters, layers, experts, repacked)


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
