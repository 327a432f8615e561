"""Which quantisation of a repository: a table with sizes and whether each fits, and a question; or the usual one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import show
from .ask import somebody, which
from .progress import size_text
from .tables import print_table

if TYPE_CHECKING:
    from ..config import Config
    from ..engines.library import Library
    from ..manage.quantisations import Offer, Quantisation

ALL = 30
"""Rows of the table; a repository with more has them by name."""


def quantised(source: str, library: Library, config: Config) -> str:
    """`source`, and where it is a repository without a quantisation, with one. Raises `GatewayError` kinds."""
    from ..manage.quantisations import offer, settled, usual

    if settled(source, library):
        return source
    offered = offer(source, library, config)
    among = offered.quantisations
    if len(among) > 1 and somebody():
        return _ask(offered).source
    chosen = usual(offered)
    if len(among) > 1:
        others = ", ".join(each.label for each in among if each is not chosen)
        show.say(f"taking {chosen.label} ({size_text(chosen.size)}) of {offered.repository}; it also has {others}.")
    return chosen.source


def _ask(offered: Offer) -> Quantisation:
    from ..errors import ConfigFault

    among = offered.quantisations[:ALL]
    best = next((each for each in among if each.begun), None) or next((each for each in among if each.usual), None)
    rows = []
    for number, each in enumerate(among, start=1):
        note = "begun" if each.begun else "usual" if each is best else ""
        files = f"{each.files} files" if each.files > 1 else ""
        rows.append((str(number), each.label, size_text(each.size), each.fit.fits, note or files))
    print_table(("", "QUANT", "SIZE", "FITS", ""), rows, numbers=("", "SIZE"))
    if offered.projector:
        eyes = f"{offered.projector} ({size_text(offered.projector_size)})"
        show.say(f"{eyes}, with which it sees pictures, comes with each.")
    names = [each.label for each in among]
    hint = f" [{best.label}]" if best is not None else ""
    chosen = which(f"Which one{hint}?", names, names.index(best.label) if best is not None else None)
    if len(chosen) != 1:
        raise ConfigFault("Nothing was chosen.", remedy=f"Say which: hf:{offered.repository}:{names[0]}, for example.")
    return among[chosen[0]]
