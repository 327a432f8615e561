"""The models on this machine: one folder, one manifest a model, and nothing half-written in it ever.

    models/smollm2.gguf  models/smollm2.json          a fetched model
    models/mine.json                                  a model used where it is
    models/dropped.gguf                               a file somebody put there by hand
    models/.partial/smollm2/                          a fetch under way, or interrupted

A fetched file is moved into place only when it is whole, its sha256 matches and its header can be read.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout
from msgspec import Struct

from ..errors import ConfigFault, EngineFault, GatewayError, ModelUnusable, UnknownModel
from .catalog import Entry, catalog, template_of
from .facts import Facts
from .gguf import read_facts
from .sources import CHUNK, Progress, Report, fetch, kind_of, suggest_name

RESERVE = 256 * 1024 * 1024
"""Bytes of disk left free."""


class Manifest(Struct, omit_defaults=True):
    """What is remembered of a model."""

    source: str
    size: int
    sha256: str = ""
    """Of the file; empty for one that is used where it is."""
    path: str = ""
    """Where it is, if not in the library."""
    licence: str = ""


class LocalModel(Struct, frozen=True):
    """A model of this machine."""

    name: str
    path: Path
    size: int
    sha256: str
    source: str
    facts: Facts
    template: str | None
    """A chat template to use instead of the file's own."""
    licence: str = ""


