"""Models that other programs have on this machine already, so that nobody fetches them twice. Nothing is changed there.

Ollama keeps blobs with manifests (`ollama.py`). The others keep GGUF files in folders: LM Studio, the Hugging Face
cache, llama.cpp's own downloads; and so does whoever keeps a folder of models.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from .ollama import ollama_models
from .sources import plain_name
from .sources.variants import HubFile, Variant, base_of, label_of, projector, variants

DEEPEST = 8
"""Folders below the one that is looked into."""
MOST = 5000
"""Folders that are looked into."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Found(Struct, frozen=True):
    """A model somebody else has."""

    tool: str
    """Whose it is; empty: it lies in a folder."""
    label: str
    """What it is called there."""
    path: Path
    """The file, or the first piece."""
    size: int
    """Bytes of all pieces."""
    names: tuple[str, ...]
    """What it may be called here, the shortest first."""
    projector: Path | None = None
    sha256: str = ""
    """Where the tool knows it."""
    licence: str = ""
    note: str = ""
    """What the user should know."""


def find_all(env: Mapping[str, str], home: Path) -> list[Found]:
    """The models of all programs we know of, each once."""
    found: list[Found] = []
    for model in ollama_models(env, home):
        note = f"Ollama gave it a context of {model.context} tokens" if model.context else ""
        found.append(
            Found(
                tool="Ollama",
                label=model.label,
                path=model.path,
                size=model.size,
                names=tuple(map(plain_name, model.names)),
                projector=model.projector,
                sha256=model.sha256,
                licence=model.licence,
                note="its adapter is left out" if model.adapted else note,
            )
        )
    for folder in _lm_studio(env, home):
        found += find_in(folder, "LM Studio")
    found += _hub_cache(env, home)
    for folder in _llama_cpp(env, home):
        found += find_in(folder, "llama.cpp")
    return list(_once(found))


def find_in(folder: Path, tool: str = "") -> list[Found]:
    """The GGUF models in a folder and below it."""
    found: list[Found] = []
    for place, names in _folders(folder):
        files = [HubFile(name, _size(place / name)) for name in names]
        among = variants(files)
        found += [_of_file(place, variant, _eyes(among, files, variant), folder, tool) for variant in among]
    return list(_once(found))


def name_for(found: Found, taken: Collection[str]) -> str:
    """What to call it here."""
    for name in found.names:
        if name not in taken:
            return name
    longest = found.names[-1]
    return next(name for number in range(2, len(taken) + 3) if (name := f"{longest}-{number}") not in taken)


def _of_file(place: Path, variant: Variant, eyes: HubFile | None, top: Path, tool: str) -> Found:
    path = place / variant.files[0].name
    stem = re.sub(r"-\d{5}-of-\d{5}$", "", path.stem)
    stem = re.sub(r"^.*[-_]gguf_(?=.)", "", stem, flags=re.IGNORECASE)  # llama.cpp's cache: org_repo-GGUF_file
    names = (plain_name(base_of(stem)), plain_name(stem))
    where = place.relative_to(top).as_posix()
    label = f"{where}/{path.name}" if where != "." else path.name
    return Found(
        tool=tool,
        label=label,
        path=path,
        size=variant.size,
        names=names if label_of(stem) else names[1:],
        projector=place / eyes.name if eyes is not None else None,
    )


def _eyes(among: tuple[Variant, ...], files: list[HubFile], variant: Variant) -> HubFile | None:
    """The projector that lies beside a model, if it is this model's beyond doubt."""
    name = variant.files[0].name
    heads = {file: file.name[: file.name.lower().find("mmproj")] for file in files if "mmproj" in file.name.lower()}
    alone = len({base_of(each.files[0].name) for each in among}) == 1
    return projector(file for file, head in heads.items() if (name.startswith(head) if head else alone))


def _lm_studio(env: Mapping[str, str], home: Path) -> Iterator[Path]:
    homes = [home / ".lmstudio", home / ".cache" / "lm-studio"]
    pointed = _text(home / ".lmstudio-home-pointer").strip()
    if pointed:
        homes.insert(0, Path(pointed))
    for each in dict.fromkeys(homes):
        yield each / "models"
        try:
            chosen = msgspec.json.decode(_text(each / "settings.json"), type=_Settings).downloads_folder
        except msgspec.DecodeError:
            continue
        if chosen:
            yield Path(chosen)


class _Settings(Struct, rename="camel"):
    downloads_folder: str = ""


def _hub_cache(env: Mapping[str, str], home: Path) -> list[Found]:
    """Snapshots are folders of links; what `refs/main` names is the newest."""
    cache = Path(env.get("XDG_CACHE_HOME") or home / ".cache") / "huggingface"
    top = Path(env.get("HF_HUB_CACHE") or Path(env.get("HF_HOME") or cache) / "hub")
    found: list[Found] = []
    for place in sorted(top.glob("models--*")):
        repository = place.name.removeprefix("models--").replace("--", "/")
        newest = _text(place / "refs" / "main").strip()
        snapshots = sorted(place.glob("snapshots/*"), key=lambda each: (each.name != newest, each.name))
        for snapshot in snapshots:
            for model in find_in(snapshot, "Hugging Face cache"):
                label = label_of(model.path.name)
                names = (
                    plain_name(repository),
                    plain_name(f"{plain_name(repository)}-{label}") if label else model.names[-1],
                )
                digest = model.path.resolve().name
                found.append(
                    msgspec.structs.replace(
                        model,
                        label=f"{repository}:{label}" if label else f"{repository}:{model.label}",
                        names=names,
                        sha256=digest if _SHA256.fullmatch(digest) and "-of-" not in model.path.name else "",
                    )
                )
    return found


def _llama_cpp(env: Mapping[str, str], home: Path) -> Iterator[Path]:
    if env.get("LLAMA_CACHE"):
        yield Path(env["LLAMA_CACHE"])
    yield Path(env.get("XDG_CACHE_HOME") or home / ".cache") / "llama.cpp"
    yield home / "Library" / "Caches" / "llama.cpp"


def _folders(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Folders with GGUF files in them; links to folders are not followed."""
    top = str(folder)
    for number, (place, below, names) in enumerate(os.walk(top)):
        below.sort()
        if place.removeprefix(top).count(os.sep) >= DEEPEST:
            below.clear()
        if number >= MOST:
            return
        models = [name for name in names if name.lower().endswith(".gguf")]
        if models:
            yield Path(place), models


def _once(found: Iterable[Found]) -> Iterator[Found]:
    """The same file is the same model, by whatever way it was found."""
    seen: set[Path] = set()
    for model in found:
        real = model.path.resolve()
        if real not in seen:
            seen.add(real)
            yield model


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # a link that leads nowhere


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")[:100_000]
    except OSError:
        return ""
