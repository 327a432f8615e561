"""The key that commands send to a router: `LANDBRIDGE_KEY`, else that of the router with the same data folder."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path

from ..access.known import own_key

NO_KEY = "landbridge"
"""Sent where there is none: any word will do where no key is needed."""
_key: ContextVar[str] = ContextVar("key", default=NO_KEY)


def take_up(data_dir: Path, env: Mapping[str, str]) -> None:
    """Find the key; it is sent from now on."""
    _key.set(env.get("LANDBRIDGE_KEY", "").strip() or own_key(data_dir) or NO_KEY)


def key() -> str:
    """The one that was found."""
    return _key.get()
