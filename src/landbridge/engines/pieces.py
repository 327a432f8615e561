"""Models in several files, as large ones are published: `model-00001-of-00003.gguf` and so on.

The engine is told the first and finds the others beside it, by their names. The first says what the model is; how
large it is and how many weights it has is the sum of all.
"""

from __future__ import annotations

import re
from pathlib import Path

from msgspec.structs import replace

from ..errors import ModelUnusable
from .facts import Facts
from .gguf import read_facts

_PIECE = re.compile(r"(?P<stem>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf", re.DOTALL | re.IGNORECASE)
MOST = 1000
"""Pieces of one model."""


def piece_of(name: str) -> tuple[str, int, int] | None:
    """Of a piece's file name: what stands before its number, its number, and how many there are."""
    found = _PIECE.fullmatch(name)
    return (found["stem"], int(found["number"]), int(found["count"])) if found else None


def pieces_of(path: Path) -> tuple[Path, ...]:
    """All files of the model that begins with `path`, that one first; whether they are there is not looked at."""
    found = piece_of(path.name)
    if found is None or found[1] != 1 or not 1 < found[2] <= MOST:
        return (path,)
    stem, _, count = found
    ending = path.name[len(stem) :].replace("-00001-", "-{:05}-", 1)
    return tuple(path.with_name(stem + ending.format(number)) for number in range(1, count + 1))


def there(path: Path) -> bool:
    """Whether a file is there; one that may not be looked at is: whoever reads it says why he cannot."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def stamp(path: Path) -> tuple[int, ...]:
    """What is another once a file of the model has changed; empty where one cannot be looked at."""
    try:
        status = [file.stat() for file in pieces_of(path)]
    except OSError:
        return ()
    return tuple(number for each in status for number in (each.st_size, each.st_mtime_ns))


def read_model(path: Path) -> Facts:
    """The facts of the model that begins with `path`. Raises `ModelUnusable`, also for a piece that is not there."""
    files = pieces_of(path)
    if len(files) == 1:
        return read_facts(path)
    gone = [file.name for file in files if not there(file)]
    if gone and there(path):
        raise ModelUnusable(
            f"Of the {len(files)} pieces of the model {path} {len(gone)} are not there ({gone[0]}).",
            remedy="Fetch them again, into the same folder.",
        )
    each = [read_facts(file, piece=True) for file in files]
    if not each[0].architecture:
        raise ModelUnusable(
            f"The model file {path} is damaged: its header names no architecture.", remedy="Fetch it again."
        )
    return replace(
        each[0],
        parameters=sum(one.parameters for one in each),
        file_size=sum(one.file_size for one in each),
        layer_bytes=sum(one.layer_bytes for one in each),
        expert_bytes=sum(one.expert_bytes for one in each),
        repacked=sum(one.repacked for one in each),
    )
