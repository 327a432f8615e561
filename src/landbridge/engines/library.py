"""The models on this machine: one folder, one manifest a model, and nothing half-written in it ever.

    models/smollm2.gguf  models/smollm2.json          a fetched model
    models/mine.json                                  a model used where it is
    models/dropped.gguf                               a file somebody put there by hand
    models/.partial/smollm2/                          a fetch under way, or interrupted

A fetched file is moved into place only when it is whole, its sha256 matches and its header can be read; its manifest
is there by then.
"""

from __future__ import annotations

import difflib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from ..errors import ConfigFault, EngineFault, ModelUnusable, UnknownModel
from .catalog import Entry, catalog, template_of
from .facts import Facts
from .gguf import read_facts
from .intake import Arrival, bring, only_one
from .sources import Report, kind_of, recorded, suggest_name

LONGEST_NAME = 100


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
    in_place: bool = False
    """Whether the file is somebody's own and not the library's."""

    @property
    def embeds(self) -> bool:
        """Whether it is for embeddings and not for chatting."""
        return self.facts.embeds


class Library:
    """Knows the models and fetches new ones."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._partial = folder / ".partial"
        self._facts: dict[Path, tuple[tuple[int, int], Facts]] = {}

    def names(self) -> tuple[str, ...]:
        """The names there are; cheap enough to ask often."""
        files, manifests = set(), set()
        for entry in _entries(self.folder):
            stem, _, ending = entry.name.rpartition(".")
            if stem and not stem.startswith("."):
                if ending == "gguf":
                    files.add(stem)
                elif ending == "json":
                    manifests.add(stem)
        # A manifest alone is a model used where it is, or the trace of a fetch that was killed at its very end.
        return tuple(sorted(files | {name for name in manifests - files if self._stands_alone(name)}))

    def interrupted(self) -> dict[str, int]:
        """Fetches that were not finished, and how many bytes have come."""
        sizes = {entry.name: _size_of(Path(entry)) for entry in _entries(self._partial) if entry.is_dir()}
        return {name: size for name, size in sizes.items() if size}

    def find(self, name: str) -> LocalModel | None:
        """The model of that name. Raises `ModelUnusable` for one whose file is damaged."""
        if name not in self.names():
            return None
        manifest = self._manifest(name)
        in_place = manifest is not None and bool(manifest.path)
        path = Path(manifest.path) if manifest is not None and in_place else self.folder / f"{name}.gguf"
        facts = self._read(path)
        if manifest is None or not (in_place or manifest.size == facts.file_size):
            # Somebody put the file there: nothing is known of it but what it says itself.
            return LocalModel(name, path, facts.file_size, "", str(path), facts, template=None)
        entry = catalog().get(name)
        ours = entry is not None and manifest.sha256 == entry.sha256
        return LocalModel(
            name=name,
            path=path,
            size=facts.file_size,
            sha256=manifest.sha256,
            source=manifest.source,
            facts=facts,
            template=template_of(entry) if ours and entry is not None else None,
            licence=manifest.licence,
            in_place=in_place,
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
        """Fetch a model of the catalogue, or of any source. Raises `GatewayError` kinds; what came so far is kept.

        A model that is here already is not fetched again, unless its file is damaged.
        """
        entry = catalog().get(wanted)
        sources = (entry.source, *entry.also) if entry is not None else (wanted,)
        if entry is None:
            _check_source(wanted)
        name = name or (wanted if entry is not None else suggest_name(wanted))
        _check_name(name)
        known = None if entry is not None and name == wanted else tuple(map(recorded, sources))
        if (model := self._whole(name, known)) is not None:
            return model
        partial = self._partial / name
        self._partial.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial.mkdir(mode=0o700, exist_ok=True)
        with only_one(partial / "lock", name):
            try:
                if (model := self._whole(name, known)) is None:  # another process may just have finished
                    model = self._keep(name, bring(name, sources, entry, partial, report), entry)
            except BaseException:
                if not _size_of(partial):
                    shutil.rmtree(partial, ignore_errors=True)
                raise
            shutil.rmtree(partial, ignore_errors=True)
        return model

    def remove(self, name: str) -> int:
        """Forget a model, or what has come of it; gives the bytes that became free. A file used where it is stays.

        Raises `UnknownModel`, and `ModelUnusable` while it is being fetched.
        """
        freed = self.interrupted().get(name)
        if freed is not None:
            with only_one(self._partial / name / "lock", name):
                shutil.rmtree(self._partial / name, ignore_errors=True)
        if name not in self.names():
            if freed is None:
                raise self.unknown(name)
            return freed
        for path in (self.folder / f"{name}.gguf", self.folder / f"{name}.json"):
            if path.exists():
                freed = (freed or 0) + path.stat().st_size
                path.unlink()
        return freed or 0

    def unknown(self, name: str) -> UnknownModel:
        """The error for a name that is none of ours, with what it may have been meant for."""
        if name in catalog():
            remedy = f"Fetch it: landbridge models pull {name}"
        else:
            near = difflib.get_close_matches(name, sorted({*self.names(), *catalog()}), n=3, cutoff=0.5)
            remedy = f"Did you mean {' or '.join(near)}?" if near else "'landbridge models list' shows them."
        return UnknownModel(f"There is no local model '{name}'.", remedy=remedy)

    # -- inside --------------------------------------------------------------------------------------------------------

    def _whole(self, name: str, sources: tuple[str, ...] | None) -> LocalModel | None:
        """The model of that name, if its file is sound. Raises `ConfigFault` if it is from none of `sources`."""
        try:
            model = self.find(name)
        except ModelUnusable:
            return None
        if model is not None and sources is not None and model.source not in sources:
            raise ConfigFault(
                f"There is a model '{name}' already, from {model.source}.",
                remedy=f"Choose another name with --name, or remove that one: landbridge models rm {name}",
            )
        return model

    def _keep(self, name: str, arrival: Arrival, entry: Entry | None) -> LocalModel:
        """Take it in. The manifest is first: without its file it counts for nothing, and a file is never without it."""
        manifest = Manifest(
            source=arrival.source,
            size=arrival.facts.file_size,
            sha256=arrival.sha256,
            path=str(arrival.path) if arrival.in_place else "",
            licence=entry.licence if entry is not None else "",
        )
        draft = self._partial / name / "manifest.json"
        _write(draft, msgspec.json.format(msgspec.json.encode(manifest), indent=2))
        draft.replace(self.folder / f"{name}.json")
        if not arrival.in_place:
            arrival.path.chmod(0o600)
            with arrival.path.open("rb") as file:
                os.fsync(file.fileno())
            arrival.path.replace(self.folder / f"{name}.gguf")
        model = self.find(name)
        assert model is not None, "it was just added"
        return model

    def _stands_alone(self, name: str) -> bool:
        try:
            manifest = self._manifest(name)
        except ModelUnusable:
            return True  # it is shown, so that somebody sees the damage
        return manifest is not None and bool(manifest.path)

    def _manifest(self, name: str) -> Manifest | None:
        try:
            return msgspec.json.decode((self.folder / f"{name}.json").read_bytes(), type=Manifest)
        except FileNotFoundError:
            return None
        except (msgspec.DecodeError, OSError) as error:
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


def _check_source(wanted: str) -> None:
    """Raise `ConfigFault` for what is no source, with the model of the catalogue it may have been meant for."""
    try:
        kind_of(wanted)
    except ConfigFault as fault:
        near = difflib.get_close_matches(wanted, catalog(), n=3, cutoff=0.5)
        if not near:
            raise
        raise ConfigFault(fault.message, remedy=f"Did you mean {' or '.join(near)}?") from None


def _check_name(name: str) -> None:
    plain = all(letter.isalnum() or letter in "._-" for letter in name)
    if not plain or name.startswith((".", "-")) or not 0 < len(name) <= LONGEST_NAME:
        raise ConfigFault(
            f"'{name}' cannot be a model's name.", remedy="Use letters, digits, dots and dashes (--name)."
        )


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ConfigFault(
            f"The model folder {folder} cannot be read ({error.strerror}).", remedy="Check --data-dir and its rights."
        ) from error


def _size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _write(path: Path, data: bytes) -> None:
    """A file only we can read, on the disk when this returns."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
