"""Searching for models: what is here, in the catalogue and with other programs, and the repositories of the hub."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from ..errors import ConfigFault, GatewayError

if TYPE_CHECKING:
    from ..engines.library import Library
    from ..engines.sources.hub import Hit


class Near(Struct, frozen=True):
    """A model that is here, or known by name."""

    name: str
    state: Literal["installed", "available", "to import"]
    about: str
    """The program that has it, or what it is."""


class Repository(Struct, frozen=True):
    """One of the hub's."""

    repository: str
    source: str
    """To be pulled."""
    downloads: int
    likes: int
    updated: str
    parameters: int
    gated: bool
    """Whether one must accept its terms."""
    quantizations: list[str]


class Search(Struct, frozen=True):
    """What was found."""

    here: list[Near]
    hub: list[Repository]
    trouble: str = ""
    """Why the hub could not be asked."""


def check_words(words: Iterable[str], limit: int) -> None:
    """Raise `ConfigFault` where there is nothing to search for."""
    if not any(word.strip() for word in words) or limit < 1:
        raise ConfigFault("There is nothing to search for.", remedy="Say words: landbridge models search qwen coder")


def search(
    library: Library, words: tuple[str, ...], limit: int, env: Mapping[str, str], home: Path, *, hub: bool = True
) -> Search:
    """What the words find; without the hub, where it is not wanted or not there, the rest all the same."""
    from ..engines.sources.hub import search as ask

    check_words(words, limit)
    found, trouble = near(library, words, env, home), ""
    hits: list[Hit] = []
    try:
        hits = ask(" ".join(words), limit) if hub else []
    except GatewayError as fault:
        trouble = fault.text
    return Search(found, [_repository(hit) for hit in hits], trouble)


def near(library: Library, words: tuple[str, ...], env: Mapping[str, str], home: Path) -> list[Near]:
    """What the library, other programs and the catalogue have."""
    from ..engines.catalog import catalog
    from ..engines.elsewhere import find_all

    def fitting(text: str) -> bool:
        return all(word.lower() in text.lower() for each in words for word in each.split())

    mine = [Near(name, "installed", "") for name in library.names() if fitting(name)]
    here = {row.name for row in mine}
    known = [
        Near(name, "available", f"{entry.title}. {entry.note}")
        for name, entry in catalog().items()
        if name not in here and fitting(f"{name} {entry.title}")
    ]
    used = {model.path for model in library.sound()}
    theirs = [
        Near(found.label, "to import", found.tool)
        for found in find_all(env, home)
        if found.path not in used and fitting(f"{found.label} {' '.join(found.names)}")
    ]
    return mine + theirs + known


def _repository(hit: Hit) -> Repository:
    from ..engines.sources.variants import HubFile, variants

    return Repository(
        repository=hit.name,
        source=f"hf:{hit.name}",
        downloads=hit.downloads,
        likes=hit.likes,
        updated=hit.updated,
        parameters=hit.parameters,
        gated=hit.gated,
        quantizations=[variant.label for variant in variants(HubFile(name) for name in hit.files)],
    )
