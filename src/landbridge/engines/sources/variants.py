"""Which file of a repository is meant: its GGUF files as variants of a model, by quantisation. Pure.

A variant is one file, or the pieces of one (`-00001-of-00003`). Its label is the quantisation its name carries
(`Q4_K_M`, `UD-Q4_K_XL`, `F16`); where several share one, or none is to be seen, the file's own name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from ...errors import ConfigFault
from ..pieces import piece_of

PREFERRED = (
    "Q4_K_M",
    "Q4_K_S",
    "UD-Q4_K_XL",
    "Q4_K_L",
    "IQ4_XS",
    "IQ4_NL",
    "Q4_0",
    "Q4_1",
    "MXFP4",
    "Q5_K_M",
    "Q5_K_S",
)
"""Quantisations taken where none is named, best first: small, and hardly worse than the whole model."""
_LABEL = re.compile(
    r"(?<![a-z0-9])((?:ud-)?(?:i?q|tq)\d(?:_[a-z0-9]+)*|bf16|fp?16|fp?32|mxfp4(?:_moe)?|nvfp4)(?![a-z0-9])",
    re.IGNORECASE,
)
_OTHERS = ("mmproj", "imatrix")
"""In the names of GGUF files that are no models by themselves."""
MOST_NAMED = 12
"""Choices that are listed in a message."""


class HubFile(Struct, frozen=True):
    """A file of a repository."""

    name: str
    size: int = 0
    sha256: str = ""
    """Empty where the hub does not say it."""


class Variant(Struct, frozen=True):
    """The same model in one quantisation."""

    label: str
    files: tuple[HubFile, ...]
    """In their order; the engine is given the first."""

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def label_of(name: str) -> str:
    """The quantisation a file's name carries, as people write it; empty if none."""
    for part in reversed(name.removesuffix(".gguf").split("/")):  # the folder may say it: UD-Q4_K_XL/model.gguf
        found = _LABEL.findall(part)
        if found:
            return str(found[-1]).upper().replace("FP16", "F16").replace("FP32", "F32")
    return ""


def base_of(name: str) -> str:
    """A file's name without its quantisation: what the model is called."""
    last = name.removesuffix(".gguf").rsplit("/", 1)[-1]
    return _LABEL.sub("", last).strip("-_. ") or last


def variants(files: Iterable[HubFile]) -> tuple[Variant, ...]:
    """The models among the files, smallest first. One with a piece missing is none."""
    groups: dict[tuple[str, int], list[HubFile]] = {}
    for file in sorted(files, key=lambda file: file.name):
        stem, _, count = piece_of(file.name) or (file.name[: -len(".gguf")], 1, 1)
        if file.name.lower().endswith(".gguf") and not any(word in stem.lower() for word in _OTHERS):
            groups.setdefault((stem, count), []).append(file)
    whole = {stem: group for (stem, count), group in groups.items() if len(group) == count}
    labels = {stem: label_of(stem) for stem in whole}
    shared = Counter(labels.values())
    found = [
        Variant(label if (label := labels[stem]) and shared[label] == 1 else stem, tuple(group))
        for stem, group in whole.items()
    ]
    return tuple(sorted(found, key=lambda variant: (variant.size, variant.label)))


def projector(files: Iterable[HubFile]) -> HubFile | None:
    """The file with which the model sees pictures; of several the one with the usual precision."""
    found = [file for file in files if "mmproj" in file.name.lower() and file.name.lower().endswith(".gguf")]
    order = ("F16", "BF16", "Q8_0", "", "F32")
    return min(
        found,
        key=lambda file: (order.index(label) if (label := label_of(file.name)) in order else len(order), file.name),
        default=None,
    )


def choose(among: tuple[Variant, ...], repository: str, quantisation: str) -> Variant:
    """The one meant: by its file's whole name, its label, or a part of its name; the best if nothing is said.

    Raises `ConfigFault` that lists the choices.
    """
    if not among:
        raise ConfigFault(f"'{repository}' has no GGUF model.", remedy="Choose a repository with GGUF files.")
    found = _named(among, quantisation) if quantisation else _best(among)
    if len(found) == 1:
        return found[0]
    several = f"several models{f' for {quantisation}' if quantisation else ''}"
    choices = ", ".join(variant.label for variant in found or among[:MOST_NAMED])
    raise ConfigFault(
        f"'{repository}' has {several if found else f'no model for {quantisation}'}: {choices}.",
        remedy=f"Say which: hf:{repository}:{(found or among)[0].label}, for example.",
    )


def _named(among: tuple[Variant, ...], wanted: str) -> list[Variant]:
    low = wanted.lower()
    tests = (
        lambda variant: any(file.name == wanted for file in variant.files),
        lambda variant: variant.label.lower() == low,
        lambda variant: label_of(variant.files[0].name).lower() == low,
        lambda variant: low in variant.files[0].name.lower(),
    )
    for test in tests:
        if found := [variant for variant in among if test(variant)]:
            return found
    return []


def _best(among: tuple[Variant, ...]) -> list[Variant]:
    """The preferred quantisation, else the one nearest to it; several if more than one model has it."""
    labels = {variant: label_of(variant.files[0].name) for variant in among}
    for label in PREFERRED:
        if found := [variant for variant in among if labels[variant] == label]:
            return found
    nearest = min(map(_distance, labels.values()))
    found = [variant for variant in among if _distance(labels[variant]) == nearest]
    alike = {labels[variant] for variant in found}
    return found if len(alike) == 1 else [found[-1]]


def _distance(label: str) -> tuple[int, bool]:
    """How far from four bits a weight, more bits rather than fewer; what says nothing is farthest."""
    bits = re.search(r"\d+", label)
    return (abs(int(bits[0]) - 4), int(bits[0]) < 4) if bits else (99, False)