class Library:
    """Knows the models and fetches new ones."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._facts: dict[Path, tuple[tuple[int, int], Facts]] = {}

    def names(self) -> tuple[str, ...]:
        """The names there are; cheap enough to ask often."""
        try:
            with os.scandir(self.folder) as entries:
                found = {
                    entry.name.rpartition(".")[0]
                    for entry in entries
                    if entry.name.endswith((".gguf", ".json")) and not entry.name.startswith(".")
                }
        except FileNotFoundError:
            return ()
        return tuple(sorted(found))

    def find(self, name: str) -> LocalModel | None:
        """The model of that name. Raises `ModelUnusable` for one whose file is damaged."""
        if name not in self.names():
            return None
        manifest = self._manifest(name)
        path = Path(manifest.path) if manifest is not None and manifest.path else self.folder / f"{name}.gguf"
        facts = self._read(path)
        entry = catalog().get(name)
        ours = entry is not None and manifest is not None and manifest.sha256 == entry.sha256
        return LocalModel(
            name=name,
            path=path,
            size=manifest.size if manifest is not None else facts.file_size,
            sha256=manifest.sha256 if manifest is not None else "",
            source=manifest.source if manifest is not None else str(path),
            facts=facts,
            template=template_of(entry) if ours and entry is not None else None,
            licence=manifest.licence if manifest is not None else "",
        )

    def list(self) -> Iterator[LocalModel | tuple[str, EngineFault]]:
        """Every model; for one that cannot be used, its name and why."""
        for name in self.names():
            try:
                model = self.find(name)
            except EngineFault as fault:
                yield name, fault
            else:
                if model is not None:
                    yield model

    def pull(self, wanted: str, report: Report, *, name: str = "") -> LocalModel:
        """Fetch a model of the catalogue, or of any source. Raises `GatewayError` kinds; what came so far is kept."""
        entry = catalog().get(wanted)
        sources = (entry.source, *entry.also) if entry is not None else (wanted,)
        for source in sources:
            kind_of(source)
        name = name or (wanted if entry is not None else suggest_name(wanted))
        _check_name(name)
        if name in self.names():
            model = self.find(name)
            assert model is not None, "it is among the names"
            return model
        partial = self.folder / ".partial" / name
        partial.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _only_one(partial / "lock", name):
            return self._fetch(name, sources, entry, partial, report)

    def remove(self, name: str) -> int:
        """Forget a model; gives the bytes that became free. A file used where it is stays. Raises `UnknownModel`."""
        shutil.rmtree(self.folder / ".partial" / name, ignore_errors=True)
        if name not in self.names():
            raise UnknownModel(f"There is no local model '{name}'.", remedy="'landbridge models list' shows them.")
        freed = 0
        for path in (self.folder / f"{name}.gguf", self.folder / f"{name}.json"):
            if path.exists():
                freed += path.stat().st_size
                path.unlink()
        return freed

    # -- inside --------------------------------------------------------------------------------------------------------

    def _fetch(
        self, name: str, sources: tuple[str, ...], entry: Entry | None, partial: Path, report: Report
    ) -> LocalModel:
        size = entry.size if entry is not None else None
        self._check_disk(size, partial)
        path, source = self._try(sources, partial, size, report)
        in_place = partial not in path.parents
        sha256 = "" if in_place else _sha256(path, report)
        if entry is not None and sha256 != entry.sha256:
            path.unlink()
            raise ModelUnusable(
                f"What was fetched for '{name}' is not that model: its sha256 is {sha256}, not {entry.sha256}.",
                remedy="Try again; if it stays so, the source has changed.",
            )
        facts = read_facts(path)
        manifest = Manifest(
            source=source,
            size=facts.file_size,
            sha256=sha256,
            path=str(path) if in_place else "",
            licence=entry.licence if entry is not None else "",
        )
        if not in_place:
            path.chmod(0o600)
            path.replace(self.folder / f"{name}.gguf")
        _write(self.folder / f"{name}.json", msgspec.json.format(msgspec.json.encode(manifest), indent=2))
        model = self.find(name)
        assert model is not None, "it was just added"
        shutil.rmtree(partial, ignore_errors=True)
        return model

    @staticmethod
    def _try(sources: tuple[str, ...], partial: Path, size: int | None, report: Report) -> tuple[Path, str]:
        """Fetch from the first source that can be reached."""
        fault: GatewayError | None = None
        for source in sources:
            try:
                return fetch(source, partial, size, report), source
            except GatewayError as error:
                fault = fault or error
        assert fault is not None, "there is at least one source"
        raise fault

    def _check_disk(self, size: int | None, partial: Path) -> None:
        if size is None:
            return
        have = sum(path.stat().st_size for path in partial.glob("model.gguf*"))
        free = shutil.disk_usage(partial).free
        if free + have < size + RESERVE:
            raise ModelUnusable(
                f"The model needs {size / 1e9:.2f} GB of disk, but {free / 1e9:.2f} GB are free in {self.folder}.",
                remedy="Make room, or use another folder with --data-dir.",
            )

    def _manifest(self, name: str) -> Manifest | None:
        try:
            return msgspec.json.decode((self.folder / f"{name}.json").read_bytes(), type=Manifest)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError as error:
            raise ModelUnusable(
                f"The manifest of '{name}' is damaged ({error}).",
                remedy=f"Run: landbridge models rm {name}, then pull.",
            ) from error

    def _read(self, path: Path) -> Facts:
        """The file's facts, read again only when it has changed."""
        try:
            status = path.stat()
            mark = (status.st_size, status.st_mtime_ns)
        except OSError:
            mark = (-1, 0)
        known = self._facts.get(path)
        if known is None or known[0] != mark:
            known = self._facts[path] = (mark, read_facts(path))
        return known[1]


def _check_name(name: str) -> None:
    plain = all(letter.isalnum() or letter in "._-" for letter in name)
    if not plain or name.startswith(".") or not name:
        raise ConfigFault(
            f"'{name}' cannot be a model's name.", remedy="Use letters, digits, dots and dashes (--name)."
        )


@contextmanager
def _only_one(path: Path, name: str) -> Iterator[None]:
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


def _sha256(path: Path, report: Report) -> str:
    digest = hashlib.sha256()
    size, done = path.stat().st_size, 0
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
            done += len(piece)
            report(Progress(done, size, "checking sha256"))
    return digest.hexdigest()


def _write(path: Path, data: bytes) -> None:
    """Replace a file in one step."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".manifest.")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)
