"""The models on this machine: one folder, one manifest a model, and nothing half-written in it ever.

    models/smollm2.gguf  models/smollm2.json          a fetched model
    models/large/*.gguf  models/large.json            one of several files
    models/mine.json                                  a model used where it is
    models/dropped.gguf                               a file somebody put there by hand
    models/.partial/smollm2/                          a fetch under way, or interrupted

What was fetched is moved into place only when it is whole, its sha256 matches and its header can be read; its manifest
is there by then.
"""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from ..errors import ConfigFault, EngineFault, ModelUnusable, UnknownModel
from .catalog import Entry, catalog, template_of
from .facts import Facts
from .intake import Arrival, Expected, bring, check_source, mark_of, only_one
from .manifest import Manifest, check_name, is_name, read, write
from .pieces import read_model, stamp, there
from .shelf import clear, entries, put, size_of, stems, writing
from .sources import Report, recorded, same, suggest_names


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
    projector: Path | None = None
    """The file with which it sees pictures."""
    tool: str = ""
    """The program whose file it is, where it is another's."""

    @property
    def embeds(self) -> bool:
        """Whether it is for embeddings and not for chatting."""
        return self.facts.embeds


class Library:
    """Knows the models and fetches new ones."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._partial = folder / ".partial"
        self._facts: dict[Path, tuple[tuple[int, ...], Facts]] = {}

    def names(self) -> tuple[str, ...]:
        """The names there are; cheap enough to ask often."""
        files, manifests = stems(self.folder)
        return tuple(sorted(files | {name for name in manifests if self._stands_alone(name)}))

    def interrupted(self) -> dict[str, int]:
        """Fetches that were not finished, and how many bytes have come."""
        sizes = {entry.name: size_of(Path(entry)) for entry in entries(self._partial) if entry.is_dir()}
        return {name: size for name, size in sizes.items() if size}

    def begun(self, source: str) -> bool:
        """Whether a fetch from this very source was not finished."""
        return any(size_of(folder) for folder in self._partial.glob(f"*/{mark_of(source)}"))

    def find(self, name: str) -> LocalModel | None:
        """The model of that name. Raises `ModelUnusable` for one whose file is damaged."""
        if not self._has(name):
            return None
        manifest = self._manifest(name)
        path = manifest.model_path(name, self.folder) if manifest is not None else self.folder / f"{name}.gguf"
        facts = self._read(path) if manifest is None or not manifest.path else self._read_elsewhere(name, manifest)
        if manifest is None or not (manifest.path or manifest.size == facts.file_size):
            # Somebody put the file there: nothing is known of it but what it says itself.
            return LocalModel(name, path, facts.file_size, "", str(path), facts, template=None)
        entry = catalog().get(name)
        sha256 = manifest.sha256 if manifest.size == facts.file_size else ""
        projector = manifest.projector_path(name, self.folder)
        return LocalModel(
            name=name,
            path=path,
            size=facts.file_size,
            sha256=sha256,
            source=manifest.source,
            facts=facts,
            template=template_of(entry) if entry is not None and sha256 == entry.sha256 else None,
            licence=manifest.licence,
            in_place=bool(manifest.path),
            projector=projector if projector is not None and stamp(projector) else None,
            tool=manifest.tool,
        )

    def list(self) -> Iterator[LocalModel | tuple[str, EngineFault]]:
        """Every model; for one that cannot be used, its name and why."""
        for name in self.names():
            try:
                model = self.find(name)
            except EngineFault as fault:
                if self._has(name):  # and not removed just now
                    yield name, fault
            else:
                if model is not None:
                    yield model

    def sound(self) -> Iterator[LocalModel]:
        """Every model that can be used."""
        return (model for model in self.list() if isinstance(model, LocalModel))

    def pull(self, wanted: str, report: Report, *, name: str = "", sha256: str = "") -> LocalModel:
        """Fetch a model of the catalogue, or of any source. Raises `GatewayError` kinds; what came so far is kept.

        A model that is here already is not fetched again, unless its file is damaged. `sha256` is what it must have,
        if the user knows it.
        """
        entry = catalog().get(wanted)
        sources = (entry.source, *entry.also) if entry is not None else (wanted,)
        expected = Expected(sha256.lower())
        if entry is None:
            check_source(wanted)
        else:
            expected = Expected(sha256.lower() or entry.sha256, entry.size)
        name = name or self.name_for(wanted)
        check_name(name)
        known = None if entry is not None and name == wanted else tuple(map(recorded, sources))
        if (model := self._whole(name, known)) is not None:
            return model
        partial = self._partial / name
        with writing(self.folder):
            self._partial.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial.mkdir(mode=0o700, exist_ok=True)
            with only_one(partial / "lock", name):
                try:
                    if (model := self._whole(name, known)) is None:  # another process may just have finished
                        model = self._keep(name, bring(name, sources, expected, partial, report), entry)
                except BaseException:
                    if not size_of(partial):
                        shutil.rmtree(partial, ignore_errors=True)
                    raise
                shutil.rmtree(partial, ignore_errors=True)
        return model

    def adopt(self, name: str, manifest: Manifest) -> LocalModel:
        """Take in a model that stays where it is. Raises `ModelUnusable` for what is none, `ConfigFault` for a name."""
        check_name(name)
        if self._has(name):
            raise ConfigFault(f"There is a model '{name}' already.", remedy="Choose another name with --name.")
        read_model(Path(manifest.path))
        with writing(self.folder):
            self._partial.mkdir(mode=0o700, parents=True, exist_ok=True)
            write(manifest, self.folder / f"{name}.json", self._partial / f"{name}.json")
        return self._added(name)

    def remove(self, name: str) -> int:
        """Forget a model, or what has come of it; gives the bytes that became free. A file used where it is stays.

        Raises `UnknownModel`, and `ModelUnusable` while it is being fetched.
        """
        freed = self.interrupted().get(name)
        here = self._has(name)
        if freed is None and not here:
            raise self.unknown(name)
        with writing(self.folder):
            self.forget(name)
            own = (*self._own_folder(name), self.folder / f"{name}.gguf", self.folder / f"{name}.json")
            return (freed or 0) + (clear(own, self._partial / name) if here else 0)

    def forget(self, name: str) -> None:
        """Throw away what has come of an unfinished fetch. Raises `ModelUnusable` while it is being fetched."""
        if (self._partial / name).is_dir():
            with only_one(self._partial / name / "lock", name):
                shutil.rmtree(self._partial / name, ignore_errors=True)

    def name_for(self, wanted: str) -> str:
        """What it will be called: the catalogue's name, or the shortest that no model from elsewhere has."""
        choices, at = ((wanted,), "") if wanted in catalog() else (suggest_names(wanted), recorded(wanted))
        free = (name for name in choices if (here := self._sound(name)) is None or same(at, here.source))
        return next(free, choices[0])

    def unknown(self, name: str) -> UnknownModel:
        """The error for a name that is none of ours, with what it may have been meant for."""
        if name in catalog():
            remedy = f"Fetch it: landbridge models pull {name}"
        else:
            near = difflib.get_close_matches(name, sorted({*self.names(), *catalog()}), n=3, cutoff=0.5)
            remedy = f"Did you mean {' or '.join(near)}?" if near else "'landbridge models list' shows them."
        return UnknownModel(f"There is no local model '{name}'.", remedy=remedy)

    # -- inside --------------------------------------------------------------------------------------------------------

    def _sound(self, name: str) -> LocalModel | None:
        """The model of that name, if its file is sound."""
        try:
            return self.find(name) if is_name(name) else None
        except ModelUnusable:
            return None

    def _whole(self, name: str, sources: tuple[str, ...] | None) -> LocalModel | None:
        """The sound model of that name. Raises `ConfigFault` if it is from none of `sources`."""
        model = self._sound(name)
        if model is not None and sources is not None and not any(same(each, model.source) for each in sources):
            raise ConfigFault(
                f"There is a model '{name}' already, from {model.source}.",
                remedy=f"Choose another name with --name, or remove that one: landbridge models rm {name}",
            )
        return model

    def _keep(self, name: str, arrival: Arrival, entry: Entry | None) -> LocalModel:
        """Take it in. The manifest is first: without its file it counts for nothing, and a file is never without it."""
        several = len(arrival.all_files) > 1 and not arrival.in_place
        manifest = Manifest(
            source=arrival.source,
            size=arrival.facts.file_size,
            sha256=arrival.sha256,
            path=str(arrival.path) if arrival.in_place else "",
            files=tuple(file.name for file in arrival.files) if several else (),
            projector=arrival.projector.name if arrival.projector is not None else "",
            licence=entry.licence if entry is not None else "",
        )
        aside = self._partial / name
        target = self.folder / name if several else self.folder / f"{name}.gguf"
        own = self._own_folder(name)
        if several and not own and there(target):
            raise ConfigFault(
                f"{target} is there already, and is no model of the library's.",
                remedy="Move it away and run the same command again, or choose another name with --name.",
            )
        # What has the name is of no use: it is damaged, or this would not be here.
        clear((*own, *([self.folder / f"{name}.gguf"] if several else ())), aside)
        write(manifest, self.folder / f"{name}.json", aside / "manifest.json")
        if not arrival.in_place:
            put(arrival.all_files, target, aside)
        return self._added(name)

    def _added(self, name: str) -> LocalModel:
        model = self.find(name)
        assert model is not None, "it was just added"
        return model

    def _own_folder(self, name: str) -> tuple[Path, ...]:
        """The folder of a model in several files; not one that somebody has made there, with none of them."""
        try:
            manifest = self._manifest(name) if is_name(name) else None
        except ModelUnusable:
            return ()
        folder = self.folder / name
        return (folder,) if manifest is not None and any(there(folder / file) for file in manifest.files) else ()

    def _has(self, name: str) -> bool:
        """Whether there is such a model; the other models' manifests are left alone."""
        files, manifests = stems(self.folder)
        return name in files or (name in manifests and self._stands_alone(name))

    def _stands_alone(self, name: str) -> bool:
        """Whether a manifest without a file is a model: one used where it is, or in several files.

        Else it is the trace of a fetch that was killed at its very end.
        """
        try:
            manifest = self._manifest(name)
        except ModelUnusable:
            return True  # it is shown, so that somebody sees the damage
        return manifest is not None and (
            bool(manifest.path) or (bool(manifest.files) and (self.folder / name).is_dir())
        )

    def _manifest(self, name: str) -> Manifest | None:
        return read(self.folder / f"{name}.json")

    def _read_elsewhere(self, name: str, manifest: Manifest) -> Facts:
        """The facts of somebody else's file, which may be gone one day."""
        path = Path(manifest.path)
        if there(path):
            return self._read(path)
        whose = f"{manifest.tool}'s " if manifest.tool else ""
        raise ModelUnusable(
            f"The file of '{name}' ({whose}{path}) is not there any more.",
            remedy=f"Bring it back, or forget it: landbridge models rm {name}",
        )

    def _read(self, path: Path) -> Facts:
        """The file's facts, read again only when it has changed."""
        mark = stamp(path)
        known = self._facts.get(path)
        if known is None or known[0] != mark:
            known = self._facts[path] = (mark, read_model(path))
        return known[1]
