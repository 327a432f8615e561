"""`landbridge models list`: what is here, whether it runs and fits, and what can be fetched by name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import show
from .context import AsJson, ConfigFile, DataDir, load_context, places
from .progress import size_text
from .tables import print_table

if TYPE_CHECKING:
    from ..config import Config
    from ..manage.model_list import Row


def list_models(*, config: ConfigFile = None, data_dir: DataDir = None, as_json: AsJson = False) -> int:
    """Show the models of this machine, and those that can be fetched by name.

    FITS: whether a model runs here with the memory that is free now (yes, not now, no), or the context it would have.
    """
    from ..engines.library import Library
    from ..manage.model_list import rows as all_rows
    from .loaded import loaded

    library = Library(places(config, data_dir).data_dir / "models")
    settings = _settings(config, data_dir)
    rows = [_row(row) for row in all_rows(library, settings, loaded(settings))]
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


def _row(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "size": row.size,
        "quantization": row.quantization,
        "context": row.context,
        "fits": row.fit.fits,
        "state": _state(row),
        "source": row.source,
    }


def _state(row: Row) -> str:
    match row.kind:
        case "unusable":
            return f"unusable: {row.fault}"
        case "begun":
            return f"interrupted, {size_text(row.come)} have come"
        case "available":
            return "available"
    return "loaded" if row.state == "ready" else row.state or "installed"


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    size, context = size_text(row["size"]) if row["size"] else "", str(row["context"] or "")
    return row["name"], size, row["quantization"], context, row["fits"], row["state"], row["source"]
