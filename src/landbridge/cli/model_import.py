"""`landbridge models import`: models that other programs have here already, or that lie in a folder, used in place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from . import show
from .ask import somebody, which
from .context import AsJson, ConfigFile, DataDir, places
from .progress import size_text
from .tables import print_table

if TYPE_CHECKING:
    from ..manage.model_import import Offer


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
    from ..manage import model_import as importing

    library = Library(places(config, data_dir).data_dir / "models")
    found, named = importing.find(what, os.environ, Path.home())
    offers = importing.offers(library, found, name)
    chosen = [importing.named(word, offers) for word in named] if named else _choose(offers, every, as_json)
    imported = [importing.adopt(library, offer).name for offer in chosen]
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


def _choose(offers: list[Offer], every: bool, as_json: bool) -> list[Offer]:
    """Those to import, where none was named."""
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
