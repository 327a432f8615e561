"""From a source to a file that is what it should be: fetched from the first source that has it, and looked into.

What has come of an interrupted fetch is kept, each source's in a folder of its own; what is wrong is thrown away.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from msgspec import Struct

from ..errors import GatewayError, ModelUnusable
from .catalog import Entry
from .facts import Facts
from .gguf import read_facts
from .sources import CHUNK, Fetched, Progress, Report, fetch, recorded

RESERVE = 256 * 1024 * 1024
"""Bytes of disk left free."""


class Arrival(Struct, frozen=True):
    """A whole model file, checked."""

    path: Path
    source: str
    """Where it is from, as it is remembered."""
    sha256: str
    """Empty for a file that is used where it is."""
    facts: Facts

    @property
    def in_place(self) -> bool:
        """Whether the file is somebody's own and stays where it is."""
        return not self.sha256


def bring(name: str, sources: tuple[str, ...], entry: Entry | None, partial: Path, report: Report) -> Arrival:
    """Fetch the model from the first source that has it. Raises what is wrong with the first one."""
    fault: GatewayError | None = None
    size = entry.size if entry is not None else None
    for source in sources:
        place = partial / hashlib.sha256(source.encode()).hexdigest()[:16]
        place.mkdir(mode=0o700, exist_ok=True)
        if size is not None:
            _check_disk(size, place)
        try:
            fetched = fetch(source, place, size, _watching(place, report))
            return _check(name, source, fetched, entry, place, report)
        except GatewayError as error:
            fault = fault or error
    assert fault is not None, "there is at least one source"
    raise fault


@contextmanager
def only_one(path: Path, name: str) -> Iterator[None]:
    """Two processes do not fetch the same model at once."""
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise ModelUnusable(f"'{name}' is being fetched by another process.", remedy="Wait until it is done.") from None
    try:
        yield
    finally:
        lock.release()


def _check(name: str, source: str, fetched: Fetched, entry: Entry | None, place: Path, report: Report) -> Arrival:
    in_place = place not in fetched.path.parents
    try:
        sha256 = "" if in_place else _sha256(fetched.path, report)
        wanted = entry.sha256 if entry is not None else fetched.sha256
        if wanted and sha256 != wanted:
            raise ModelUnusable(
                f"What was fetched for '{name}' is not that model: its sha256 is {sha256}, not {wanted}.",
                remedy="Try again; if it stays so, the source has changed.",
            )
        return Arrival(fetched.path, recorded(source), sha256, read_facts(fetched.path))
    except ModelUnusable:
        if not in_place:
            shutil.rmtree(place)
        raise


def _watching(place: Path, report: Report) -> Report:
    """A report that looks at the disk as soon as the size is known."""
    known = 0

    def watch(progress: Progress) -> None:
        nonlocal known
        if progress.total is not None and progress.total > known:
            known = progress.total
            _check_disk(known, place)
        report(progress)

    return watch


def _check_disk(size: int, place: Path) -> None:
    come = (place / "model.gguf", place / "model.gguf.partial")
    have = sum(path.stat().st_size for path in come if path.exists())
    free = shutil.disk_usage(place).free
    if free + have < size + RESERVE:
        raise ModelUnusable(
            f"The model needs {size / 1e9:.2f} GB of disk, but {free / 1e9:.2f} GB are free in {place.parent}.",
            remedy="Make room, or use another folder with --data-dir.",
        )


def _sha256(path: Path, report: Report) -> str:
    digest = hashlib.sha256()
    size, done = path.stat().st_size, 0
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
            done += len(piece)
            report(Progress(done, size, "checking sha256"))
    return digest.hexdigest()
