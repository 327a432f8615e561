"""`landbridge models list`: what is here, whether it runs and fits, and what can be fetched by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import show
from .context import AsJson, ConfigFile, DataDir, load_context, places
from .progress import size_text
from .tables import print_table

if TYPE_CHECKING:
    from ..config import Config
    from ..engines.facts import Facts
    from ..engines.library import Library

Fits = Callable[[str, "Facts", int], str]


def list_models(*, config: ConfigFile = None, data_dir: DataDir = None, as_json: AsJson = False) -> int:
    """Show the models of this machine, and those that can be fetched by name.

    FITS: whether a model runs here with the memory that is free now (yes, not now, no), or the context it would have.
    """
    from ..engines.library import Library

    library = Library(places(config, data_dir).data_dir / "models")
    rows = _rows(library, _settings(config, data_dir))
    if as_json:
        show.print_json(rows)
        return 0
    columns = ("MODEL", "SIZE", "QUANT", "CONTEXT", "FITS", "STATE", "FROM")
    print_table(columns, map(_cells, rows), numbers=("SIZE", "CONTEXT"), last=("STATE", "FROM"))
    if any(row["state"] == "available" or row["state"].startswith("interrupted") for row in rows):
        print("\n'landbridge models pull NAME' fetches one.")
    return 0


def _settings(config: Path | None, data_dir: Path | None) -> Config:
    """The settings; the usual ones where they are wrong, because models can be seen all the same."""
    from ..config import Config
    from ..errors import ConfigFault

    try:
        return load_context(config, data_dir).config
    except ConfigFault:
        return Config()


def _rows(library: Library, config: Config) -> list[dict[str, Any]]:
    from .fits import fitter
    from .loaded import loaded

    fits = fitter(config)
    return [*_installed(library, loaded(config), fits), *_available(library, fits)]


def _installed(library: Library, in_memory: dict[str, str], fits: Fits) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for found in library.list():
        if isinstance(found, tuple):
            name, fault = found
            rows.append(_row(name, state=f"unusable: {fault.message}"))
            continue
        facts = found.facts
        beside = found.projector.stat().st_size if found.projector is not None else 0
        rows.append(
            _row(
                found.name,
                size=found.size,
                quantization=facts.quantization,
                context=facts.context_length,
                # What is in memory has taken what it needs, and has shown that it fits.
                fits="yes" if found.name in in_memory else fits(found.name, facts, beside),
                state=_loaded(in_memory.get(found.name)),
                source=f"{found.tool}: {found.source}" if found.tool else found.source,
            )
        )
    return rows


def _loaded(state: str | None) -> str:
    if state is None:
        return "installed"
    return "loaded" if state == "ready" else state


def _available(library: Library, fits: Fits) -> list[dict[str, Any]]:
    from ..engines.catalog import catalog
    from .fits import guessed

    here, begun = library.names(), library.interrupted()
    known = catalog()
    rows = [
        _row(
            name,
            size=entry.size,
            fits=fits(name, guessed(entry.size), 0),
            state=_come(begun.get(name)),
            source=entry.note,
        )
        for name, entry in known.items()
        if name not in here
    ]
    return rows + [_row(name, state=_come(size)) for name, size in begun.items() if name not in {*here, *known}]


def _come(come: int | None) -> str:
    return "available" if come is None else f"interrupted, {size_text(come)} have come"


def _row(
    name: str,
    *,
    size: int = 0,
    quantization: str = "",
    context: int = 0,
    fits: str = "",
    state: str = "",
    source: str = "",
) -> dict[str, Any]:
    return {
        "name": name,
        "size": size,
        "quantization": quantization,
        "context": context,
        "fits": fits,
        "state": state,
        "source": source,
    }


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    size, context = size_text(row["size"]) if row["size"] else "", str(row["context"] or "")
    return row["name"], size, row["quantization"], context, row["fits"], row["state"], row["source"]
