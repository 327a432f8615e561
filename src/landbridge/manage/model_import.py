"""Models that other programs have here already, or that lie in a folder: used in place, nothing is copied."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from ..errors import ConfigFault, ModelUnusable

if TYPE_CHECKING:
    from ..engines.elsewhere import Found
    from ..engines.facts import Facts
    from ..engines.library import Library, LocalModel


class Offer(Struct, frozen=True):
    """A model that could be imported."""

    name: str
    found: Found
    facts: Facts | None
    state: str
    """`new`, `here as NAME`, or why it cannot be used."""

    @property
    def new(self) -> bool:
        """Whether it can be imported."""
        return self.state == "new"


def find(what: tuple[str, ...], env: Mapping[str, str], home: Path) -> tuple[list[Found], list[str]]:
    """What is there to choose from, and the names that were chosen. Raises `ConfigFault`."""
    from ..engines.elsewhere import find_all, find_in

    found: list[Found] = []
    named: list[str] = []
    for word in what:
        path = Path(word).expanduser().absolute()
        if path.is_dir():
            found += find_in(path)
        elif path.is_file():
            found.append(_file(path))
            named.append(str(path))
        elif "/" in word or word.endswith(".gguf"):
            raise ConfigFault(f"There is no file or folder {path}.", remedy="Check the path.")
        else:
            named.append(word)
    if not found:
        found = find_all(env, home) if len(named) == len(what) else []
    return found, named


def _file(path: Path) -> Found:
    """One file, with the eyes that lie beside it."""
    from ..engines.elsewhere import Found, find_in
    from ..engines.sources import plain_name

    for found in find_in(path.parent):
        if found.path == path:
            return found
    return Found("", path.name, path, path.stat().st_size, (plain_name(path.name),))


def offers(library: Library, found: list[Found], name: str = "") -> list[Offer]:
    """What was found, and whether it can be used; with one file, what to call it. Raises `ConfigFault`."""
    from ..engines.elsewhere import name_for
    from ..engines.pieces import read_model

    if name and len(found) > 1:
        raise ConfigFault(f"{len(found)} models cannot all be called '{name}'.", remedy="Name one file.")
    here = {model.path: model.name for model in library.sound()}
    taken = set(library.names())
    made: list[Offer] = []
    for each in found:
        if each.path in here:
            made.append(Offer(here[each.path], each, None, f"here as {here[each.path]}"))
            continue
        chosen = name or name_for(each, taken)
        try:
            facts, state = read_model(each.path), "new"
            taken.add(chosen)
        except ModelUnusable as fault:
            facts, state = None, f"unusable: {fault.message}"
        made.append(Offer(chosen, each, facts, state))
    return made


def named(word: str, among: list[Offer]) -> Offer:
    """The one that is called so. Raises `ConfigFault` for a name that is none, `ModelUnusable` for one without use."""
    for offer in among:
        if word in (offer.name, offer.found.label, str(offer.found.path)):
            if offer.new:
                return offer
            if offer.state.startswith("here"):
                raise ConfigFault(f"{offer.found.label} is {offer.state} already.", remedy="Use that name.")
            raise ModelUnusable(offer.state.removeprefix("unusable: "), remedy="Choose another one.")
    raise ConfigFault(f"No model '{word}' was found.", remedy="'landbridge models import' shows what there is.")


def adopt(library: Library, offer: Offer) -> LocalModel:
    """Take it in; its file stays where it is."""
    from ..engines.manifest import Manifest

    found = offer.found
    manifest = Manifest(
        source=str(found.path),
        size=offer.facts.file_size if offer.facts is not None else found.size,
        sha256=found.sha256,
        path=str(found.path),
        projector=str(found.projector) if found.projector is not None else "",
        tool=found.tool,
        licence=found.licence,
    )
    return library.adopt(offer.name, manifest)
