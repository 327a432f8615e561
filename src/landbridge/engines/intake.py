"""From a source to a file that is what it should be: fetched from the first source that has it, and looked into.

What has come of an interrupted fetch is kept, each source's in a folder of its own; what is wrong is thrown away.
"""

from __future__ import annotations

import difflib
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from msgspec import Struct

from ..errors import ConfigFault, GatewayError, ModelUnusable
from .catalog import catalog
from .facts import Facts
from .pieces import read_model
from .sources import CHUNK, Fetched, Piece, Progress, Report, fetch, kind_of, recorded

RESERVE = 256 * 1024 * 1024
"""Bytes of disk left free."""


class Arrival(Struct, frozen=True):
    """A whole model, checked."""

    files: tuple[Path, ...]
    """The engine is given the first."""
    source: str
    """Where the model is from, as it is remembered."""
    sha256: str
    """Empty for a file that is used where it is."""
    facts: Facts
    projector: Path | None = None
    in_place: bool = False
    """Whether the file is somebody's own and stays where it is."""

    @property
    def path(self) -> Path:
        """The first file."""
        return self.files[0]

    @property
    def all_files(self) -> tuple[Path, ...]:
        """Every file."""
        return self.files if self.projector is None else (*self.files, self.projector)


class Expected(Struct, frozen=True):
    """What a model must be, as far as it is known beforehand."""

    sha256: str = ""
    size: int | None = None


NOTHING = Expected()
"""Nobody vouches for it but the source."""


def check_source(wanted: str) -> None:
    """Raise `ConfigFault` for what is no source, with the model of the catalogue it may have been meant for."""
    try:
        kind_of(wanted)
    except ConfigFault as fault:
        near = difflib.get_close_matches(wanted, catalog(), n=3, cutoff=0.5)
        if not near:
            raise
        raise ConfigFault(fault.message, remedy=f"Did you mean {' or '.join(near)}?") from None


def bring(name: str, sources: tuple[str, ...], expected: Expected, partial: Path, report: Report) -> Arrival:
    """Fetch the model from the first source that has it. Raises what is wrong with the first one."""
    fault: GatewayError | None = None
    size = expected.size
    for source in sources:
        place = partial / mark_of(source)
        place.mkdir(mode=0o700, exist_ok=True)
        if size is not None:
            _check_disk(size, place)
        try:
            fetched = fetch(source, place, size, _watching(place, report))
            return _check(name, source, fetched, expected, place, report)
        except GatewayError as error:
            fault = fault or error
    assert fault is not None, "there is at least one source"
    raise fault


def mark_of(source: str) -> str:
    """The name of the folder for what comes from a source."""
    return hashlib.sha256(source.encode()).hexdigest()[:16]


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


def _check(name: str, source: str, fetched: Fetched, expected: Expected, place: Path, report: Report) -> Arrival:
    in_place = place not in fetched.path.parents
    try:
        # A file that stays where it is may be large and change: it is read through only if somebody vouches for it.
        unread = in_place and not expected.sha256
        sums = [] if unread else _sums(fetched.files, report)
        for number, (piece, sha256) in enumerate(zip(fetched.files, sums, strict=False)):
            wanted = piece.sha256 if number or not expected.sha256 else expected.sha256
            if wanted and sha256 != wanted:
                raise _another(name, sha256, wanted, in_place)
        return Arrival(
            files=tuple(piece.path for piece in fetched.pieces),
            source=recorded(fetched.source or source),
            sha256=_joined(sums[: len(fetched.pieces)]),
            facts=read_model(fetched.path),
            projector=fetched.projector.path if fetched.projector is not None else None,
            in_place=in_place,
        )
    except ModelUnusable:
        if not in_place:
            shutil.rmtree(place, ignore_errors=True)
        raise


def _another(name: str, sha256: str, wanted: str, in_place: bool) -> ModelUnusable:
    return ModelUnusable(
        f"What {'is there' if in_place else 'was fetched'} for '{name}' is not that model: "
        f"its sha256 is {sha256}, not {wanted}.",
        remedy="Check the file, or the sum." if in_place else "Try again; if it stays so, the source has changed.",
    )


def _joined(sums: list[str]) -> str:
    """One sum for a model, whatever the number of its files."""
    if len(sums) == 1:
        return sums[0]
    return hashlib.sha256("".join(sums).encode()).hexdigest() if sums else ""


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
    have = sum(path.stat().st_size for path in place.glob("*") if path.suffix in (".gguf", ".partial"))
    free = shutil.disk_usage(place).free
    if free + have < size + RESERVE:
        raise ModelUnusable(
            f"The model needs {size / 1e9:.2f} GB of disk, but {free / 1e9:.2f} GB are free in {place.parent}.",
            remedy="Make room, or use another folder with --data-dir.",
        )


def _sums(files: tuple[Piece, ...], report: Report) -> list[str]:
    """The sha256 of each file."""
    size, done = sum(piece.path.stat().st_size for piece in files), 0
    sums = []
    for piece in files:
        digest = hashlib.sha256()
        with piece.path.open("rb") as file:
            while data := file.read(CHUNK):
                digest.update(data)
                done += len(data)
                report(Progress(done, size, "checking sha256"))
        sums.append(digest.hexdigest())
    return sums
