"""A model that is on this machine already: used where it is, never copied or changed."""

from __future__ import annotations

from pathlib import Path

from ...errors import ModelUnusable
from . import Report


def fetch(source: str, folder: Path, size: int | None, report: Report) -> Path:
    """The file's absolute path."""
    path = Path(source).expanduser().absolute()
    if not path.is_file():
        raise ModelUnusable(f"There is no file {path}.", remedy="Check the path.")
    return path
