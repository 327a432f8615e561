"""`landbridge models search`: repositories of Hugging Face with GGUF models, and what is here or in the catalogue."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from . import show
from .context import AsJson, ConfigFile, DataDir, places
from .tables import print_table

if TYPE_CHECKING:
    from ..manage.model_search import Near, Repository

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
    from msgspec import to_builtins

    from ..engines.library import Library
    from ..manage.model_search import check_words
    from ..manage.model_search import search as find

    check_words(words, limit)
    found = find(Library(places(config, data_dir).data_dir / "models"), words, limit, os.environ, Path.home())
    if as_json:
        show.print_json(to_builtins(found))
    else:
        _print(found.here, found.hub)
        if any(row.state == "to import" for row in found.here):
            print("\n'landbridge models import NAME' uses what another program has.")
        if not found.here and not found.hub and not found.trouble:
            print(f"Nothing is called '{' '.join(words)}'.")
    if found.trouble:
        show.say(found.trouble)
    return 0 if found.hub or found.here or not found.trouble else show.FAILURE


def _print(near: list[Near], hits: list[Repository]) -> None:
    if near:
        rows = [(row.name, row.state, row.about) for row in near]
        print_table(("MODEL", "STATE", "ABOUT"), rows, last=("ABOUT",))
    if near and hits:
        print()
    if hits:
        columns = ("REPOSITORY", "DOWNLOADS", "LIKES", "UPDATED", "QUANTISATIONS")
        print_table(columns, map(_cells, hits), numbers=("DOWNLOADS", "LIKES"), last=("QUANTISATIONS",))
        print("\n'landbridge models pull hf:REPOSITORY' fetches one, and asks which quantisation.")


def _cells(row: Repository) -> tuple[str, ...]:
    labels = row.quantizations
    more = f" and {len(labels) - SHOWN} more" if len(labels) > SHOWN else ""
    gated = "terms to accept; " if row.gated else ""
    return (
        row.repository,
        count_text(row.downloads),
        count_text(row.likes),
        row.updated[:10],
        gated + ", ".join(labels[:SHOWN]) + more,
    )


def count_text(count: int) -> str:
    """Numbers as people say them."""
    if count < 1000:
        return str(count)
    return f"{count / 1e6:.1f}M" if count >= 999_500 else f"{count / 1e3:.0f}k"
