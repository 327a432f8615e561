"""Which models a running router holds in memory. One that is not there, or does not say, holds none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ..engines.states import State
from ..errors import GatewayError
from ..manage.router import ENGINES, told, url_of
from .engine_table import Engines

if TYPE_CHECKING:
    from ..config import Config

WAIT = 1.0
"""Seconds it may take to answer; it is on this machine."""
IN_MEMORY = (State.STARTING, State.READY, State.DRAINING, State.STOPPING)
"""States in which an engine holds its model's file."""


def loaded(config: Config) -> dict[str, str]:
    """Name -> state, of each model in memory."""
    try:
        reply = told(url_of(config.listeners.router), "GET", ENGINES, timeout=WAIT)
        engines = msgspec.json.decode(reply, type=Engines).engines
    except (GatewayError, msgspec.DecodeError):
        return {}
    return {engine.name: engine.state for engine in engines if engine.state in IN_MEMORY}
