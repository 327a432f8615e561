"""`landbridge models import`: models that other programs have here already, or that lie in a folder, used in place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from msgspec import Struct

from . import show
from .ask import somebody, which
from .context import AsJson, ConfigFile, DataDir, places
from .progress import size_text
from .tables import print_table

if TYPE_CHECKING:
    from ..engines.elsewhere import Found
    from ..engines.facts import Facts
    from ..engines.library import Library


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


def import_models(
    *what: str,
    every: Annotated[
        bool, Parameter(name="--all", negative=(), help="Import all of them, without a question.")
    ] = False,
    name: Annotated[str, Parameter(help="What to call it, where it is one.")] = "",
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Use models that are on this machine already, where they are: nothing is copied, and nothing changed there.

    Looks into the folders of Ollama, LM Studio, llama.cpp and Hugging Face's cache, or into those that are named.

    Parameters
    ----------
    what
        Files, folders, or names from the table. Without any, everything that is found is shown.
    """
    from ..engines.library import Library

    library = Library(places(config, data_dir).data_dir / "models")
    found, named = _find(what)
    offers = _offers(library, found, name)
    chosen = _choose(offers, named, every, what, as_json)
    imported = [library.adopt(offer.name, _manifest(offer)).name for offer in chosen]
    if as_json:
        show.print_json([_row(offer, offer.name in imported) for offer in offers])
    elif imported:
        for offer in chosen:
            print(f"{offer.name} is ready, used where it is ({offer.found.path}).")
            if offer.found.note:
                print(f"  {offer.found.note}.")
    elif offers and every:
        print("Nothing is new: what was found is here already, or unusable.")
    elif offers and not somebody():
        print("\n'landbridge models import NAME...' imports some of them, '--all' all.")
    elif not offers:
        print("No models were found." if what else "No other program's models were found; a folder can be named.")
    return 0


def _find(what: tuple[str, ...]) -> tuple[list[Found], list[str]]:
    """What is there to choose from, and the names that were chosen. Raises `ConfigFault`."""
    from ..engines.elsewhere import find_all, find_in
    from ..errors import ConfigFault

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
        found = find_all(os.environ, Path.home()) if len(named) == len(what) else []
    return found, named


def _file(path: Path) -> Found:
    """One file, with the eyes that lie beside it."""
    from ..engines.elsewhere import Found, find_in
    from ..engines.sources import plain_name

    for found in find_in(path.parent):
        if found.path == path:
            return found
    return Found("", path.name, path, path.stat().st_size, (plain_name(path.name),))


def _offers(library: Library, found: list[Found], name: str) -> list[Offer]:
    from ..engines.elsewhere import name_for
    from ..engines.pieces import read_model
    from ..errors import ConfigFault, ModelUnusable

    if name and len(found) > 1:
        raise ConfigFault(f"{len(found)} models cannot all be called '{name}'.", remedy="Name one file.")
    here = {model.path: model.name for model in library.sound()}
    taken = set(library.names())
    offers: list[Offer] = []
    for each in found:
        if each.path in here:
            offers.append(Offer(here[each.path], each, None, f"here as {here[each.path]}"))
            continue
        chosen = name or name_for(each, taken)
        try:
            facts, state = read_model(each.path), "new"
            taken.add(chosen)
        except ModelUnusable as fault:
            facts, state = None, f"unusable: {fault.message}"
        offers.append(Offer(chosen, each, facts, state))
    return offers


def _choose(offers: list[Offer], named: list[str], every: bool, what: tuple[str, ...], as_json: bool) -> list[Offer]:
    """Those to import. Raises `ConfigFault` for a name that is none, `ModelUnusable` for one that cannot be used."""
    if named:
        return [_named(word, offers) for word in named]
    new = [offer for offer in offers if offer.new]
    if every:
        return new
    if as_json or not offers:
        return []
    _print(offers)
    if not new or not somebody():
        return []
    rows = which("Which ones (numbers or names, 'all', or nothing)?", [offer.name for offer in offers])
    return [offers[row] for row in rows if offers[row].new]


def _named(word: str, offers: list[Offer]) -> Offer:
    from ..errors import ConfigFault, ModelUnusable

    for offer in offers:
        if word in (offer.name, offer.found.label, str(offer.found.path)):
            if offer.new:
                return offer
            if offer.state.startswith("here"):
                raise ConfigFault(f"{offer.found.label} is {offer.state} already.", remedy="Use that name.")
            raise ModelUnusable(offer.state.removeprefix("unusable: "), remedy="Choose another one.")
    raise ConfigFault(f"No model '{word}' was found.", remedy="'landbridge models import' shows what there is.")


def _manifest(offer: Offer) -> Any:
    from ..engines.manifest import Manifest

    found = offer.found
    return Manifest(
        source=str(found.path),
        size=offer.facts.file_size if offer.facts is not None else found.size,
        sha256=found.sha256,
        path=str(found.path),
        projector=str(found.projector) if found.projector is not None else "",
        tool=found.tool,
        licence=found.licence,
    )


def _print(offers: list[Offer]) -> None:
    rows = [
        (str(number), *_cells(offer), offer.state, " ".join(filter(None, (offer.found.tool, offer.found.label))))
        for number, offer in enumerate(offers, start=1)
    ]
    columns = ("", "MODEL", "SIZE", "QUANT", "CONTEXT", "STATE", "FROM")
    print_table(columns, rows, numbers=("", "SIZE", "CONTEXT"), last=("STATE", "FROM"))


def _cells(offer: Offer) -> tuple[str, ...]:
    facts = offer.facts
    if facts is None:
        return offer.name, size_text(offer.found.size), "", ""
    return offer.name, size_text(offer.found.size), facts.quantization, str(facts.context_length or "")


def _row(offer: Offer, imported: bool) -> dict[str, Any]:
    found = offer.found
    return {
        "name": offer.name,
        "tool": found.tool,
        "label": found.label,
        "path": str(found.path),
        "size": found.size,
        "projector": str(found.projector) if found.projector is not None else "",
        "state": "imported" if imported and offer.new else offer.state,
        "note": found.note,
    }
