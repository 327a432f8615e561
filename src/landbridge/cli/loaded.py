"""Which models a running router holds in memory. One that is not there, or does not say, holds none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from ..engines.states import State
from ..errors import GatewayError
from .router import ask, url_of

if TYPE_CHECKING:
    from ..config import Config

WAIT = 1.0
"""Seconds it may take to answer; it is on this machine."""
PATH = "/api/v1/engines"
IN_MEMORY = (State.STARTING, State.READY, State.DRAINING, State.STOPPING)
"""States in which an engine holds its model's file."""


class _Engine(Struct):
    name: str
    state: str = ""


class _Engines(Struct):
    engines: list[_Engine] = []


def loaded(config: Config) -> dict[str, str]:
    """Name -> state, of each model in memory."""
    try:
        reply = ask(url_of(config.listeners.router), "GET", PATH, timeout=WAIT)
        engines = msgspec.json.decode(reply.body, type=_Engines | list[_Engine])
    except (GatewayError, msgspec.DecodeError):
        return {}
    found = engines.engines if isinstance(engines, _Engines) else engines
    return {engine.name: engine.state for engine in found if engine.state in IN_MEMORY}
