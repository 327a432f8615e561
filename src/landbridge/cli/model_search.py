"""`landbridge models search`: repositories of Hugging Face with GGUF models, and what is here or in the catalogue."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from . import show
from .context import AsJson, ConfigFile, DataDir, places
from .tables import print_table

if TYPE_CHECKING:
    from ..engines.library import Library
    from ..engines.sources.hub import Hit

SHOWN = 6
"""Quantisations named in a row."""


def search(
    *words: str,
    limit: Annotated[int, Parameter(help="Most repositories to show.")] = 20,
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Search Hugging Face for GGUF models, those most downloaded first; and what is on this machine.

    Parameters
    ----------
    words
        What the name has in it: qwen coder 7b, for example.
    """
    from ..engines.library import Library
    from ..engines.sources.hub import search as ask
    from ..errors import ConfigFault, GatewayError

    if not words or limit < 1:
        raise ConfigFault("There is nothing to search for.", remedy="Say words: landbridge models search qwen coder")
    near = _near(Library(places(config, data_dir).data_dir / "models"), words)
    trouble = ""
    hits: list[Hit] = []
    try:
        hits = ask(" ".join(words), limit)
    except GatewayError as fault:
        trouble = fault.text
    if as_json:
        show.print_json({"here": near, "hub": [_row(hit) for hit in hits], "trouble": trouble})
    else:
        _print(near, hits)
        if any(row["state"] == "to import" for row in near):
            print("\n'landbridge models import NAME' uses what another program has.")
        if not near and not hits and not trouble:
            print(f"Nothing is called '{' '.join(words)}'.")
    if trouble:
        show.say(trouble)
    return 0 if hits or near or not trouble else show.FAILURE


def _near(library: Library, words: tuple[str, ...]) -> list[dict[str, str]]:
    """What the library, other programs and the catalogue have."""
    from ..engines.catalog import catalog
    from ..engines.elsewhere import find_all

    def fitting(text: str) -> bool:
        return all(word.lower() in text.lower() for each in words for word in each.split())

    mine = [{"name": name, "state": "installed", "about": ""} for name in library.names() if fitting(name)]
    here = {row["name"] for row in mine}
    known = [
        {"name": name, "state": "available", "about": f"{entry.title}. {entry.note}"}
        for name, entry in catalog().items()
        if name not in here and fitting(f"{name} {entry.title}")
    ]
    used = {model.path for model in library.sound()}
    theirs = [
        {"name": found.label, "state": "to import", "about": found.tool}
        for found in find_all(os.environ, Path.home())
        if found.path not in used and fitting(f"{found.label} {' '.join(found.names)}")
    ]
    return mine + theirs + known


def _row(hit: Hit) -> dict[str, Any]:
    from ..engines.sources.variants import HubFile, variants

    labels = [variant.label for variant in variants(HubFile(name) for name in hit.files)]
    return {
        "repository": hit.name,
        "source": f"hf:{hit.name}",
        "downloads": hit.downloads,
        "likes": hit.likes,
        "updated": hit.updated,
        "parameters": hit.parameters,
        "gated": hit.gated,
        "quantizations": labels,
    }


def _print(near: list[dict[str, str]], hits: list[Hit]) -> None:
    if near:
        print_table(("MODEL", "STATE", "ABOUT"), [tuple(row.values()) for row in near], last=("ABOUT",))
    if near and hits:
        print()
    if hits:
        columns = ("REPOSITORY", "DOWNLOADS", "LIKES", "UPDATED", "QUANTISATIONS")
        rows = [_cells(_row(hit)) for hit in hits]
        print_table(columns, rows, numbers=("DOWNLOADS", "LIKES"), last=("QUANTISATIONS",))
        print("\n'landbridge models pull hf:REPOSITORY' fetches one, and asks which quantisation.")


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    labels: list[str] = row["quantizations"]
    more = f" and {len(labels) - SHOWN} more" if len(labels) > SHOWN else ""
    gated = "terms to accept; " if row["gated"] else ""
    return (
        row["repository"],
        count_text(row["downloads"]),
        count_text(row["likes"]),
        row["updated"][:10],
        gated + ", ".join(labels[:SHOWN]) + more,
    )


def count_text(count: int) -> str:
    """Numbers as people say them."""
    if count < 1000:
        return str(count)
    return f"{count / 1e6:.1f}M" if count >= 999_500 else f"{count / 1e3:.0f}k"
