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
    from ..engines.sources.hub import Repository
    from ..engines.sources.variants import Variant

ALL = 30
"""Rows of the table; a repository with more has them by name."""


def quantised(source: str, library: Library, config: Config) -> str:
    """`source`, and where it is a repository without a quantisation, with one. Raises `GatewayError` kinds."""
    from ..engines.sources import parts, same

    repository, quantisation, revision = parts(source)
    if quantisation or not source.startswith("hf:") or any(same(source, model.source) for model in library.sound()):
        return source
    from ..engines.sources.hub import look
    from ..engines.sources.variants import choose, variants

    found = look(repository, revision)
    among = variants(found.files)
    at = f"@{revision}" if revision else ""

    def named(variant: Variant) -> str:
        return f"hf:{repository}:{variant.label}{at}"

    begun = next((variant for variant in among if library.begun(named(variant))), None)
    if len(among) > 1 and somebody():
        return named(_ask(found, among[:ALL], begun, config))
    chosen = begun or choose(among, repository, "")
    if len(among) > 1:
        others = ", ".join(variant.label for variant in among if variant is not chosen)
        show.say(f"taking {chosen.label} ({size_text(chosen.size)}) of {repository}; it also has {others}.")
    return named(chosen)


def _ask(found: Repository, among: tuple[Variant, ...], begun: Variant | None, config: Config) -> Variant:
    from ..engines.sources.variants import choose, projector
    from ..errors import ConfigFault
    from .fits import fitter, guessed

    try:
        best = begun or choose(among, found.name, "")
    except ConfigFault:  # several models in one repository: nobody can say which is meant
        best = None
    fits, eyes = fitter(config), projector(found.files)
    beside = eyes.size if eyes is not None else 0
    rows = []
    for number, variant in enumerate(among, start=1):
        facts = guessed(variant.size, found.parameters, found.architecture, found.context_length)
        note = "begun" if variant is begun else "usual" if variant is best else ""
        files = f"{len(variant.files)} files" if len(variant.files) > 1 else ""
        rows.append((str(number), variant.label, size_text(variant.size), fits("", facts, beside), note or files))
    print_table(("", "QUANT", "SIZE", "FITS", ""), rows, numbers=("", "SIZE"))
    if eyes is not None:
        show.say(f"{eyes.name} ({size_text(eyes.size)}), with which it sees pictures, comes with each.")
    names = [variant.label for variant in among]
    hint = f" [{best.label}]" if best is not None else ""
    chosen = which(f"Which one{hint}?", names, names.index(best.label) if best is not None else None)
    if len(chosen) != 1:
        raise ConfigFault("Nothing was chosen.", remedy=f"Say which: hf:{found.name}:{names[0]}, for example.")
    return among[chosen[0]]
