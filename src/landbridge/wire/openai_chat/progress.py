"""llama.cpp's `prompt_progress`, which comes in chunks of its own before the answer where `return_progress` was asked
for. A chunk that says nothing else is no part of the answer.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw, Struct

from ...neutral.progress import Progress
from ..counts import read_count
from ..fields import is_set
from .types import Chunk, Said


class _Wire(Struct):
    total: Any = None
    cache: Any = None
    processed: Any = None
    time_ms: Any = None


class _Noticed(Struct):
    prompt_progress: Raw = Raw(b"null")


_decode = msgspec.json.Decoder(_Wire).decode
_decode_noticed = msgspec.json.Decoder(_Noticed).decode
_SILENT = (None, Said())


def read_progress(raw: Raw | bytes) -> Progress | None:
    """The notice; None where it is none."""
    try:
        wire = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    total, processed = read_count(wire.total), read_count(wire.processed)
    if not total or processed is None:
        return None
    cache = min(read_count(wire.cache) or 0, total)
    seconds = wire.time_ms / 1000 if isinstance(wire.time_ms, int | float) and wire.time_ms > 0 else 0.0
    return Progress(total, cache, min(max(processed, cache), total), seconds)


def read_noticed(record: bytes) -> Progress | None:
    """The notice in a record that is read for nothing else; None where there is none."""
    try:
        return read_progress(_decode_noticed(record).prompt_progress)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def says_nothing_else(chunk: Chunk) -> bool:
    """Whether a chunk is nothing but its notice."""
    if any(map(is_set, (chunk.error, chunk.usage, chunk.timings))):
        return False
    return all(
        choice.delta in _SILENT and choice.message in _SILENT and not choice.text and not choice.finish_reason
        for choice in chunk.choices or ()
    )
