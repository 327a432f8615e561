"""Ollama's store: a manifest a model, naming blobs by their sha256.

    manifests/registry.ollama.ai/library/llama3.2/3b     {"layers": [{"mediaType": ..., "digest": ..., "size": ...}]}
    blobs/sha256-<hex>                                    the GGUF file, the projector, the licence, the parameters

Its template layer is in Go's template language, which llama.cpp does not read: the GGUF file's own is used.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from .pieces import there

SERVICE = Path("/usr/share/ollama/.ollama/models")
"""Where it keeps them if it runs as a service of the system."""
_KIND = re.compile(r"application/vnd\.ollama\.image\.(\w+)")
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
LICENCE_BYTES = 4096


class Blobs(Struct, frozen=True):
    """A model of Ollama's."""

    label: str
    """What Ollama calls it: `llama3.2:3b`."""
    names: tuple[str, ...]
    """Names for it without a colon, the shortest first."""
    path: Path
    size: int
    sha256: str
    projector: Path | None = None
    licence: str = ""
    """Its first line."""
    context: int = 0
    """Tokens its parameters say; 0: they do not."""
    adapted: bool = False
    """Whether an adapter (LoRA) belongs to it."""


class _Layer(Struct, rename="camel"):
    media_type: str = ""
    digest: str = ""
    size: int = 0


class _Manifest(Struct):
    layers: list[_Layer] = []


class _Params(Struct):
    num_ctx: int = 0


def ollama_models(env: Mapping[str, str], home: Path) -> Iterator[Blobs]:
    """The models of every store there is."""
    stores = [env.get("OLLAMA_MODELS") or "", str(home / ".ollama" / "models"), str(SERVICE)]
    for store in dict.fromkeys(Path(each) for each in stores if each):
        for folder in ("manifests", "manifests-v2"):
            for path in _files(store / folder):
                words = path.relative_to(store / folder).parts
                model = _read(path, words, store) if len(words) >= 3 else None
                if model is not None:
                    yield model


def _read(path: Path, words: tuple[str, ...], store: Path) -> Blobs | None:
    """What a manifest names; None for what is no manifest, or of a model that is not in GGUF."""
    try:
        layers = msgspec.json.decode(path.read_bytes(), type=_Manifest).layers
    except (OSError, msgspec.DecodeError):
        return None
    of_kind: dict[str, list[_Layer]] = {}
    for layer in layers:
        kind = _KIND.match(layer.media_type)
        if kind is not None and _DIGEST.fullmatch(layer.digest):
            of_kind.setdefault(kind[1], []).append(layer)
    weights = of_kind.get("model", [])
    if len(weights) != 1:
        return None
    eyes = of_kind.get("projector", [])
    model, tag = words[-2], words[-1]
    return Blobs(
        label=_label(words),
        names=(model, f"{model}-{tag}") if tag == "latest" else (f"{model}-{tag}",),
        path=_blob(store, weights[0]),
        size=weights[0].size,
        sha256=weights[0].digest.removeprefix("sha256:"),
        projector=_blob(store, eyes[0]) if eyes else None,
        licence=_first_line(store, of_kind.get("license", [])),
        context=_context(store, of_kind.get("params", [])),
        adapted="adapter" in of_kind,
    )


def _label(words: tuple[str, ...]) -> str:
    """As `ollama list` has it: what is usual is left out."""
    place = "/".join(words[:-1]).removeprefix("registry.ollama.ai/").removeprefix("library/")
    return f"{place}:{words[-1]}"


def _blob(store: Path, layer: _Layer) -> Path:
    path = store / "blobs" / layer.digest.replace(":", "-")
    older = store / "blobs" / layer.digest
    return older if not there(path) and there(older) else path


def _first_line(store: Path, layers: list[_Layer]) -> str:
    for layer in layers[:1]:
        try:
            with _blob(store, layer).open("rb") as file:
                text = file.read(LICENCE_BYTES).decode("utf-8", "replace")
        except OSError:
            return ""
        return next((line.strip()[:100] for line in text.splitlines() if line.strip()), "")
    return ""


def _context(store: Path, layers: list[_Layer]) -> int:
    for layer in layers[:1]:
        try:
            return msgspec.json.decode(_blob(store, layer).read_bytes(), type=_Params).num_ctx
        except (OSError, msgspec.DecodeError):
            return 0
    return 0


def _files(folder: Path) -> Iterator[Path]:
    for place, below, names in os.walk(folder):
        below.sort()
        yield from (Path(place) / name for name in sorted(names))
