"""A model that is on this machine already: used where it is, never copied or changed."""

from __future__ import annotations

from pathlib import Path

from ...errors import ModelUnusable
from . import Fetched, Report, recorded, single


def fetch(source: str, folder: Path, size: int | None, report: Report) -> Fetched:
    """The file's absolute path."""
    path = Path(recorded(source))
    if not path.is_file():
        raise ModelUnusable(
            f"{path} is a folder." if path.is_dir() else f"There is no file {path}.", remedy="Check the path."
        )
    return single(path)
