"""The key that commands send to a router: `LANDBRIDGE_KEY`, else that of the router with the same data folder.

The latter goes to this machine and nowhere else, whatever URL a command was given.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from urllib.parse import urlsplit

from ..access.known import own_key

NO_KEY = "landbridge"
"""Sent where there is none: any word will do where no key is needed."""
_given: ContextVar[str] = ContextVar("given", default="")
_own: ContextVar[str] = ContextVar("own", default="")


def take_up(data_dir: Path, env: Mapping[str, str]) -> None:
    """Find the keys; they are sent from now on."""
    _given.set(env.get("LANDBRIDGE_KEY", "").strip())
    _own.set(own_key(data_dir))


def key_to(url: str) -> str:
    """What is sent to the router at `url`."""
    if given := _given.get():
        return given
    own = _own.get()
    return own if own and is_here(urlsplit(url).hostname or "") else NO_KEY


def is_here(host: str) -> bool:
    """Whether `host` is this machine: only its own addresses can be bound."""
    try:
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_DGRAM)
        for family, kind, proto, _, address in found:
            with socket.socket(family, kind, proto) as probe:
                probe.bind(address)
    except (OSError, UnicodeError):
        return False
    return bool(found)
