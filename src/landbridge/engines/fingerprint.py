"""What the numbers that a model keeps of a prompt depend on, as one word: files, engine build, template, settings.

A saved prompt is only brought into an engine of the same fingerprint.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from .llamacpp import Run

INDIFFERENT = frozenset(
    {"path", "context", "threads", "batch", "ubatch", "slots", "settings", "prompts", "checkpoints", "cache_ram"}
)
"""What of a run does not change what a prompt is to the model, or is told otherwise."""
PIECES, PIECE = 16, 65536


def fingerprint(run: Run, build: str, slots: int) -> str:
    """Of an engine of that build. An engine with other slots lays its memory out in another way, and refuses the file;
    one with more or less context does not.
    """
    kept = {name: getattr(run, name) for name in run.__struct_fields__ if name not in INDIFFERENT}
    told = msgspec.json.encode([build, slots, run.settings.extra, kept], enc_hook=str, order="sorted")
    beside = run.companions
    files = (run.path, *([beside.projector] if beside.projector else []), *(path for path, _ in beside.adapters))
    return blake2b(b"".join(map(sample, files)) + told, digest_size=16).hexdigest()


def build_of(command: Sequence[str] | None) -> str:
    """The build of the built-in engine, or which program it is."""
    if command:
        return " ".join(command)
    try:
        return version("xllamacpp")
    except PackageNotFoundError:
        return ""


def sample(path: Path) -> bytes:
    """What a model file is known by: its size and pieces of it, from its beginning to its end. Reading all of it would
    take longer than loading it, and of two models of one shape no such piece is the same.
    """
    size = path.stat().st_size
    digest = blake2b(str(size).encode(), digest_size=16)
    with path.open("rb") as file:
        for number in range(PIECES + 1):
            file.seek(max(0, size - PIECE) * number // PIECES)
            digest.update(file.read(PIECE))
    return digest.digest()
