"""The keys that a router knows, and a copy of them in its data folder for a start without the database."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from ..store.location import Location
from .grant import Grant

FILE = "keys.json"
OWNER = "local"
"""Id of the router's own key."""
OWN_KEY = "own.key"
"""File in the data folder with that key, for the commands of this machine."""


class Known(Struct, frozen=True):
    """A key as it is stored."""

    grant: Grant
    hash: str
    used: float | None = None
    """When it was used last."""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[Known]).decode


def keep_copy(data_dir: Path, known: Sequence[Known]) -> None:
    """Write the copy, readable by its owner alone; remove it where there are no keys. Raises `OSError`."""
    path = data_dir / FILE
    if not known:
        path.unlink(missing_ok=True)
        return
    new = path.with_suffix(".new")
    number = os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(number, "wb") as file:
        file.write(_encode(known))
    new.replace(path)


def read_copy(data_dir: Path) -> list[Known]:
    """The keys in the copy; none where it cannot be read."""
    try:
        return _decode((data_dir / FILE).read_bytes())
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return []


def changed_file(location: Location) -> Path | None:
    """Written anew with each change of the keys; None where the database is shared."""
    return None if location.path is None else location.path.with_name(f"{location.path.name}.keys")


def own_key(data_dir: Path) -> str:
    """The router's own key; empty where there is none yet, or where it is not for us."""
    try:
        return (data_dir / OWN_KEY).read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""
